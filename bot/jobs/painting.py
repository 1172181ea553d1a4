"""A job's tasks: each submitted, watched, and written down as it ended."""

import asyncio
import logging
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import DatabaseFailed, EaselError, GatewayError
from bot.jobs.job import Job, Task, TaskState
from bot.jobs.polling import Durations, Poller, Watched
from bot.jobs.progress import Tracker
from bot.jobs.records import Duration
from bot.jobs.store import JobCancelled, Store
from bot.jobs.submission import Submission
from bot.texts import Text
from bot.toapis.answers import NO_PICTURE
from bot.toapis.schema import RemoteState, TaskStatus

_log = logging.getLogger(__name__)

_LONGEST_LIFETIME = 7 * 86_400.0  # seconds that a result could be said to live; the gateway keeps it for a day
_CLOCKS_DIFFER = 300.0  # seconds, at most
_FINAL = frozenset({RemoteState.COMPLETED, RemoteState.FAILED})


@dataclass(frozen=True, kw_only=True)
class Painting:
    """Has the gateway paint.

    Args:
        job_timeout: seconds that a job is given, for the words when they are over.
    """

    store: Store
    clock: Clock
    poller: Poller
    durations: Durations
    submission: Submission
    job_timeout: float

    async def paint(self, job: Job, deadline: float, tracker: Tracker) -> None:
        """Bring every task to its end. A defect in one is no reason to lose the others, which may be paid for.

        Args:
            job: as it is written.
            deadline: Unix seconds, after which nothing is submitted or waited for.
            tracker: is told how far they are.

        Raises:
            DatabaseFailed: what is written stands.
            JobCancelled: the job was cancelled meanwhile.
        """
        running = [asyncio.create_task(self._paint_one(job, task, deadline, tracker)) for task in job.tasks]
        try:
            failures = await asyncio.gather(*running, return_exceptions=True)
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        for failure in failures:
            if isinstance(failure, DatabaseFailed | JobCancelled):
                raise failure
        for task, failure in zip(job.tasks, failures, strict=True):
            if failure is not None:
                _log.error("a defect ended the work on task %s", task.id, exc_info=failure)
                await self.write_off(job, await self.store.task(task.id))

    async def write_off(self, job: Job, task: Task) -> None:
        """End a task, as it is written, in which a defect showed."""
        if task.state is TaskState.SUBMITTING:
            await self.submission.give_up(job, task)
        elif task.state in {TaskState.PENDING, TaskState.RUNNING}:
            await self.store.task_failed(task.id, EaselError.text)

    async def _paint_one(self, job: Job, task: Task, deadline: float, tracker: Tracker) -> None:
        answer: TaskStatus | None = None
        watched_throughout = task.state is TaskState.PENDING
        if task.state in {TaskState.PENDING, TaskState.SUBMITTING}:
            task, answer = await self.submission.bring(job, task, deadline, tracker)
        if task.state is TaskState.RUNNING:
            tracker.running(task)
            if answer is not None and answer.state in _FINAL:
                end: TaskStatus | Text = answer
            else:
                end = await self._watch(job, task, deadline, tracker)
            task = await self._finish(job, task, end, watched_throughout=watched_throughout)
        tracker.done(task)

    async def _watch(self, job: Job, task: Task, deadline: float, tracker: Tracker) -> TaskStatus | Text:
        """The final answer about a running task, or why there will be none."""
        watched = Watched(
            task_id=task.id,
            ask_id=task.ask_id or task.id,
            model=job.request.model,
            resolution=job.request.resolution,
            submitted_at=task.submitted_at or self.clock.now(),
            deadline=deadline,
            on_answer=lambda answer: tracker.told(task, answer),
            references=len(job.references),
        )
        try:
            answer = await self.poller.watch(watched)
        except GatewayError as error:
            _log.warning("the gateway gave no end of task %s: %s", task.id, error)
            self.submission.till.noticed(error)
            return error.text
        return answer or Text("job.timed_out", {"minutes": max(1, round(self.job_timeout / 60))})

    async def _finish(self, job: Job, task: Task, answer: TaskStatus | Text, *, watched_throughout: bool) -> Task:
        """Write down the end of a running task."""
        if isinstance(answer, Text):
            return await self.store.task_failed(task.id, answer)
        if answer.state is RemoteState.FAILED:
            _log.info("task %s failed at the gateway: %s %s", task.id, answer.error_code, answer.error_message)
            refunded = answer.error_code != NO_PICTURE  # of which the gateway itself says that it is done
            return await self.store.task_failed(task.id, answer.failure or EaselError.text, refunded=refunded)
        seconds: float | None = None
        if (told := _told_seconds(task, answer, self.clock.now())) is not None:
            seconds = told
        elif watched_throughout:
            seconds = self.clock.now() - (task.submitted_at or self.clock.now())
        until = answer.expires_at
        if until is not None and until > self.clock.now() + _LONGEST_LIFETIME:
            until = None  # a picture that cannot be fetched would be waited for without an end
        ended = await self.store.completed(task.id, answer.urls[: task.wanted], until, seconds)
        if seconds is not None:
            learned = Duration(
                model=job.request.model,
                resolution=job.request.resolution,
                seconds=seconds,
                references=len(job.references),
            )
            self.durations.learn([learned])
        return ended


def _told_seconds(task: Task, answer: TaskStatus, now: float) -> float | None:
    """How long the gateway says that it took; None if it does not, or not what can be."""
    if answer.completed_at is None or answer.created_at is None:
        return None
    told = answer.completed_at - answer.created_at
    # It cannot have taken longer than we have waited: clocks go wrong, and so do units.
    waited = now - (task.submitted_at or now)
    return told if 0 <= told <= waited + _CLOCKS_DIFFER else None
