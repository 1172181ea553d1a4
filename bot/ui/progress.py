"""The progress shown in the answer to a command: edited only when it reads differently, and not too often.

The latest state wins; whoever reports it never waits. Before an outcome may be written into the same message, `close`
makes sure that no edit is under way or will follow.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import DeliveryBlocked, DeliveryInterrupted, EaselError
from bot.jobs.job import Job
from bot.jobs.order import Origin

_log = logging.getLogger(__name__)

# Discord allows about 5 edits in 5 seconds through one interaction's token; the outcome needs room among them.
EDIT_EVERY = 2.0
_FIRST_EDIT_AFTER = 1.0  # a job that is done at once needs none
_LONGEST_JOB = 6 * 3600.0  # seconds in which the progress of a request in words is shown; it has no token that ends
_LOOK_EVERY = 60.0  # seconds between two looks for what may be forgotten
_WAIT_FOR_EDIT = 5.0  # seconds that an outcome waits for an edit under way before it breaks it off


@dataclass(frozen=True)
class Shown:
    """How a progress message looks: its words, and whether the job can still be cancelled with the button below."""

    content: str
    cancellable: bool = True


class ProgressBoard:
    """The progress of every job that is under way.

    Args:
        edit: writes a text into the answer to a job's interaction; raises `DeliveryError`.
        clock: paces the edits.
    """

    def __init__(self, edit: Callable[[Job, Shown], Awaitable[None]], clock: Clock) -> None:
        self._edit = edit
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._closed: dict[str, float] = {}  # by job, until when it could be shown: nothing else of it is kept
        self._next_look = 0.0

    def show(self, job: Job, wanted: Shown, *, already: Shown) -> None:
        """Have `wanted` shown soon, unless something newer comes first.

        Args:
            job: whose progress it is.
            wanted: what to show.
            already: what the answer says as long as nothing was shown here.
        """
        if job.id in self._closed or self._is_over(job):
            return
        line = self._line(job, already)
        line.wanted = wanted
        if not line.closed.is_set() and line.wanted != line.shown and line.task is None:
            line.task = asyncio.create_task(self._write(line), name=f"progress-{job.id}")

    async def close(self, job: Job) -> None:
        """Show nothing more for this job, even if it is reported; on return no edit is under way."""
        self._forget_expired()
        self._closed[job.id] = _ends_at(job)
        if (line := self._lines.get(job.id)) is None:
            return
        line.closed.set()
        if line.task is not None:
            await self._end(line.task, self._clock.now() + _WAIT_FOR_EDIT)
        self._lines.pop(job.id, None)

    async def stop(self) -> None:
        """Break off every edit."""
        for line in self._lines.values():
            line.closed.set()
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _line(self, job: Job, already: Shown) -> "_Line":
        if job.id not in self._lines:
            self._forget_expired()
            self._lines[job.id] = _Line(job, already, not_before=job.created_at + _FIRST_EDIT_AFTER)
        return self._lines[job.id]

    async def _write(self, line: "_Line") -> None:
        try:
            while line.wanted != line.shown:
                if await self._clock.wait(line.closed, line.not_before) or self._is_over(line.job):
                    return
                wanted = line.wanted
                told_to_wait = await self._try(line, wanted)
                line.shown = wanted
                line.not_before = self._clock.now() + max(EDIT_EVERY, told_to_wait)
        finally:
            line.task = None

    async def _try(self, line: "_Line", wanted: Shown) -> float:
        """Write it if that is possible. Returns the seconds for which Discord does not want to hear of it."""
        try:
            await self._edit(line.job, wanted)
        except DeliveryBlocked as error:
            _log.debug("the progress of job %s can no longer be shown: %s", line.job.id, error)
            line.closed.set()
        except DeliveryInterrupted as error:
            _log.debug("the progress of job %s was not shown: %s", line.job.id, error)
            return error.retry_after
        except EaselError as error:
            _log.debug("the progress of job %s was not shown: %s", line.job.id, error)
        return 0.0

    async def _end(self, task: asyncio.Task[None], until: float) -> None:
        ended = asyncio.Event()
        task.add_done_callback(lambda _: ended.set())
        if not await self._clock.wait(ended, until):
            task.cancel()
            await asyncio.wait([task])

    def _is_over(self, job: Job) -> bool:
        return self._clock.now() >= _ends_at(job)

    def _forget_expired(self) -> None:
        now = self._clock.now()
        if now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY
        for job_id in [job_id for job_id, line in self._lines.items() if line.task is None and self._is_over(line.job)]:
            del self._lines[job_id]
        for job_id in [job_id for job_id, until in self._closed.items() if now >= until]:
            del self._closed[job_id]


def _ends_at(job: Job) -> float:
    """From when nothing can be shown of it any more, Unix seconds."""
    if job.place.origin is Origin.MESSAGE:
        return job.created_at + _LONGEST_JOB
    return job.place.token_expires_at if job.place.token is not None else float("-inf")


class _Line:
    """What is shown of one job, and what should be."""

    def __init__(self, job: Job, shown: Shown, *, not_before: float) -> None:
        self.job = job
        self.shown = self.wanted = shown
        self.not_before = not_before
        self.closed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
