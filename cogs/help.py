"""`/help`: what Easel does, how to ask for it, and what this person can use here."""

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.jobs.engine import Engine
from bot.texts import Text
from bot.ui import panels
from bot.ui.commands import described
from bot.ui.deadlines import in_good_time
from bot.ui.failures import CALL_ERRORS
from bot.ui.interactions import say_privately
from bot.ui.places import Interaction, may_post

if TYPE_CHECKING:
    from bot.client import EaselBot

_log = logging.getLogger(__name__)

_Tree: TypeAlias = app_commands.CommandTree[discord.Client]
_Command: TypeAlias = app_commands.Command[Any, ..., Any]
_Root: TypeAlias = _Command | app_commands.Group | app_commands.ContextMenu


class Help(commands.Cog):
    """What `/help` means."""

    def __init__(self, engine: Engine, tree: _Tree) -> None:
        self._engine = engine
        self._tree = tree
        self._ids: dict[str, int] = {}  # of the slash commands, once Discord has named them

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Learn the commands' ids, which make their names clickable."""
        if self._ids:
            return
        try:
            known = await self._tree.fetch_commands()
        except CALL_ERRORS as error:
            _log.warning("the ids of the commands are not known: %s", error)
            return
        self._ids = {command.name: command.id for command in known if command.type is discord.AppCommandType.chat_input}

    @described
    @app_commands.command()
    async def help(self, interaction: Interaction) -> None:
        """Tell someone what Easel can do."""
        used = await in_good_time(interaction, self._engine.usage(interaction.user.id))
        usable = [root for root in self._tree.get_commands() if _is_offered(interaction, root.to_dict(self._tree))]
        listed = [
            panels.Entry(name=self._shown(command), description=command.description)
            for root in usable
            for command in _slash_commands(root)
        ]
        menus = [panels.Entry(name=root.name) for root in usable if isinstance(root, app_commands.ContextMenu)]
        await say_privately(interaction, panels.guide(listed, menus, _in_words(interaction), used))

    def _shown(self, command: _Command) -> str:
        known = self._ids.get((command.root_parent or command).name)
        return f"</{command.qualified_name}:{known}>" if known else f"`/{command.qualified_name}`"


def _slash_commands(root: _Root) -> Iterator[_Command]:
    if isinstance(root, app_commands.Command):
        yield root
    elif isinstance(root, app_commands.Group):
        yield from (command for command in root.walk_commands() if isinstance(command, app_commands.Command))


def _in_words(interaction: Interaction) -> Text | None:
    """How to ask without a command: only where the bot hears what is said, and can answer."""
    bot = interaction.client.user
    if bot is None or not may_post(interaction):
        return None
    return Text("help.words_direct") if interaction.guild_id is None else Text("help.words", {"bot": bot.mention})


def _is_offered(interaction: Interaction, definition: Mapping[str, Any]) -> bool:
    """Whether Discord offers a command with this definition to this person here.

    Source: Discord's API documentation, "Application Commands" (contexts; integration types, by default those of
    servers; default permissions, of which 0 means administrators alone). What the server's own settings add to it is
    not told to bots.
    """
    contexts, installs = definition.get("contexts"), definition.get("integration_types") or [0]
    if contexts is not None and not set(contexts) & set(interaction.context.to_array()):
        return False
    if contexts is None and interaction.guild_id is None and definition.get("dm_permission") is False:
        return False
    by_guild = interaction.context.dm_channel or interaction.is_guild_integration()
    if not ((0 in installs and by_guild) or (1 in installs and interaction.is_user_integration())):
        return False
    needed = definition.get("default_member_permissions")
    # What somebody brings along to a server is theirs to use, whatever the server's managers keep to themselves.
    if needed is None or not interaction.is_guild_integration():
        return True
    granted = interaction.permissions
    return granted.administrator or (needed != 0 and discord.Permissions(needed) <= granted)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Help(cast("EaselBot", bot).services.engine, bot.tree))
