import re
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.sandbox.discord.conversation import SLASH_COMMAND
from bot.sandbox.discord.people import Person, Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from bot.ui.inert import length
from bot.ui.places import Interaction
from bot.ui.render import MAX_CONTENT
from tests.stage import Stage, open_stage
from tests.workshop import picture

COMMANDS = "/applications/{application_id}/commands"


async def help_of(person: Person) -> str:
    """What `/help` answers, after a look at who can read it."""
    answer = await (await person.command("help")).answer()
    assert answer.ephemeral
    return answer.content


def registered(name: str) -> app_commands.Command[Any, ..., Any]:
    """A command that another part of the bot might have."""

    async def unused(interaction: Interaction) -> None:
        await interaction.response.defer()

    return app_commands.Command(name=name, description=f"About {name}.", callback=unused)


async def ids_known(stage: Stage) -> None:
    """Wait until the bot has asked for the ids of its commands."""
    await stage.record.wait_for(lambda exchange: (exchange.method, exchange.route) == ("GET", COMMANDS), 30)
    await stage.settled()


async def test_help_lists_exactly_the_registered_commands_clickable_and_with_what_they_do(stage: Stage) -> None:
    await ids_known(stage)
    known = {
        f"- </{command.name}:{command.id}>: {command.definition['description']}"
        if command.type == SLASH_COMMAND
        else f"- {command.name}"
        for command in stage.world.commands[None].values()
    }
    shown = await help_of(stage.person())
    assert {line for line in shown.splitlines() if line.startswith("- ")} == known
    assert {"- Edit with Easel"} < known


async def test_without_ids_the_names_are_plain(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.fault(COMMANDS, method="GET", status=403, body={"code": 0, "message": "no"})
        await stage.start_bot()
        await ids_known(stage)
        shown = await help_of(stage.person())
        assert "- `/imagine`: Paint pictures from your words." in shown
        assert "</" not in shown


async def test_every_example_can_be_typed_and_is_painted(stage: Stage) -> None:
    ada = stage.person()
    shown = await help_of(ada)
    examples = re.findall(r"^`/(\w+) (.*?)`", shown, re.MULTILINE)
    assert len(examples) == 3
    for name, typed in examples:
        options: dict[str, str | Upload] = dict(re.findall(r"(\w+):(.*?)(?= \w+:|$)", typed))
        filled = {option: value or Upload("cat.png", picture()) for option, value in options.items()}
        await ada.command(name, **filled)
    await ada.waits_until(lambda: len([message for message in ada.sees() if message.files]) == 3, "three results")
    assert len(stage.gateway.tasks) == 3


@pytest.mark.parametrize("direct", [False, True])
async def test_what_is_said_of_words_can_be_said_and_is_painted(stage: Stage, direct: bool) -> None:
    ada = stage.stranger() if direct else stage.person()
    change, wish = sorted(re.findall("“(.*?)”", await help_of(ada)), key=len)
    assert stage.world.application.bot.mention in wish or direct
    said = await ada.says(wish)
    first = await stage.result(ada, after=said)
    assert "a red fox" in first.content
    assert "Nano Banana Pro · 16:9" in first.content
    second = await stage.result(ada, after=await ada.says(change, reply_to=first))
    assert "make it night" in second.content
    assert (await stage.job_of(second)).parent == (await stage.job_of(first)).id


async def test_where_easel_hears_nothing_no_words_are_promised(stage: Stage) -> None:
    ada, bob = stage.guest("ada"), stage.person("bob")
    stage.channel.deny(stage.world.application.bot, Permission.SEND_MESSAGES)
    for person in (ada, ada.at(stage.conversation(ada, bob)), bob):
        assert "Or in words" not in await help_of(person)


async def test_help_says_what_is_left(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=5, user_window_hours=12) as stage:
        await stage.start_bot()
        ada, bob = stage.person("ada"), stage.person("bob")
        await ada.command("imagine", prompt="a lighthouse", count=2)
        await stage.result(ada)
        left = {"limit": 5, "hours": "12", "left": 3}
        assert (await help_of(ada)).endswith(str(Text("help.allowance", left)))
        assert (await help_of(bob)).endswith(str(Text("help.allowance", {**left, "left": 5})))


async def test_help_works_in_direct_messages_without_what_works_in_servers_alone(stage: Stage) -> None:
    servers = registered("servers")
    servers.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
    stage.bot.tree.add_command(servers)
    assert "`/servers`: About servers." in await help_of(stage.person("bob"))
    shown = await help_of(stage.stranger("ada"))
    assert "/imagine" in shown
    assert "/servers" not in shown


async def test_a_command_for_managers_is_listed_to_managers_alone(stage: Stage) -> None:
    @app_commands.default_permissions(manage_guild=True)
    class Settings(app_commands.Group):
        """Groups are listed by what is in them."""

        @app_commands.command(description="Change a limit.")
        async def limit(self, interaction: Interaction) -> None:
            """Not called."""

    @app_commands.context_menu(name="Look closer")
    async def look(interaction: Interaction, message: discord.Message) -> None:
        """Not called."""

    stage.bot.tree.add_command(Settings(name="settings"))
    stage.bot.tree.add_command(look)
    ada, bob = stage.person("ada"), stage.person("bob")
    stage.guild.members[ada.user.id].roles.append(stage.guild.add_role("Managers", permissions=Permission.MANAGE_GUILD))
    assert "- `/settings limit`: Change a limit." in await help_of(ada)
    shown = await help_of(bob)
    assert "/settings" not in shown
    assert "- Look closer" in shown


async def test_whoever_brings_the_bot_along_is_told_of_nothing_that_needs_it_in_the_server(stage: Stage) -> None:
    members = registered("members")
    members.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    stage.bot.tree.add_command(members)
    ada = stage.guest()
    assert "/members" not in await help_of(ada)
    assert "/members" in await help_of(stage.person("bob"))


async def test_between_people_nothing_is_listed_that_is_for_servers(stage: Stage) -> None:
    members = registered("members")
    members.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    stage.bot.tree.add_command(members)
    ada, bob = stage.guest("ada"), stage.person("bob")
    shown = await help_of(ada.at(stage.conversation(ada, bob)))
    assert "/imagine" in shown
    assert "/members" not in shown
    assert "/members" in await help_of(stage.stranger("cyd"))


async def test_a_command_for_administrators_is_listed_to_them_alone(stage: Stage) -> None:
    secret = registered("secret")
    secret.default_permissions = discord.Permissions.none()
    stage.bot.tree.add_command(secret)
    ada, bob = stage.person("ada"), stage.person("bob")
    everything = stage.guild.add_role("Administrators", permissions=Permission.ADMINISTRATOR)
    stage.guild.members[ada.user.id].roles.append(everything)
    assert "/secret" in await help_of(ada)
    assert "/secret" not in await help_of(bob)


async def test_what_somebody_brings_along_is_listed_whatever_managers_keep_to_themselves(stage: Stage) -> None:
    managed = registered("managed")
    managed.default_permissions = discord.Permissions(manage_guild=True)
    stage.bot.tree.add_command(managed)
    assert "/managed" in await help_of(stage.guest("ada"))
    assert "/managed" not in await help_of(stage.person("bob"))


async def test_more_commands_than_fit_are_counted_and_the_rest_stays(stage: Stage) -> None:
    for number in range(70):
        stage.bot.tree.add_command(registered(f"command{number}"))
    commands = len(stage.bot.tree.get_commands(type=discord.AppCommandType.chat_input))
    shown = await help_of(stage.person())
    listed = len(re.findall(r"^- ", shown, re.MULTILINE))
    assert length(shown) <= MAX_CONTENT
    assert 5 < listed < commands
    assert re.search(r"… and \d+ more\.", shown)
    assert shown.splitlines()[-1].startswith("You can have")
