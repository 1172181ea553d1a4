"""One job's way from the state it is written in to its end. Started anew after a restart, it goes on from there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.errors import (
    DatabaseFailed,
    DeliveryBlocked,
    DeliveryInterrupted,
    DownloadError,
    EaselError,
    GatewayError,
    ImageError,
)
from bot.jobs.delivering import Deliverer
from bot.jobs.job import ACTIVE_JOBS, Job, JobState, TaskState
from bot.jobs.order import Route
from bot.jobs.painting import Painting
from bot.jobs.polling import Durations
from bot.jobs.ports import Delivery
from bot.jobs.progress import Tracker
from bot.jobs.references import Rehoster
from bot.jobs.store import JobCancelled, Store
from bot.jobs.submission import Submission
from bot.log import job_context
from bot.pauses import spread
from bot.texts import Text

_log = logging.getLogger(__name__)

_ACKNOWLEDGED_WITHIN = 20.0  # seconds from acceptance; Discord itself allows 3
_DATABASE_PAUSE = 15.0  # seconds at least until a job is gone on with after the database failed
_REFERENCE_ERRORS = (DownloadError, ImageError, GatewayError)
_TIDY_PAUSES = (1.0, 5.0, 20.0, 60.0, 300.0, 900.0)  # seconds at least after each try; the rest is the next start's


@dataclass(frozen=True)
class Signals:
    """What whoever works on a job is told from outside.

    Attributes:
        acknowledged: it is known how the request was answered.
        cancelled: the job is written as cancelled.
    """

    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """Moves jobs on."""

    store: Store
    clock: Clock
    durations: Durations
    submission: Submission
    painting: Painting
    rehoster: Rehoster
    deliverer: Deliverer
    delivery: Delivery
    job_timeout: float

    async def run(self, job: Job, signals: Signals) -> None:
        """Bring the job to its end."""
        with job_context(job.id):
            while True:
                try:
                    job = await self._fresh(job.id)
                    if job.state is JobState.CANCELLED:
                        return await self._wind_up(job)
                    if await _unless(signals.cancelled, self._run(job, signals.acknowledged)):
                        return None
                except DatabaseFailed:
                    # What is written stands, so the job goes on from there, as after a restart.
                    pause = spread(_DATABASE_PAUSE)
                    _log.exception("the database failed; this job is gone on with in %.1f s", pause)
                    await self.clock.wait(None, self.clock.now() + pause)
                except Exception as error:  # noqa: BLE001 - a defect in one job must not become silence for its person
                    if isinstance(error, JobCancelled) and job.state is not JobState.CANCELLED:
                        continue  # what is written says so, and what is left to do follows from it
                    _log.exception("a defect ended the work on this job")
                    return await self._rescue(job.id)

    async def _run(self, job: Job, acknowledged: asyncio.Event) -> None:
        tracker = Tracker(job, acknowledged, self.delivery, self.durations, self.clock)
        following = asyncio.create_task(tracker.follow())
        try:
            if job.state in {JobState.ACCEPTED, JobState.REHOSTING}:
                job = await self._rehost(job, tracker)
            if job.state is JobState.PAINTING:
                # Counted from now: time in which the program did not run is nobody's waiting time.
                job = await self._paint(job, tracker, self.clock.now() + self.job_timeout)
        finally:
            following.cancel()
        if job.state is JobState.DELIVERING:
            await self.clock.wait(acknowledged, job.created_at + _ACKNOWLEDGED_WITHIN)
            if job.failure is None and job.delivering_route is None:  # else the outcome may be in place of the progress
                await tracker.delivering()
            job = await self.deliverer.deliver(await self._fresh(job.id))
        await self._tidy(job)

    async def _rehost(self, job: Job, tracker: Tracker) -> Job:
        if job.references:
            if job.state is JobState.ACCEPTED:
                job = await self.store.move(job.id, JobState.REHOSTING)
            try:
                await self.rehoster.rehost(job, tracker.rehosted_one)
            except _REFERENCE_ERRORS as error:
                _log.warning("the references could not be re-hosted: %s", error)
                self.submission.till.noticed(error)
                return await self._give_up(job, error.text)
        return await self.store.move(job.id, JobState.PAINTING)

    async def _paint(self, job: Job, tracker: Tracker, deadline: float) -> Job:
        if any(task.state in {TaskState.PENDING, TaskState.SUBMITTING} for task in job.tasks):
            try:
                await self.rehoster.rehost(job, tracker.rehosted_one)
            except _REFERENCE_ERRORS as error:
                self.submission.till.noticed(error)
                await self._fail_pending(job, error.text)
            job = await self._fresh(job.id)
        await self.painting.paint(job, deadline, tracker)
        job = await self._fresh(job.id)
        if any(task.state is TaskState.COMPLETED for task in job.tasks):
            return await self.store.move(job.id, JobState.DELIVERING)
        failures = [task.failure for task in job.tasks if task.failure is not None]
        return await self.store.move(job.id, JobState.DELIVERING, failure=failures[0])

    async def _give_up(self, job: Job, failure: Text) -> Job:
        await self._fail_pending(job, failure)
        return await self.store.move(job.id, JobState.DELIVERING, failure=failure)

    async def _fail_pending(self, job: Job, failure: Text) -> None:
        for task in job.tasks:
            if task.state is TaskState.PENDING:
                await self.store.task_failed(task.id, failure)

    async def _wind_up(self, job: Job) -> None:
        """Say what a cancelled job has cost, and see what was submitted to its end: a failure gives it back."""
        telling = asyncio.create_task(self._patiently(self.delivery.cancelled, job), name=f"say that {job.id} is over")
        try:
            # Meanwhile, for Discord may be in trouble until the gateway has forgotten how a task ended.
            await self.submission.finish(job)
            left = await self._fresh(job.id)
            silent = Tracker(left, asyncio.Event(), self.delivery, self.durations, self.clock)
            await self.painting.paint(left, self.clock.now() + self.job_timeout, silent)
            settled = await self._fresh(job.id)
            told = await telling
        finally:
            telling.cancel()
            await asyncio.wait({telling})
        if not told or settled.counting != job.counting:
            told = await self._patiently(self.delivery.cancelled, settled)
        if told:
            await self.store.tidied(job.id)

    async def _tidy(self, job: Job) -> None:
        """Take the "painting…" message away unless it is, or may be, the outcome; then forget the token."""
        at_response = job.delivering_route is Route.RESPONSE
        is_outcome = at_response and (job.message_id is not None or job.uncertain)
        if is_outcome or await self._patiently(self.delivery.tidy, job):
            await self.store.tidied(job.id)

    async def _patiently(self, show: Callable[[Job], Awaitable[None]], job: Job) -> bool:
        """Whether Discord took it in the end, or leaves no way to do it; else the next start tries again."""
        for pause in _TIDY_PAUSES:
            try:
                await show(job)
            except DeliveryBlocked as error:
                _log.info("nothing leads to the progress message any more: %s", error)
            except DeliveryInterrupted as error:
                _log.warning("a change of the progress message broke off: %s", error)
                await self.clock.wait(None, self.clock.now() + spread(max(pause, error.retry_after)))
                continue
            except Exception:  # noqa: BLE001 - a defect in what is shown must not leave alone what is paid for
                _log.exception("a defect kept the progress message from being changed")
                return False
            return True
        return False

    async def _rescue(self, job_id: str) -> None:
        """After a defect: tell the person and give the allowance back; if that fails, too, end the job all the same."""
        try:
            job = await self._fresh(job_id)
            if job.state not in ACTIVE_JOBS:
                return
            for task in job.tasks:
                await self.painting.write_off(job, task)
            if job.state is not JobState.DELIVERING:
                await self.store.move(job_id, JobState.DELIVERING, failure=EaselError.text)
            try:
                job = await self.deliverer.deliver(await self._fresh(job_id), EaselError.text)
            except DatabaseFailed:
                raise
            except Exception:  # noqa: BLE001 - the same defect may show again; the job must end all the same
                _log.exception("the defect could not be told")
                job = await self.store.end(job_id, JobState.UNDELIVERABLE, failure=EaselError.text, uncertain=True)
            await self._tidy(job)
        except Exception:  # noqa: BLE001 - nothing more can be done in this process
            _log.exception("this job could not be ended; the next start tries again")

    async def _fresh(self, job_id: str) -> Job:
        job = await self.store.job(job_id)
        if job is None:
            raise EaselError(f"job {job_id} has vanished from the database")
        return job


async def _unless(cancelled: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether `work` came to its end; it is broken off once `cancelled` is set."""
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(cancelled.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        for each in (working, waiting):
            each.cancel()
        await asyncio.gather(working, waiting, return_exceptions=True)
