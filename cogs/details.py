"""The menu of a message, "Image details": everything about a picture that Easel has made."""

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands
from typing_extensions import override

from bot.errors import Refusal
from bot.services import Services
from bot.texts import Text
from bot.ui.deadlines import in_good_time
from bot.ui.detailing import show_details
from bot.ui.details import may_see
from bot.ui.going_on import job_shown_in
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot


class Details(commands.Cog):
    """What "Image details" means."""

    def __init__(self, bot: commands.Bot, services: Services) -> None:
        self._bot = bot
        self._services = services
        self._menu = app_commands.ContextMenu(name=str(Text("menu.details")), callback=self.image_details)

    @override
    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._menu)

    @override
    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def image_details(self, interaction: Interaction, message: discord.Message) -> None:
        """Tell what is known about a message, if it shows a request or what became of it."""
        job = await in_good_time(interaction, job_shown_in(interaction.client, self._services, message))
        if job is None or not may_see(job, interaction.user.id):
            raise Refusal(Text("details.none"))
        await show_details(interaction, job)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Details(bot, cast("EaselBot", bot).services))
