"""Looking at what was posted: whether the message is still there, and where its first picture can be seen now.

The addresses in Discord's messages end after a day, so that each look asks for new ones. Nothing here may keep a panel
from being shown: what cannot be had in time is left out.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.clock import Clock
from bot.jobs.job import Job, JobState
from bot.ui.failures import CALL_ERRORS
from bot.ui.pictures import pictures_of
from bot.ui.posted import is_reachable, posted_message

_log = logging.getLogger(__name__)

LOOK_WITHIN = 3.0  # seconds for all messages of a page together
_LONGEST = 2048  # characters of an address in a component; source: Discord's API, "Unfurled Media Item"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What can be seen of a job's outcome.

    Attributes:
        picture: where the first picture can be fetched now, if anywhere.
        gone: whether its message is certainly no longer there.
    """

    picture: str | None = None
    gone: bool = False


async def look(client: discord.Client, clock: Clock, jobs: Sequence[Job]) -> Mapping[str, Sight]:
    """What can be seen of these jobs' outcomes, by job id."""
    looks = {job.id: asyncio.create_task(_posted(client, job)) for job in jobs if _shows_pictures(job)}
    if looks:
        ended = asyncio.Event()
        everything = asyncio.gather(*looks.values(), return_exceptions=True)
        everything.add_done_callback(lambda _: ended.set())
        if not await clock.wait(ended, clock.now() + LOOK_WITHIN):
            for task in looks.values():
                task.cancel()
        await everything
    return {job.id: _sight(job, looks.get(job.id), clock.now()) for job in jobs}


def _shows_pictures(job: Job) -> bool:
    return job.state is JobState.DELIVERED and is_reachable(job)


async def _posted(client: discord.Client, job: Job) -> Sight:
    """What the message shows."""
    try:
        message = await posted_message(client, job).fetch()
    except discord.NotFound:
        return Sight(gone=True)
    shown = pictures_of(message, None, 0.0)
    return Sight(picture=shown[0].source_url if shown else None)


def _sight(job: Job, looked: "asyncio.Task[Sight] | None", now: float) -> Sight:
    seen = Sight()
    if looked is not None and not looked.cancelled():
        error = looked.exception()
        if error is None:
            seen = looked.result()
        elif isinstance(error, CALL_ERRORS):
            _log.info("the outcome of job %s cannot be looked at: %s", job.id, error)
        else:
            _log.error("the outcome of job %s cannot be looked at", job.id, exc_info=error)
    if seen.picture is not None or job.state is not JobState.DELIVERED:
        return seen
    living = (original.url for original in job.originals if original.until > now)
    return Sight(picture=next((url for url in living if _is_showable(url)), None), gone=seen.gone)


def _is_showable(url: str) -> bool:
    """Whether Discord takes the address; for one that it does not, it would refuse the whole page."""
    return url.startswith(("http://", "https://")) and len(url) <= _LONGEST
