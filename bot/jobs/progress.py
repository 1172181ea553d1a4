"""How far a job is: counted where it can be counted, estimated from past jobs where not."""

import asyncio

from bot.clock import Clock
from bot.jobs.job import Job, Phase, Progress, Task
from bot.jobs.polling import Durations
from bot.jobs.ports import Delivery

_TICK = 2.0  # seconds between looks at a job that is being painted
_TELLING = 0.2  # a reported share from which a pace can be told
_ALMOST = 0.95  # an estimate never claims to be done


class Tracker:
    """Follows one job and shows its progress, once its request has been acknowledged."""

    def __init__(
        self, job: Job, acknowledged: asyncio.Event, delivery: Delivery, durations: Durations, clock: Clock
    ) -> None:
        self._job = job
        self._acknowledged = acknowledged
        self._delivery = delivery
        self._durations = durations
        self._clock = clock
        self._reported: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._rehosted = 0

    def rehosted_one(self) -> None:
        """One more reference is in place."""
        self._rehosted = min(self._rehosted + 1, len(self._job.references))

    def running(self, task: Task) -> None:
        """The gateway has this task."""
        self._began[task.id] = task.submitted_at or self._clock.now()

    def percent(self, task: Task, percent: int) -> None:
        """The gateway says how far the task is."""
        self._reported[task.id] = min(max(percent, 0), 100) / 100

    def done(self, task: Task) -> None:
        """The task has ended, in whatever way."""
        self._reported[task.id] = 1.0

    async def delivering(self) -> None:
        """The outcome is being sent."""
        await self._show(Progress(phase=Phase.DELIVERING, fraction=1.0))

    async def follow(self) -> None:
        """Show the progress again and again. Runs until cancelled."""
        while True:
            await self._show(self._progress())
            await self._clock.wait(None, self._clock.now() + _TICK)

    def _progress(self) -> Progress:
        references = len(self._job.references)
        if not self._began and self._rehosted < references:
            return Progress(phase=Phase.REHOSTING, done=self._rehosted, total=references)
        if not self._began:
            return Progress(phase=Phase.WAITING)
        usual = self._durations.usual(self._job.request.model, self._job.request.resolution)
        tasks = self._job.tasks
        now = self._clock.now()
        left = [self._left(task, usual, now) for task in tasks if self._reported.get(task.id, 0.0) < 1.0]
        return Progress(
            phase=Phase.PAINTING,
            done=len(tasks) - len(left),
            total=len(tasks),
            fraction=sum(self._fraction(task, usual, now) for task in tasks) / len(tasks),
            seconds_left=max(left) if left and max(left) > 0 else None,
        )

    def _fraction(self, task: Task, usual: float, now: float) -> float:
        """The gateway's own figure, or the share of the usual time if that is further."""
        reported = self._reported.get(task.id, 0.0)
        if reported >= 1.0 or task.id not in self._began:
            return reported
        return max(reported, min(_ALMOST, (now - self._began[task.id]) / usual))

    def _left(self, task: Task, usual: float, now: float) -> float:
        """Seconds until the task ends: as past ones did, or at the pace the gateway reports while there are few."""
        elapsed = now - self._began.get(task.id, now)
        reported = self._reported.get(task.id, 0.0)
        request = self._job.request
        if self._durations.likely(request.model, request.resolution) is None and reported >= _TELLING:
            return elapsed * (1 - reported) / reported
        return usual - elapsed

    async def _show(self, progress: Progress) -> None:
        if self._acknowledged.is_set():
            await self._delivery.progress(self._job, progress)
