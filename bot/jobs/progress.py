"""How far a job is: counted where it can be counted, estimated from past jobs where not, and never claimed.

What was shown does not go backwards: a share that was reached stays, and what paints goes on painting. A time is named
only while every task is on its way; one that still waits for its turn may take any time.
"""

import asyncio

from bot.clock import Clock
from bot.errors import GatewayBusy, GatewayError
from bot.jobs.job import Job, Task, TaskState
from bot.jobs.outcome import Phase, Progress
from bot.jobs.polling import Durations
from bot.jobs.ports import Delivery
from bot.toapis.pacing import Turn
from bot.toapis.schema import RemoteState, TaskStatus

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
        self._rehosted = 0
        self._turns: dict[str, Turn] = {}
        self._hindrances: dict[str, GatewayError] = {}
        self._open_calls = {task.id for task in job.tasks if task.state is TaskState.SUBMITTING}  # of an earlier start
        self._began: dict[str, float] = {}
        self._phases: dict[str, Phase] = {}  # of what the gateway has
        self._reported: dict[str, float] = {}
        self._ended: dict[str, TaskState] = {}
        self._reached = 0.0
        for task in job.tasks:
            if task.state is TaskState.RUNNING:
                self.running(task)
            elif task.finished_at is not None:
                self.done(task)

    def rehosted_one(self) -> None:
        """One more reference is in place."""
        self._rehosted = min(self._rehosted + 1, len(self._job.references))

    def lined_up(self, task: Task, turn: Turn) -> None:
        """The task waits for its turn to be submitted."""
        self._turns[task.id] = turn
        self._hindrances.pop(task.id, None)
        self._open_calls.discard(task.id)

    def hindered(self, task: Task, hindrance: GatewayError) -> None:
        """The gateway did not take the task; it is submitted again later."""
        self._hindrances[task.id] = hindrance

    def running(self, task: Task) -> None:
        """The gateway has this task."""
        self._began.setdefault(task.id, task.submitted_at or self._clock.now())
        self._phases.setdefault(task.id, Phase.SENT)

    def told(self, task: Task, status: TaskStatus) -> None:
        """The gateway says how the task stands."""
        if status.state is RemoteState.RUNNING:
            self._phases[task.id] = Phase.PAINTING
        elif self._phases.get(task.id) is not Phase.PAINTING:
            self._phases[task.id] = Phase.QUEUED
            self._began[task.id] = self._clock.now()  # it has not been begun
        if status.progress is not None:
            self._reported[task.id] = min(max(status.progress, 0), 100) / 100

    def done(self, task: Task) -> None:
        """The task has ended, in whatever way."""
        self._ended[task.id] = task.state

    async def delivering(self) -> None:
        """The outcome is being sent."""
        await self._show(Progress(phase=Phase.DELIVERING, fraction=1.0))

    async def follow(self) -> None:
        """Show the progress again and again. Runs until cancelled."""
        while True:
            await self._show(self._progress())
            await self._clock.wait(None, self._clock.now() + _TICK)

    def _progress(self) -> Progress:
        phase = self._phase()
        if phase is Phase.REHOSTING:
            return Progress(phase=phase, done=self._rehosted, total=len(self._job.references))
        if phase not in {Phase.SENT, Phase.QUEUED, Phase.PAINTING}:
            return Progress(phase=phase, ahead=min((turn.ahead for turn in self._waiting().values()), default=0))
        tasks = self._job.tasks
        usual, now = self._usual(), self._clock.now()
        self._reached = max(self._reached, sum(self._fraction(task, usual, now) for task in tasks) / len(tasks))
        return Progress(
            phase=phase,
            done=sum(state is TaskState.COMPLETED for state in self._ended.values()),
            total=len(tasks),
            fraction=self._reached,
            seconds_left=self._seconds_left(usual, now),
        )

    def _phase(self) -> Phase:
        """What the job is busy with: the furthest that one of its tasks has come."""
        if Phase.PAINTING in self._phases.values() or TaskState.COMPLETED in self._ended.values():
            return Phase.PAINTING
        if taken := {phase for task_id, phase in self._phases.items() if task_id not in self._ended}:
            return Phase.SENT if Phase.SENT in taken else Phase.QUEUED
        if self._open_calls - self._ended.keys():
            return Phase.SENDING
        if turns := self._waiting():
            return self._phase_of_waiting(turns)
        return Phase.REHOSTING if self._rehosted < len(self._job.references) else Phase.WAITING

    def _phase_of_waiting(self, turns: dict[str, Turn]) -> Phase:
        hindrances = [self._hindrances[task_id] for task_id in turns if task_id in self._hindrances]
        if len(hindrances) == len(turns):
            busy = any(isinstance(hindrance, GatewayBusy) for hindrance in hindrances)
            return Phase.BUSY if busy else Phase.UNREACHABLE
        if any(turn.number is not None for turn in turns.values()):
            return Phase.SENDING
        return Phase.BUSY if any(turn.paused for turn in turns.values()) else Phase.WAITING

    def _waiting(self) -> dict[str, Turn]:
        """The turns of tasks that the gateway does not have yet."""
        gone = self._phases.keys() | self._ended.keys()
        return {task_id: turn for task_id, turn in self._turns.items() if task_id not in gone}

    def _usual(self) -> float:
        request = self._job.request
        return self._durations.usual(request.model, request.resolution, len(self._job.references))

    def _fraction(self, task: Task, usual: float, now: float) -> float:
        """The gateway's own figure, or the share of the usual time if that is further."""
        if task.id in self._ended:
            return 1.0
        reported = self._reported.get(task.id, 0.0)
        if task.id not in self._began:
            return reported
        return max(reported, min(_ALMOST, (now - self._began[task.id]) / usual))

    def _seconds_left(self, usual: float, now: float) -> float | None:
        """Seconds until the last task ends, or None where nobody can tell."""
        left = [task for task in self._job.tasks if task.id not in self._ended]
        if any(self._phases.get(task.id, Phase.QUEUED) is Phase.QUEUED for task in left):
            return None
        longest = max((self._left(task, usual, now) for task in left), default=0.0)
        return longest if longest > 0 else None

    def _left(self, task: Task, usual: float, now: float) -> float:
        """Seconds until the task ends: as past ones did, or at the pace the gateway reports while there are few."""
        elapsed = now - self._began[task.id]
        reported = self._reported.get(task.id, 0.0)
        request = self._job.request
        experience = self._durations.likely(request.model, request.resolution, len(self._job.references))
        if experience is None and reported >= _TELLING:
            return elapsed * (1 - reported) / reported
        return usual - elapsed

    async def _show(self, progress: Progress) -> None:
        if self._acknowledged.is_set():
            await self._delivery.progress(self._job, progress)
