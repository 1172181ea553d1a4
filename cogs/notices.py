"""What could not be said when it happened is said privately after the person's next command."""

import logging
from typing import TYPE_CHECKING, Any, cast

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
        """Tell whoever used a command, once it is answered."""
        follow(interaction)
        # A follow-up beside "… is thinking" would take its place, and one without an answer is refused by Discord.
        if interaction.user.id in self._telling or is_thinking(interaction) or not interaction.response.is_done():
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
        try:
            await interaction.followup.send(panels.undelivered(jobs), ephemeral=True)
        except CALL_ERRORS as error:
            _log.warning("user %s was not told of undeliverable jobs: %s", interaction.user.id, error)
            return
        # Only now: to be told twice is better than never.
        await self._engine.told([job.id for job in jobs])


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Notices(cast("EaselBot", bot).services.engine))
