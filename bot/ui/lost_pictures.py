"""Pictures of a draft that can no longer be had: Discord's address has ended, or the message with them was deleted."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from bot.jobs.drafts import Draft
from bot.jobs.order import Reference, mask_among
from bot.ui.deadlines import is_in_time
from bot.ui.interactions import services_of
from bot.ui.pictures import has_copy, has_expired, job_of_file
from bot.ui.places import Interaction
from bot.ui.posted import is_deleted


def is_gone(reference: Reference, now: float) -> bool:
    """Whether the picture can surely not be fetched any more; `now` is in Unix seconds."""
    return not reference.source_url or has_expired(reference, now)


async def without_lost(interaction: Interaction, draft: Draft, until: float) -> Draft:
    """The draft with those of its pictures that live, and the number of the others; a mask goes with its picture.

    Args:
        interaction: a command or a click that nobody has answered yet.
        draft: not written down yet.
        until: Unix seconds; what Discord has not said by then is taken to be there.
    """
    deleted = await _deleted(interaction, draft, until)
    now = services_of(interaction).clock.now()
    pictures = tuple(each for each in draft.pictures if each not in deleted and not is_gone(each, now))
    mask = mask_among(draft.references)
    # A mask belongs to the first picture, and to no other.
    fits = mask is not None and not is_gone(mask, now) and pictures[:1] == draft.pictures[:1]
    gone = draft.gone + len(draft.pictures) - len(pictures)
    return replace(draft, references=(*pictures, mask) if mask and fits else pictures, gone=gone)


async def _deleted(interaction: Interaction, draft: Draft, until: float) -> Collection[Reference]:
    """The pictures of the outcome that the draft goes on from, if they went with its message."""
    clock = services_of(interaction).clock
    now = clock.now()
    own = [each for each in draft.pictures if job_of_file(each.filename) == draft.parent]
    posted = [each for each in own if not has_copy(each, now) and not is_gone(each, now)]
    if draft.parent is None or not posted:
        return ()
    looking = asyncio.create_task(_is_deleted(interaction, draft.parent), name=f"look-{interaction.id}")
    try:
        return posted if await is_in_time(looking, clock, until) and await looking else ()
    finally:
        looking.cancel()


async def _is_deleted(interaction: Interaction, job_id: str) -> bool:
    job = await services_of(interaction).engine.job(job_id)
    if job is None or job.message_id in _shown_with(interaction):
        return False
    return await is_deleted(interaction.client, job)


def _shown_with(interaction: Interaction) -> Collection[int]:
    """The messages that Discord has just shown to be there: that of the button, or that of the menu."""
    target = cast("dict[str, Any]", interaction.data or {}).get("target_id")
    return {*([interaction.message.id] if interaction.message else ()), *([int(target)] if target else ())}
