"""`/history`: what a person has asked for, with what became of it."""

from discord import app_commands
from discord.ext import commands

from bot.ui.commands import described
from bot.ui.history_panel import open_history
from bot.ui.places import Interaction


class History(commands.Cog):
    """What `/history` means."""

    @described
    @app_commands.command()
    async def history(self, interaction: Interaction) -> None:
        """Show what someone has asked for."""
        await open_history(interaction)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(History())
