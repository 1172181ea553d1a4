"""What becomes of a request that was not taken: it is kept as a draft, and a button opens its form again."""

import io
import logging
from collections.abc import Sequence
from dataclasses import replace

import discord
from discord import ui
from typing_extensions import override

from bot.errors import DatabaseFailed, Refusal
from bot.jobs.drafts import Draft
from bot.jobs.job import new_job_id
from bot.jobs.order import Reference
from bot.services import Services
from bot.texts import Text
from bot.toapis.schema import ImageRequest
from bot.ui import render
from bot.ui.forms import in_time, open_form
from bot.ui.interactions import Extras, services_of
from bot.ui.persistent_button import PersistentButton
from bot.ui.places import Interaction

_log = logging.getLogger(__name__)

_PROMPT_FILE = "prompt.txt"


class ReopenButton(PersistentButton, template=r"draft:(?P<draft_id>[^:]{1,80})"):
    """Opens the form of a draft again, for whoever filled it in."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(Text("form.reopen"), f"draft:{draft_id}", discord.ButtonStyle.primary)
        self.draft_id = draft_id

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Open a form with all that the draft holds, and a draft of its own."""
        draft = await in_time(interaction, services_of(interaction).drafts.draft(self.draft_id))
        if draft is None:
            raise Refusal(Text("form.reopen_gone"))
        if draft.user_id != interaction.user.id:
            raise Refusal(Text("form.reopen_not_yours"))
        await open_form(interaction, renewed(interaction, draft))


def new_draft(  # noqa: PLR0913 - all that a draft holds, by name
    interaction: Interaction,
    request: ImageRequest,
    references: Sequence[Reference] = (),
    *,
    gone: int = 0,
    parent: str | None = None,
    private: bool = False,
    spoiler: bool = False,
) -> Draft:
    """A draft of whoever made this interaction, not written down yet."""
    now = services_of(interaction).clock.now()
    return Draft(
        id=new_job_id(now),
        user_id=interaction.user.id,
        created_at=now,
        request=request,
        references=tuple(references),
        gone=gone,
        parent=parent,
        private=private,
        spoiler=spoiler,
    )


def renewed(interaction: Interaction, draft: Draft) -> Draft:
    """The same for another form, not written down yet."""
    now = services_of(interaction).clock.now()
    return replace(draft, id=new_job_id(now), created_at=now, claimed_by=None)


async def keep_for_later(interaction: Interaction, draft: Draft, told: Sequence[Text] = ()) -> Extras:
    """Keep what was not taken. Returns the way back to it: a button, or the prompt where it cannot be kept.

    Args:
        interaction: what was refused.
        draft: what the form begins with when it is opened again.
        told: what is not in it any more.
    """
    view = await kept(services_of(interaction), renewed(interaction, draft))
    if view is None:
        return prompt_back(draft.request.prompt)
    return Extras(line="\n".join(map(render.sentence, told)) or None, view=view)


async def kept(services: Services, draft: Draft) -> ui.View | None:
    """Write a new draft down. Returns the button that opens its form, or None if it cannot be kept, which is logged."""
    try:
        await services.drafts.keep(draft)
    except DatabaseFailed:
        _log.exception("the draft %s of user %s was not kept", draft.id, draft.user_id)
        return None
    view = ui.View(timeout=None).add_item(ReopenButton(draft.id))
    view.stop()  # discord.py would keep it for as long as it runs; the button is known to it anyway
    return view


def prompt_back(prompt: str) -> Extras:
    """The prompt, to be copied."""
    if not prompt.strip():
        return Extras()
    file = discord.File(io.BytesIO(prompt.encode("utf-8", "replace")), _PROMPT_FILE)
    return Extras(line=str(Text("form.text_back")), file=file)
