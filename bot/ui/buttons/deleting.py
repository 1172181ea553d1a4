"""The button that takes an outcome away."""

from contextlib import suppress

import discord
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.texts import Text
from bot.ui.buttons.job_button import JobButton
from bot.ui.interactions import services_of
from bot.ui.places import Interaction


class DeleteButton(JobButton, verb="delete", style=discord.ButtonStyle.danger):
    """Takes the outcome away, for its owner and for those who may manage messages."""

    @override
    async def hold(self, interaction: Interaction) -> None:
        """Acknowledge without a word."""
        await interaction.response.defer()

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Delete the message that carries the button."""
        if interaction.user.id != job.place.user_id and not interaction.permissions.manage_messages:
            raise Refusal(Text("button.not_yours"))
        if not interaction.response.is_done():
            await self.hold(interaction)
        with suppress(discord.NotFound):  # someone else was faster
            await interaction.delete_original_response()
        await services_of(interaction).engine.outcome_deleted(job.id)
