"""The paid step: a task is submitted once, and at most once more, never on a guess.

The intention is committed before the call. An answer that leaves open whether the gateway took the task is settled by
asking for it under our own id. Found: it was taken. Always "unknown": it was not, so it is submitted once more, ever,
under the same id (that an unknown id proves this is our own ruling, which `RESUBMIT_AFTER_404=false` withdraws).
Anything else: nobody can tell, the task is *unclear*: given back to the user and written down for the operator.
"""

import logging
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import GatewayError, GatewayUnauthorized, OutOfBalance, Repeat, TaskUnknown
from bot.jobs.balance import Till
from bot.jobs.job import Job, Task, TaskState
from bot.jobs.ports import Painter
from bot.jobs.store import Store
from bot.texts import Text
from bot.toapis.schema import TaskStatus

_log = logging.getLogger(__name__)

_LOOK_AFTER = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0)  # seconds before each question that settles an open submit
_MOST_SUBMITS = 2
_BUSY_PAUSES = (2.0, 5.0, 10.0, 20.0, 30.0)  # seconds between calls that were certainly not accepted; the last repeats


@dataclass(frozen=True, kw_only=True)
class Submission:
    """Brings tasks from pending or submitting to running, failed or unclear."""

    gateway: Painter
    store: Store
    clock: Clock
    till: Till
    resubmit_after_404: bool

    async def bring(
        self, job: Job, task: Task, image_urls: tuple[str, ...], deadline: float
    ) -> tuple[Task, TaskStatus | None]:
        """Go on from wherever the task was written to be.

        Args:
            job: whose task it is.
            task: pending, or submitting if the process ended in the middle of the call.
            image_urls: the re-hosted references.
            deadline: Unix seconds; a gateway that is busy until then is given up.

        Returns:
            The task as it is written now, and the gateway's first answer about it, if there is one.
        """
        answer: TaskStatus | None = None
        pauses = iter(_BUSY_PAUSES)
        while True:
            if task.state is TaskState.SUBMITTING:
                task, answer = await self._settle(job, task, image_urls)
            elif task.state is TaskState.PENDING:
                task, answer = await self._begin(job, task, image_urls, deadline)
            else:
                return task, answer
            if task.state is TaskState.PENDING:
                pause = next(pauses, _BUSY_PAUSES[-1])
                await self.clock.wait(None, min(self.clock.now() + pause, deadline))

    async def _begin(
        self, job: Job, task: Task, image_urls: tuple[str, ...], deadline: float
    ) -> tuple[Task, TaskStatus | None]:
        if (closed := self.till.closed) is not None:
            return await self.store.task_failed(task.id, closed), None
        if self.clock.now() >= deadline:
            return await self.store.task_failed(task.id, Text("gateway.busy")), None
        return await self._call(job, await self.store.submitting(task.id), image_urls)

    async def _call(self, job: Job, task: Task, image_urls: tuple[str, ...]) -> tuple[Task, TaskStatus | None]:
        """The paid call. The task is written as submitting."""
        try:
            answer = await self.gateway.submit(
                job.request, count=task.wanted, image_urls=image_urls, business_id=task.id
            )
        except GatewayError as error:
            _log.warning("submitting task %s failed (%s): %s", task.id, error.repeat.value, error)
            return await self._refused(task, error), None
        self.till.paid()
        return await self.store.running(task.id, answer.id), answer

    async def _refused(self, task: Task, error: GatewayError) -> Task:
        if error.repeat is Repeat.SAFE:
            return await self.store.not_submitted(task.id)
        if error.repeat is Repeat.ASK_FIRST:
            return task
        if isinstance(error, OutOfBalance | GatewayUnauthorized):
            await self.till.refused(error)
        return await self.store.task_failed(task.id, error.text)

    async def _settle(self, job: Job, task: Task, image_urls: tuple[str, ...]) -> tuple[Task, TaskStatus | None]:
        """Find out whether the gateway took the task."""
        always_unknown = True
        for pause in _LOOK_AFTER:
            await self.clock.wait(None, self.clock.now() + pause)
            try:
                answer = await self.gateway.status(task.id)
            except TaskUnknown:
                continue
            except GatewayError as error:
                always_unknown = False
                _log.warning("looking for task %s failed: %s", task.id, error)
            else:
                self.till.paid()
                return await self.store.running(task.id, task.id), answer
        if always_unknown and self.resubmit_after_404 and task.submits < _MOST_SUBMITS:
            return await self._call(job, await self.store.submitting(task.id), image_urls)
        return await self._give_up(job, task), None

    async def _give_up(self, job: Job, task: Task) -> Task:
        values = {
            "task": task.id,
            "pictures": task.wanted,
            "model": job.request.model,
            "submits": task.submits,
            "at": int(task.submitting_at or self.clock.now()),
        }
        unclear = await self.store.unclear(task.id, Text("job.unclear"))
        await self.till.tell(Text("operator.unclear", values))
        return unclear
