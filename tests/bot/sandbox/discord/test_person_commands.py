from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.discord.entities import MEBIBYTE, Channel
from bot.sandbox.discord.people import NotPossible, Person, Upload
from bot.sandbox.discord.permissions import Permission
from tests.bot.sandbox.discord.rest_client import Rest

IMAGINE: dict[str, Any] = {
    "name": "imagine",
    "description": "Paint",
    "options": [
        {
            "type": 3,
            "name": "prompt",
            "description": "x",
            "required": True,
            "min_length": 3,
            "max_length": 10,
        },
        {
            "type": 3,
            "name": "model",
            "description": "x",
            "choices": [{"name": "Nano Banana", "value": "banana"}, {"name": "Pro", "value": "pro"}],
        },
        {"type": 3, "name": "ratio", "description": "x", "autocomplete": True},
        {"type": 4, "name": "count", "description": "x", "min_value": 1, "max_value": 4},
        {"type": 10, "name": "strength", "description": "x", "max_value": 1},
        {"type": 5, "name": "private", "description": "x"},
        {"type": 11, "name": "image", "description": "x"},
        {"type": 6, "name": "whom", "description": "x"},
        {"type": 7, "name": "where", "description": "x", "channel_types": [0]},
        {"type": 8, "name": "role", "description": "x"},
        {"type": 9, "name": "anyone", "description": "x"},
    ],
}
HISTORY: dict[str, Any] = {
    "name": "history",
    "description": "Look back",
    "options": [
        {
            "type": 1,
            "name": "list",
            "description": "x",
            "options": [{"type": 4, "name": "page", "description": "x", "autocomplete": True}],
        },
        {
            "type": 2,
            "name": "of",
            "description": "x",
            "options": [{"type": 1, "name": "user", "description": "x"}],
        },
    ],
}


@pytest.fixture
async def ann(rest: Rest) -> Person:
    await register(rest, IMAGINE, HISTORY)
    return Person(rest.world, rest.person, rest.channel, record=rest.server.record)


async def register(rest: Rest, *definitions: dict[str, Any], guild: bool = False) -> None:
    scope = f"/guilds/{rest.guild.id}" if guild else ""
    answer = await rest.call("PUT", f"/applications/{rest.world.application.id}{scope}/commands", list(definitions))
    assert answer.status == 200, answer.body


def sent(rest: Rest) -> dict[str, Any]:
    """The last INTERACTION_CREATE."""
    return [data for event, data in rest.events if event == "INTERACTION_CREATE"][-1]


def options(rest: Rest) -> dict[str, Any]:
    return {option["name"]: option.get("value") for option in sent(rest)["data"]["options"]}


# What the client does not send


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "required"),
        ({"prompt": "hi"}, "3 to 10 characters"),
        ({"prompt": "x" * 11}, "3 to 10 characters"),
        ({"prompt": 5}, "takes text"),
        ({"prompt": "a cat", "colour": "red"}, "no option colour"),
        ({"prompt": "a cat", "model": "DALL-E"}, 'choose one of: "Nano Banana", "Pro"'),
        ({"prompt": "a cat", "count": 5}, "from 1 to 4"),
        ({"prompt": "a cat", "count": 0}, "from 1 to 4"),
        ({"prompt": "a cat", "count": 1.5}, "whole number"),
        ({"prompt": "a cat", "count": True}, "whole number"),
        ({"prompt": "a cat", "count": "two"}, "whole number"),
        ({"prompt": "a cat", "strength": 1.5}, "not 1.5"),
        ({"prompt": "a cat", "private": "yes"}, "True or False"),
        ({"prompt": "a cat", "image": "cat.png"}, "takes a file"),
        ({"prompt": "a cat", "whom": "alice"}, "does not take"),
    ],
)
async def test_options_the_client_refuses_never_reach_the_bot(
    rest: Rest, ann: Person, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotPossible, match=why):
        await ann.command("imagine", **given)
    assert rest.world.interactions == {}


async def test_a_file_over_the_upload_limit_is_refused_by_the_client(rest: Rest, ann: Person) -> None:
    with pytest.raises(NotPossible, match="too powerful"):
        await ann.command("imagine", prompt="a cat", image=b"x" * (10 * MEBIBYTE + 1))
    rest.guild.tier = 2
    await ann.command("imagine", prompt="a cat", image=b"x" * (10 * MEBIBYTE + 1))
    assert sent(rest)["attachment_size_limit"] == 50 * MEBIBYTE


async def test_a_thread_is_no_text_channel(rest: Rest, ann: Person) -> None:
    with pytest.raises(NotPossible, match="where does not take"):
        await ann.command("imagine", prompt="a cat", where=rest.guild.add_thread(rest.channel, "aside"))


async def test_a_command_that_is_not_registered_names_those_that_are(ann: Person) -> None:
    with pytest.raises(NotPossible, match="there are: history, imagine"):
        await ann.command("edit")


@pytest.mark.parametrize("name", ["history", "history all", "history of", "imagine now"])
async def test_a_subcommand_that_is_missing_or_unknown_is_refused(ann: Person, name: str) -> None:
    with pytest.raises(NotPossible):
        await ann.command(name)


async def test_commands_need_the_permission_to_use_them(rest: Rest, ann: Person) -> None:
    rest.channel.deny(rest.person, Permission.USE_APPLICATION_COMMANDS)
    with pytest.raises(NotPossible, match="may not use commands"):
        await ann.command("imagine", prompt="a cat")


async def test_a_command_for_managers_is_offered_to_managers_only(rest: Rest, ann: Person) -> None:
    manage = int(Permission.MANAGE_GUILD)
    await register(rest, {"name": "limits", "description": "x", "default_member_permissions": manage})
    with pytest.raises(NotPossible, match="not offered to ann"):
        await ann.command("limits")
    rest.guild.members[rest.person.id].roles.append(rest.guild.add_role("manager", Permission.MANAGE_GUILD))
    await ann.command("limits")


async def test_a_command_for_nobody_is_offered_to_administrators_only(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "purge", "description": "x", "default_member_permissions": 0})
    with pytest.raises(NotPossible):
        await ann.command("purge")
    await Person(rest.world, rest.guild.owner, rest.channel).command("purge")


async def test_a_command_for_servers_is_not_offered_in_the_direct_channel(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "usage", "description": "x", "contexts": [0]})
    with pytest.raises(NotPossible, match="not offered here"):
        await ann.at(rest.world.direct_channel(rest.person)).command("usage")


async def test_a_command_of_one_server_is_not_offered_elsewhere(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "local", "description": "x"}, guild=True)
    await ann.command("local")
    assert sent(rest)["data"]["guild_id"] == rest.guild.id
    elsewhere = rest.world.add_guild("Elsewhere")
    elsewhere.join(rest.person)
    with pytest.raises(NotPossible):
        await ann.at(elsewhere.add_channel("general")).command("local")


async def test_without_the_bot_a_command_needs_an_installation_by_the_user(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "anywhere", "description": "x", "integration_types": [0, 1], "contexts": [0, 1, 2]})
    elsewhere = rest.world.add_guild("Elsewhere", with_bot=False)
    elsewhere.join(rest.person)
    channel = elsewhere.add_channel("general")
    with pytest.raises(NotPossible, match="not offered here"):
        await ann.at(channel).command("anywhere")
    await Person(rest.world, rest.person, channel, installed=True).command("anywhere")
    assert sent(rest)["authorizing_integration_owners"] == {"1": rest.person.id}


async def test_an_app_of_ones_own_can_be_used_where_external_apps_may_not_speak_openly(rest: Rest) -> None:
    await register(rest, {"name": "anywhere", "description": "x", "integration_types": [1], "contexts": [0]})
    elsewhere = rest.world.add_guild("Elsewhere", with_bot=False)
    elsewhere.join(rest.person)
    channel = elsewhere.add_channel("general")
    channel.deny(rest.person, Permission.USE_EXTERNAL_APPS)
    use = await Person(rest.world, rest.person, channel, installed=True).command("anywhere")
    await rest.answer(rest.world.interactions[use.id], 4, {"content": "for everyone?"})
    assert use.ephemeral


# What it sends


async def test_values_go_out_in_the_order_of_the_definition_and_choices_as_their_value(rest: Rest, ann: Person) -> None:
    await ann.command("imagine", count=2, model="Nano Banana", prompt="a cat", private=True, strength=1)
    assert list(options(rest).items()) == [
        ("prompt", "a cat"),
        ("model", "banana"),
        ("count", 2),
        ("strength", 1),
        ("private", True),
    ]


async def test_an_option_with_suggestions_takes_free_text(rest: Rest, ann: Person) -> None:
    await ann.command("imagine", prompt="a cat", ratio="something of my own")
    assert options(rest)["ratio"] == "something of my own"


@pytest.mark.parametrize("kind", ["bytes", "upload", "path"])
async def test_a_file_is_an_ephemeral_attachment_that_the_bot_can_fetch(
    rest: Rest, ann: Person, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "my cat.png"
    path.write_bytes(b"miaow")
    files = {"bytes": b"miaow", "upload": Upload("my cat.png", b"miaow"), "path": path}
    await ann.command("imagine", prompt="a cat", image=files[kind])
    attachment = sent(rest)["data"]["resolved"]["attachments"][options(rest)["image"]]
    assert attachment["ephemeral"] is True
    assert attachment["filename"] == ("file.png" if kind == "bytes" else "my_cat.png")
    assert "/ephemeral-attachments/" in attachment["url"]
    async with rest.session.get(attachment["url"]) as answer:
        assert await answer.read() == b"miaow"


async def test_people_places_and_roles_are_resolved(rest: Rest, ann: Person) -> None:
    role = rest.guild.add_role("artist")
    stranger = rest.world.add_user("bob")
    given: dict[str, Any] = {"whom": stranger, "where": rest.channel, "role": role, "anyone": rest.person}
    await ann.command("imagine", prompt="a cat", **given)
    resolved = sent(rest)["data"]["resolved"]
    assert resolved["users"].keys() == {stranger.id, rest.person.id}
    assert resolved["members"].keys() == {rest.person.id}, "a stranger is no member"
    assert "user" not in resolved["members"][rest.person.id], "members are partial"
    assert resolved["channels"][rest.channel.id]["permissions"].isdigit()
    assert resolved["roles"][role.id]["name"] == "artist"


async def test_a_subcommand_stands_around_its_options(rest: Rest, ann: Person) -> None:
    await ann.command("history list", page=3)
    inner = [{"name": "page", "type": 4, "value": 3}]
    assert sent(rest)["data"]["options"] == [{"name": "list", "type": 1, "options": inner}]
    await ann.command("/history of user")
    innermost: list[Any] = [{"name": "user", "type": 1, "options": []}]
    assert sent(rest)["data"]["options"] == [{"name": "of", "type": 2, "options": innermost}]


async def test_in_a_server_there_is_a_member_and_no_user(rest: Rest, ann: Person) -> None:
    await ann.command("imagine", prompt="a cat")
    told = sent(rest)
    assert told["member"]["user"]["id"] == rest.person.id
    assert told["member"]["permissions"].isdigit()
    assert told["guild"]["id"] == told["guild_id"] == rest.guild.id
    assert (told["context"], told["authorizing_integration_owners"]) == (0, {"0": rest.guild.id})
    assert "user" not in told


async def test_in_the_direct_channel_there_is_a_user_and_nothing_of_a_server(rest: Rest, ann: Person) -> None:
    await ann.at(rest.world.direct_channel(rest.person)).command("imagine", prompt="a cat")
    told = sent(rest)
    assert told["user"]["id"] == rest.person.id
    assert (told["context"], told["authorizing_integration_owners"]) == (1, {"0": "0"})
    assert told["channel"]["type"] == 1
    assert told.keys().isdisjoint({"member", "guild", "guild_id", "guild_locale"})


async def test_between_two_people_the_app_is_a_guest(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "anywhere", "description": "x", "integration_types": [1], "contexts": [2]})
    bob = rest.world.add_user("bob")
    number = rest.world.snowflake()
    private = Channel(id=number, type=1, world=rest.world, recipients=[rest.person, bob], created_at=rest.clock.now())
    with pytest.raises(NotPossible, match="not offered here"):
        await ann.at(private).command("anywhere")
    await Person(rest.world, rest.person, private, installed=True).command("anywhere")
    told = sent(rest)
    assert (told["context"], told["authorizing_integration_owners"]) == (2, {"1": rest.person.id})
    assert int(told["app_permissions"]) & Permission.ATTACH_FILES
    assert not int(told["app_permissions"]) & Permission.SEND_MESSAGES


async def test_the_bots_own_permissions_in_the_channel_are_told(rest: Rest, ann: Person) -> None:
    rest.channel.deny(rest.world.application.bot, Permission.ATTACH_FILES)
    await ann.command("imagine", prompt="a cat")
    granted = int(sent(rest)["app_permissions"])
    assert not granted & Permission.ATTACH_FILES
    assert granted & Permission.SEND_MESSAGES


async def test_an_option_without_suggestions_suggests_nothing(ann: Person) -> None:
    with pytest.raises(NotPossible, match="no suggestions"):
        await ann.suggestions("imagine", focused="model")


async def test_a_context_menu_carries_its_target(rest: Rest, ann: Person) -> None:
    await register(rest, {"name": "Edit picture", "type": 3}, {"name": "Show usage", "type": 2})
    message = await ann.says("look", files=[b"miaow"])
    await ann.uses("Edit picture", message)
    data = sent(rest)["data"]
    assert data["target_id"] == message.id
    assert data["resolved"]["messages"][message.id]["attachments"][0]["size"] == 5
    await ann.uses("Show usage", rest.person)
    assert sent(rest)["data"]["resolved"]["users"].keys() == {rest.person.id}
