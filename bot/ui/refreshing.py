"""Painting from pictures of an earlier request: Discord's addresses end after a day, so new ones are asked for.

A picture is asked for where it was posted: the bot's own in the message of its job, another's in the message that
asked for it in words. What was attached to a command lies in no message, and is lost with its address.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import discord

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.order import Origin, Reference, Role, pictures_among
from bot.jobs.store import Accepted
from bot.texts import Text
from bot.ui.acceptance import take
from bot.ui.drafts import keep_for_later, new_draft
from bot.ui.failures import CALL_ERRORS
from bot.ui.interactions import NOTHING, Extras, services_of
from bot.ui.leaving_out import unfit_mask
from bot.ui.pictures import has_expired, job_of_file, pictures_of
from bot.ui.places import Interaction, place_of
from bot.ui.posted import is_reachable, posted_message

_log = logging.getLogger(__name__)

LOOK_WITHIN = 5.0  # seconds for all messages together
_NEEDED_FOR = 900.0  # seconds that an address must live on, since a request may wait before it is fetched
_ANCESTORS = 50  # of a chain of requests, those among which the one that brought a picture is looked for


class ReferencesGone(Refusal):
    """Some pictures can no longer be fetched.

    Attributes:
        names: what they are called.
        kept: the references that are left.
    """

    def __init__(self, names: Sequence[str], kept: tuple[Reference, ...]) -> None:
        super().__init__(*(Text("references.gone", {"name": name}) for name in names))
        self.names = names
        self.kept = kept


async def take_again(interaction: Interaction, job: Job, *, private: bool) -> None:
    """Accept the same request once more; where a picture is lost or its mask unfit, offer the form without them.

    Args:
        interaction: a press that nobody has answered yet, but perhaps with "… is thinking".
        job: what is to be painted again.
        private: whether only this person may see what comes of it.
    """
    lost: list[ReferencesGone] = []
    unfit = unfit_mask(job)

    async def decision() -> Accepted:
        if unfit is not None:
            raise Refusal(unfit, Text("button.mask_unfit"))
        place = place_of(interaction, private=private)
        try:
            references = await refreshed(interaction, job, job.references)
        except ReferencesGone as error:
            lost.append(error)
            raise
        return await services_of(interaction).engine.again(job.id, place, references)

    async def regain(_: Exception) -> Extras:
        if not lost and unfit is None:
            return NOTHING
        kept = lost[0].kept if lost else job.pictures
        gone = len(job.pictures) - len(pictures_among(kept))
        draft = new_draft(
            interaction, job.request, kept, gone=gone, parent=job.id, private=private, spoiler=job.spoiler
        )
        return await keep_for_later(interaction, draft, [Text("form.left_out_mask")] if unfit is not None else [])

    await take(interaction, decision(), private=private, regain=regain)


async def refreshed(interaction: Interaction, job: Job, references: Sequence[Reference]) -> tuple[Reference, ...]:
    """The references, with addresses at which they can be fetched wherever the gateway has no copy any more.

    Args:
        interaction: who asks.
        job: whose references they are, or one that goes on from it.
        references: pictures, and perhaps a mask.

    Raises:
        ReferencesGone: some can be had nowhere.
        Refusal: Discord did not say in time.
    """
    now = services_of(interaction).clock.now()
    late = _expired(references, now + _NEEDED_FOR)
    if not late:
        return tuple(references)
    found, complete = await _look_up(interaction, job, late)
    fresh = tuple(
        replace(reference, source_url=found.get(_path(reference), reference.source_url)) for reference in references
    )
    if gone := _expired(fresh, now):
        if not complete:
            raise Refusal(*(Text("references.later", {"name": reference.name}) for reference in gone))
        raise ReferencesGone([reference.name for reference in gone], _without(fresh, gone))
    return fresh


def _expired(references: Sequence[Reference], at: float) -> list[Reference]:
    """Those that must be fetched, and cannot be."""
    mask = next((each for each in references if each.role is Role.MASK), None)
    first = next((each for each in references if each.role is Role.PICTURE), None)
    # A mask must match the first picture, which is then fetched, too, whatever the gateway has of it.
    again = first if mask is not None and not mask.is_there(at) else None
    return [
        each
        for each in references
        if has_expired(replace(each, uploaded_url=None, uploaded_until=None) if each is again else each, at)
    ]


def _without(references: Sequence[Reference], gone: Sequence[Reference]) -> tuple[Reference, ...]:
    """The others; a mask is of no use without the picture that it belongs to."""
    first = next((each for each in references if each.role is Role.PICTURE), None)
    return tuple(each for each in references if each not in gone and not (each.role is Role.MASK and first in gone))


async def _look_up(interaction: Interaction, job: Job, late: Sequence[Reference]) -> tuple[Mapping[str, str], bool]:
    """New addresses of pictures by their paths, and whether every message was looked at that could have one."""
    services = services_of(interaction)
    work = asyncio.create_task(_messages(interaction, job, late), name=f"refresh-{interaction.id}")
    ended = asyncio.Event()
    work.add_done_callback(lambda _: ended.set())
    try:
        if not await services.clock.wait(ended, services.clock.now() + LOOK_WITHIN):
            _log.warning("the pictures of job %s were not found in time", job.id)
            return {}, False
        messages, complete = await work
    finally:
        work.cancel()
    shown = (picture for message in messages for picture in pictures_of(message, None, 0.0))
    return {_path(picture): picture.source_url for picture in shown}, complete


async def _messages(
    interaction: Interaction, job: Job, late: Sequence[Reference]
) -> tuple[list[discord.Message], bool]:
    """The messages in which the pictures may be, and whether none was left out for a passing reason."""
    services = services_of(interaction)
    named = {name for reference in late if (name := job_of_file(reference.filename))}
    painted = [painter for name in sorted(named) if (painter := await services.engine.job(name)) is not None]
    wanted = [posted_message(interaction.client, each) for each in painted if is_reachable(each)]
    paths = {_path(reference) for reference in late}
    lineage = await services.records.lineage(job, _ANCESTORS)
    wanted += [
        _request_message(interaction.client, each)
        for each in (job, *lineage.ancestors)
        if each.place.origin is Origin.MESSAGE and paths & {_path(reference) for reference in each.references}
    ]
    outcomes = await asyncio.gather(*(message.fetch() for message in wanted), return_exceptions=True)
    messages: list[discord.Message] = []
    complete = True
    for outcome in outcomes:
        if not isinstance(outcome, BaseException):
            messages.append(outcome)
            answered = outcome.reference.resolved if outcome.reference else None
            messages += [answered] if isinstance(answered, discord.Message) else []
        elif isinstance(outcome, discord.NotFound | discord.Forbidden):
            _log.info("a picture of job %s is out of reach: %s", job.id, outcome)
        elif isinstance(outcome, CALL_ERRORS):
            _log.warning("a picture of job %s was not found: %s", job.id, outcome)
            complete = False
        else:
            raise outcome
    return messages, complete


def _request_message(client: discord.Client, job: Job) -> discord.PartialMessage:
    """The message that asked for a job in words."""
    channel = client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)
    return channel.get_partial_message(job.place.interaction_id)


def _path(reference: Reference) -> str:
    """What of an address stays the same, and is the file's own: it has the attachment's id. A name can be anybody's."""
    return urlsplit(reference.source_url).path
