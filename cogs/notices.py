"""What could not be said when it happened is said privately after the person's next command, button or form."""

import logging
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.jobs.engine import Engine
from bot.ui import panels
from bot.ui.failures import CALL_ERRORS
from bot.ui.interactions import follow, is_thinking
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot

_log = logging.getLogger(__name__)

_NOTICE = "notice"  # key in `Interaction.extras`: a notice stands beside the answer, or was tried
_AT_A_TIME = 5  # requests in one notice; the next one tells of more


class Notices(commands.Cog):
    """Tells people of their undeliverable requests."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._telling: set[int] = set()  # who is being told now, by user id

    @commands.Cog.listener()
    async def on_app_command_completion(
        self, interaction: Interaction, _command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu
    ) -> None:
        """Tell whoever used a command or a menu, once it is answered."""
        await self.on_answered(interaction)

    @commands.Cog.listener()
    async def on_answered(self, interaction: Interaction) -> None:
        """Tell whoever pressed a button or sent a form, once it is answered."""
        follow(interaction)
        if interaction.user.id in self._telling or not _has_room(interaction):
            return
        self._telling.add(interaction.user.id)
        try:
            await self._tell(interaction)
        finally:
            self._telling.discard(interaction.user.id)

    async def _tell(self, interaction: Interaction) -> None:
        jobs = await self._engine.untold(interaction.user.id, _AT_A_TIME)
        if not jobs:
            return
        interaction.extras[_NOTICE] = True
        try:
            await interaction.followup.send(panels.undelivered(jobs), ephemeral=True)
        except CALL_ERRORS as error:
            _log.warning("user %s was not told of undeliverable jobs: %s", interaction.user.id, error)
            return
        # Only now: to be told twice is better than never.
        await self._engine.told([job.id for job in jobs])


def _has_room(interaction: Interaction) -> bool:
    """Whether a notice beside the answer is in nobody's way, and the first there."""
    answered = interaction.response.is_done()  # a follow-up without an answer is refused by Discord
    in_a_form = interaction.response.type is discord.InteractionResponseType.modal  # the person is busy with it
    # A follow-up beside "… is thinking" would take its place.
    return answered and not in_a_form and not is_thinking(interaction) and _NOTICE not in interaction.extras


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Notices(cast("EaselBot", bot).services.engine))
