"""The button that cancels a job, below its progress from the first acknowledgement until the outcome is on its way."""

import logging

from discord import ui
from typing_extensions import override

from bot.jobs.cancelling import Withdrawal
from bot.jobs.job import Job
from bot.texts import Text
from bot.ui.failures import CALL_ERRORS
from bot.ui.interactions import services_of
from bot.ui.persistent_button import PersistentButton
from bot.ui.places import TOKEN_LIFETIME, Interaction

_log = logging.getLogger(__name__)


class CancelButton(PersistentButton, template=r"cancel:(?P<job_id>[^:]{1,80})"):
    """Cancels the job, for whoever asked for it: it is their allowance."""

    def __init__(self, job_id: str) -> None:
        super().__init__(Text("button.cancel"), f"cancel:{job_id}")
        self.job_id = job_id

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Cancel; what is said in place of the progress goes through the engine, so that it survives a restart."""
        acknowledged = await acknowledge(interaction)
        withdrawal = Withdrawal(
            user_id=interaction.user.id,
            token=interaction.token if acknowledged else None,
            token_expires_at=interaction.created_at.timestamp() + TOKEN_LIFETIME,
            message_id=interaction.message.id if interaction.message else None,
        )
        await services_of(interaction).engine.cancel(self.job_id, withdrawal)


async def acknowledge(interaction: Interaction) -> bool:
    """Say that the click arrived, which shows nothing yet. Returns whether Discord heard it.

    The wish to cancel stands either way.
    """
    try:
        await interaction.response.defer()
    except CALL_ERRORS as error:
        _log.warning("the click %s may not have been acknowledged: %s", interaction.id, error)
        return False
    return True


def progress_buttons(job: Job) -> ui.View:
    """The row below the progress of a job.

    A view that is stopped is sent like any other, but discord.py keeps nothing of it; `CancelButton` itself is known to
    the client from its start.
    """
    view = ui.View(timeout=None).add_item(CancelButton(job.id))
    view.stop()
    return view
