"""The paid step: a task is submitted once, and at most once more, never on a guess.

The intention is committed before the call. An answer that leaves open whether the gateway took the task is settled by
asking for it under our own id. Found: it was taken. Always "unknown": it was not, so it is submitted once more, ever,
under the same id (that an unknown id proves this is our own ruling, which `RESUBMIT_AFTER_404=false` withdraws).
Anything else: nobody can tell, the task is *unclear*: given back to the user and written down for the operator.

Until its turn has come a task stays pending, so that its person may still withdraw it for nothing. The call itself goes
on to its end even if the job is cancelled meanwhile; nothing of a cancelled job is submitted again.
"""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.clock import Clock
from bot.errors import EaselError, GatewayError, Repeat, RequestRejected, TaskUnknown
from bot.jobs.balance import Till
from bot.jobs.job import Job, JobState, Task, TaskState
from bot.jobs.ports import Painter
from bot.jobs.progress import Tracker
from bot.jobs.store import Store
from bot.jobs.uploads import Uploads
from bot.pauses import spread
from bot.texts import Text
from bot.toapis.pacing import Turn
from bot.toapis.policy import under_policy
from bot.toapis.schema import JSON, TaskStatus

_log = logging.getLogger(__name__)

_LOOK_AFTER = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0)  # seconds at least before each question that settles an open submit
_MOST_SUBMITS = 2
# Seconds at least between calls that were certainly not accepted; the last repeats.
_BUSY_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """The task as it is written now, the gateway's answer if there is one, and why it was not taken."""

    task: Task
    answer: TaskStatus | None = None
    hindrance: GatewayError | None = None


@dataclass(frozen=True, kw_only=True)
class Submission:
    """Brings tasks from pending or submitting to running, failed or unclear.

    Attributes:
        reserved: parameters that are the operator's: as they decide on the day of the submit.
    """

    gateway: Painter
    store: Store
    uploads: Uploads
    clock: Clock
    till: Till
    resubmit_after_404: bool
    reserved: Mapping[str, JSON]
    _calls: dict[str, asyncio.Task[_Step]] = field(default_factory=dict[str, asyncio.Task[_Step]], init=False)

    async def bring(self, job: Job, task: Task, deadline: float, tracker: Tracker) -> tuple[Task, TaskStatus | None]:
        """Go on from wherever the task was written to be.

        Args:
            job: whose task it is, as it is written once its references are in place.
            task: pending, or submitting if the process ended in the middle of the call.
            deadline: Unix seconds; a gateway that is busy until then is given up.
            tracker: is told what is waited for.

        Returns:
            The task as it is written now, and the gateway's first answer about it, if there is one.

        Raises:
            JobCancelled: the person no longer wants it, before it was submitted.
        """
        step = _Step(task=task)
        pauses = itertools.chain(_BUSY_PAUSES, itertools.repeat(_BUSY_PAUSES[-1]))
        while step.task.state in {TaskState.PENDING, TaskState.SUBMITTING}:
            if step.task.state is TaskState.SUBMITTING:
                step = await self._settle(job, step.task, deadline)
            else:
                step = await self._begin(job, step, deadline, tracker)
            if step.task.state is TaskState.PENDING and step.hindrance is not None:
                tracker.hindered(step.task, step.hindrance)
                until = self.clock.now() + spread(max(step.hindrance.retry_after or 0.0, next(pauses)))
                await self.clock.wait(None, min(until, deadline))
        return step.task, step.answer

    async def finish(self, job: Job) -> None:
        """Wait for the end of the paid calls that are under way for this job."""
        if calls := [call for task in job.tasks if (call := self._calls.get(task.id)) is not None]:
            await asyncio.wait(calls)

    @property
    def calls(self) -> frozenset[asyncio.Task[Any]]:
        """The paid calls that are under way. One that is cancelled is settled after the next start."""
        return frozenset(self._calls.values())

    async def _begin(self, job: Job, step: _Step, deadline: float, tracker: Tracker) -> _Step:
        task = step.task
        if (obstacle := self._obstacle(job, deadline, step.hindrance)) is not None:
            return _Step(task=await self.store.task_failed(task.id, obstacle))
        turn = self.gateway.line_up()
        tracker.lined_up(task, turn)
        await turn.come()
        if (obstacle := self._obstacle(job, deadline, step.hindrance)) is not None:
            return _Step(task=await self.store.task_failed(task.id, obstacle))
        return await self._call(job, task, turn)

    def _obstacle(self, job: Job, deadline: float, hindrance: GatewayError | None = None) -> Text | None:
        """Why the task is not to be submitted now or later, in words for the person, or None.

        Args:
            job: whose task it is.
            deadline: Unix seconds.
            hindrance: why it was not taken the last time, if it was submitted before.
        """
        if job.state is JobState.CANCELLED:
            return Text("job.cancelled")
        if any(reference.uploaded_url is None for reference in job.references):
            return EaselError.text  # what an earlier start left open, and could not be brought back there
        if self.till.closed is not None:
            return self.till.closed
        if self.clock.now() < deadline:
            return None
        return Text("gateway.busy") if hindrance is None else hindrance.text

    async def _call(self, job: Job, task: Task, turn: Turn) -> _Step:
        """The paid call; it goes on if whoever waits for it does not, because what is paid for must be known."""
        call = asyncio.create_task(self._pay(job, task, turn), name=f"submit {task.id}")
        self._calls[task.id] = call
        call.add_done_callback(lambda _: self._forget(task.id, call))
        return await asyncio.shield(call)

    def _forget(self, task_id: str, call: asyncio.Task[_Step]) -> None:
        del self._calls[task_id]
        if not call.cancelled():
            call.exception()  # whoever still waits for it hears of it

    async def _pay(self, job: Job, task: Task, turn: Turn) -> _Step:
        task = await self.store.submitting(task.id)
        try:
            answer = await self.gateway.submit(
                under_policy(job.settled_request, self.reserved),
                count=task.wanted,
                image_urls=tuple(picture.uploaded_url or "" for picture in job.pictures),
                mask_url=job.mask.uploaded_url if job.mask else None,
                business_id=task.id,
                turn=turn,
            )
        except GatewayError as error:
            _log.warning("submitting task %s failed (%s): %s", task.id, error.repeat.value, error)
            if isinstance(error, RequestRejected) and error.status == HTTPStatus.BAD_REQUEST:
                await self._forget_copies(job)
            return _Step(task=await self._refused(task, error), hindrance=error)
        self.till.paid()
        return _Step(task=await self.store.running(task.id, answer.id), answer=answer)

    async def _refused(self, task: Task, error: GatewayError) -> Task:
        if error.repeat is Repeat.SAFE:
            return await self.store.not_submitted(task.id)
        if error.repeat is Repeat.ASK_FIRST:
            return task
        self.till.noticed(error)
        return await self.store.task_failed(task.id, error.text)

    async def _forget_copies(self, job: Job) -> None:
        """That a picture cannot be read is among the meanings of 400: whoever asks again must not get it once more."""
        if urls := [reference.uploaded_url for reference in job.references if reference.uploaded_url]:
            await self.uploads.forget(urls)
            await self.store.copies_forgotten(job.id)

    async def _settle(self, job: Job, task: Task, deadline: float) -> _Step:
        """Find out whether the gateway took the task."""
        always_unknown = True
        for pause in _LOOK_AFTER:
            await self.clock.wait(None, self.clock.now() + spread(pause))
            try:
                answer = await self.gateway.status(task.id)
            except TaskUnknown:
                continue
            except GatewayError as error:
                always_unknown = False
                _log.warning("looking for task %s failed: %s", task.id, error)
            else:
                self.till.paid()
                return _Step(task=await self.store.running(task.id, task.id), answer=answer)
        if not always_unknown or not self.resubmit_after_404 or task.submits >= _MOST_SUBMITS:
            return _Step(task=await self.give_up(job, task))
        turn = self.gateway.line_up()
        if job.state is not JobState.CANCELLED and self.clock.now() < deadline:
            await turn.come()
        if (obstacle := self._obstacle(job, deadline)) is not None:
            return _Step(task=await self.store.task_failed(task.id, obstacle))
        return await self._call(job, task, turn)

    async def give_up(self, job: Job, task: Task) -> Task:
        """Nobody can tell whether the gateway has the task: give it back, and tell the operator to check the bill."""
        values: dict[str, str | int | float] = {
            "task": task.id,
            "pictures": task.wanted,
            "model": job.request.model,
            "submits": task.submits,
            "at": int(task.submitting_at or self.clock.now()),
        }
        unclear = await self.store.unclear(task.id, Text("job.unclear"))
        self.till.tell(Text("operator.unclear", values))
        return unclear
