"""The button that tells everything about a request."""

from typing_extensions import override

from bot.jobs.job import Job
from bot.ui.buttons.job_button import JobButton
from bot.ui.detailing import show_details
from bot.ui.places import Interaction


class DetailsButton(JobButton, verb="details"):
    """Tells what was asked, what became of it and what it cost, to whoever presses it."""

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Answer privately."""
        await show_details(interaction, job)
