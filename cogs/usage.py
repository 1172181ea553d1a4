"""`/usage`: what is left of the allowances, and when it comes back."""

from typing import TYPE_CHECKING, cast

from discord import app_commands
from discord.ext import commands

from bot.jobs.engine import Engine
from bot.ui import panels
from bot.ui.commands import described
from bot.ui.deadlines import in_good_time
from bot.ui.interactions import say_privately
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot


class UsageCog(commands.Cog, name="Usage"):
    """What `/usage` means."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @described
    @app_commands.command()
    async def usage(self, interaction: Interaction) -> None:
        """Tell someone what is left of their allowances."""
        used = await in_good_time(interaction, self._engine.usage(interaction.user.id))
        await say_privately(interaction, panels.usage(used, self._engine.closed))


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(UsageCog(cast("EaselBot", bot).services.engine))
