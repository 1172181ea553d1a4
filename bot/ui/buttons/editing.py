"""The button that opens the form with all that a request was, to be changed."""

from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.preferences import Preferences
from bot.texts import Text
from bot.toapis.typed import Typed
from bot.ui.buttons.choosing import chosen
from bot.ui.buttons.job_button import JobButton
from bot.ui.buttons.painting import is_upscale
from bot.ui.drafts import new_draft
from bot.ui.forms import MOST_PICTURES, open_form
from bot.ui.going_on import usual_after
from bot.ui.leaving_out import unfit_mask
from bot.ui.places import Interaction


class EditButton(JobButton, verb="edit"):
    """Opens the form with the same words, to work from the pictures of the outcome; below a failure, from its own.

    What was only made larger was asked for in no words of a person's.
    """

    @override
    async def hold(self, interaction: Interaction) -> None:
        """Say that no form can be opened: it must be the first answer."""
        raise Refusal(Text("form.busy"))

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Open it, for whoever pressed."""
        pictures = await chosen(interaction, self, job, several=True)
        if pictures is None:
            return
        kept = pictures[:MOST_PICTURES]
        words = Typed(prompt="" if is_upscale(job) else job.request.prompt)
        mask_lost = not kept and unfit_mask(job) is not None
        draft = new_draft(
            interaction,
            words.request(usual_after(job, Preferences())) if kept else job.request,
            kept or (job.pictures if mask_lost else job.references),
            parent=job.id,
            private=await self.is_private(interaction, job),
            spoiler=job.spoiler,
        )
        await open_form(interaction, draft, left_out=len(pictures) - len(kept), mask_lost=mask_lost)
