"""A small bot on hikari, a library that shares no code with discord.py; run by `test_hikari.py` in its own environment.

Usage: hikari_client.py REST_URL, with the token in DISCORD_TOKEN.
"""

# hikari is installed in its own environment only, so the checks of this one cannot know its types.
# pyright: basic, reportMissingImports=false

import os
import sys

import hikari
from hikari.commands import CommandOption, OptionType
from hikari.impl import AutocompleteChoiceBuilder


def make_bot(rest_url: str, token: str) -> hikari.GatewayBot:
    bot = hikari.GatewayBot(token, rest_url=rest_url, banner=None, logs="WARNING", suppress_optimization_warning=True)

    @bot.listen()
    async def register(_: hikari.StartedEvent) -> None:
        me = await bot.rest.fetch_my_user()
        command = bot.rest.slash_command_builder("shout", "Upper-case a text file")
        command.add_option(
            CommandOption(type=OptionType.ATTACHMENT, name="file", description="The file", is_required=True)
        )
        command.add_option(CommandOption(type=OptionType.STRING, name="ending", description="!", autocomplete=True))
        await bot.rest.set_application_commands(me.id, [command])

    @bot.listen()
    async def used(event: hikari.InteractionCreateEvent) -> None:
        interaction = event.interaction
        if isinstance(interaction, hikari.CommandInteraction):
            await shout(interaction)
        elif isinstance(interaction, hikari.AutocompleteInteraction):
            endings = [AutocompleteChoiceBuilder(name, value) for name, value in (("Loud", "!"), ("Louder", "!!!"))]
            await interaction.create_response(endings)
        elif isinstance(interaction, hikari.ComponentInteraction):
            update = hikari.ResponseType.MESSAGE_UPDATE
            await interaction.create_initial_response(update, "pressed", components=[])

    async def shout(interaction: hikari.CommandInteraction) -> None:
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        options = {option.name: option.value for option in interaction.options or ()}
        file = interaction.resolved.attachments[hikari.Snowflake(options["file"])]
        shouted = (await file.read()).decode().upper() + str(options.get("ending", ""))
        row = bot.rest.build_message_action_row()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "again", label="Again")
        await interaction.edit_initial_response("done", attachment=hikari.Bytes(shouted, "out.txt"), component=row)
        await interaction.execute("for you alone", flags=hikari.MessageFlag.EPHEMERAL)

    return bot


if __name__ == "__main__":
    make_bot(sys.argv[1], os.environ["DISCORD_TOKEN"]).run()
