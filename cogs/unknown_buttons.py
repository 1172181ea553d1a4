"""Buttons that nobody answers to: of another version of Easel, or forged."""

from typing import Any, cast

import discord
from discord.ext import commands

from bot.errors import Refusal
from bot.texts import Text
from bot.ui.interactions import answering
from bot.ui.persistent_button import PersistentButton
from bot.ui.places import Interaction


class UnknownButtons(commands.Cog):
    """What is said of them."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Say that it is not known, in place of Discord's "This interaction failed"."""
        if interaction.type is not discord.InteractionType.component:
            return
        data = cast("dict[str, Any]", interaction.data or {})
        if not PersistentButton.is_known(str(data.get("custom_id"))):
            async with answering(interaction):
                raise Refusal(Text("button.unknown"))


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(UnknownButtons())
