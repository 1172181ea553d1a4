"""When to ask the gateway next: one poller for all jobs.

Past tasks of a model tell when an answer is likely. The first question comes when the fastest of them were done, the
next ones follow closely while most were finishing, and ever more slowly after that. All questions together stay
under the account's budget, so many tasks stretch the pauses.
"""

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.errors import GatewayError, TaskUnknown
from bot.jobs.ports import Painter
from bot.jobs.records import Duration
from bot.pauses import spread
from bot.toapis.catalog import BY_ID, seed_seconds, stretch
from bot.toapis.schema import RemoteState, TaskStatus

_log = logging.getLogger(__name__)

_REMEMBERED = 50  # durations per model, resolution and weight
_ENOUGH = 5  # durations before they are trusted
_FEW = 3  # references; more of them slow a model down
_FIRST_AT_MOST = 60.0  # seconds; slow times in the past must not hide a quick answer
_UNKNOWN_GRACE = 60.0  # seconds for which "unknown task" may only mean "not known everywhere"
_SPREAD = 0.1  # of a pause; a larger share would keep people waiting for what is done
_SILENCE_GRACE = 300.0  # seconds beyond the deadline for a gateway that answers nothing at all


class Durations:
    """What past tasks teach about how long the next one takes."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str | None], deque[Duration]] = {}

    def learn(self, durations: Iterable[Duration]) -> None:
        """Add finished tasks, oldest first."""
        for duration in durations:
            key = (duration.model, duration.resolution)
            self._seconds.setdefault(key, deque(maxlen=2 * _REMEMBERED)).append(duration)

    def usual(self, model: str, resolution: str | None, references: int = 0) -> float:
        """The median in seconds; a first guess from the catalogue while there is too little experience."""
        known = self._known(model, resolution, references)
        if len(known) >= _ENOUGH:
            return max(1.0, known[len(known) // 2])
        return seed_seconds(BY_ID[model], resolution, references) if model in BY_ID else 15.0

    def likely(self, model: str, resolution: str | None, references: int = 0) -> tuple[float, float] | None:
        """The seconds between which four of five answers came, or None while there is too little experience."""
        known = self._known(model, resolution, references)
        if len(known) < _ENOUGH:
            return None
        return known[len(known) // 10], known[-1 - len(known) // 10]

    def _known(self, model: str, resolution: str | None, references: int) -> list[float]:
        """Past durations in order: of requests with as many references, or else of all, reckoned up or down."""
        past = list(self._seconds.get((model, resolution), ()))
        alike = [each.seconds for each in past if (each.references > _FEW) == (references > _FEW)]
        if len(alike) >= _ENOUGH:
            return sorted(alike[-_REMEMBERED:])
        others = past[-_REMEMBERED:]
        return sorted(each.seconds * stretch(references) / stretch(each.references) for each in others)


@dataclass(frozen=True, kw_only=True)
class PollPlan:
    """The pauses between questions, in seconds; each is spread a little when it is made.

    Attributes:
        first: until the first question about a model of which nothing is known.
        shortest, longest: bounds of the pauses after that.
        per_second: questions about all tasks together.
    """

    first: float
    shortest: float
    longest: float
    per_second: float

    def first_pause(self, age: float, likely: tuple[float, float] | None) -> float:
        """How long to wait with the first question; nothing for a task found again after a restart.

        Args:
            age: seconds since the submit.
            likely: between which ages answers usually come.
        """
        earliest = self.first if likely is None else min(likely[0], _FIRST_AT_MOST)
        return max(0.0, earliest - age)

    def next_pause(self, age: float, likely: tuple[float, float] | None, watched: int) -> float:
        """How long to wait after an answer of "still running"; `watched` tasks share the budget."""
        if likely is None:
            pause = age * 0.15
        elif age <= likely[1]:
            pause = (likely[1] - likely[0]) / 8
        else:
            pause = (age - likely[1]) * 0.5
        return max(min(max(pause, self.shortest), self.longest), watched / self.per_second)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A task to ask about.

    Attributes:
        ask_id: the id to ask with.
        submitted_at: Unix seconds.
        deadline: Unix seconds; after it, "still running" ends the watch.
        on_answer: told each answer that is not the last.
        references: how many pictures it works from.
    """

    task_id: str
    ask_id: str
    model: str
    resolution: str | None
    submitted_at: float
    deadline: float
    on_answer: Callable[[TaskStatus], None]
    references: int = 0


@dataclass(order=True)
class _Entry:
    due: float
    number: int
    watched: Watched = field(compare=False)
    since: float = field(compare=False)
    end: asyncio.Future[TaskStatus | None] = field(compare=False)
    unknown_since: float | None = field(default=None, compare=False)  # without another word about the task


class Poller:
    """Asks about every running task, and resolves each watch with the final answer."""

    def __init__(self, gateway: Painter, clock: Clock, plan: PollPlan, durations: Durations) -> None:
        self._gateway = gateway
        self._clock = clock
        self._plan = plan
        self._durations = durations
        self._heap: list[_Entry] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()

    async def watch(self, watched: Watched) -> TaskStatus | None:
        """Wait for the task's end.

        Returns:
            The final answer, or None if the deadline passed while the task was still running.

        Raises:
            TaskUnknown: the gateway no longer knows the task.
            GatewayError: the gateway gave no usable answer until long after the deadline.
        """
        end: asyncio.Future[TaskStatus | None] = asyncio.get_running_loop().create_future()
        now = self._clock.now()
        pause = self._plan.first_pause(now - watched.submitted_at, self._likely(watched))
        self._schedule(_Entry(0.0, next(self._numbers), watched, now, end), spread(pause, by=_SPREAD))
        return await end

    async def run(self) -> None:
        """Ask whenever a question is due, until cancelled."""
        try:
            while True:
                self._changed.clear()
                now = self._clock.now()
                while self._heap and (self._heap[0].due <= now or self._heap[0].end.done()):
                    entry = heapq.heappop(self._heap)
                    if not entry.end.done():
                        question = asyncio.create_task(self._ask(entry))
                        self._asking.add(question)
                        question.add_done_callback(self._asking.discard)
                until = self._heap[0].due if self._heap else now + 3600
                await self._clock.wait(self._changed, until)
        finally:
            for question in self._asking:
                question.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    def _schedule(self, entry: _Entry, pause: float) -> None:
        entry.due = self._clock.now() + pause
        heapq.heappush(self._heap, entry)
        self._changed.set()

    def _likely(self, watched: Watched) -> tuple[float, float] | None:
        return self._durations.likely(watched.model, watched.resolution, watched.references)

    async def _ask(self, entry: _Entry) -> None:
        retry_after = 0.0
        try:
            status = await self._gateway.status(entry.watched.ask_id)
        except GatewayError as error:
            if entry.unknown_since is None and isinstance(error, TaskUnknown):
                entry.unknown_since = self._clock.now()
            if self._is_final(error, entry):
                _end(entry, error)
                return
            _log.warning("asking about task %s failed: %s", entry.watched.task_id, error)
            retry_after = error.retry_after or 0.0
        except Exception as error:  # noqa: BLE001 - whatever it was, the job must hear of it and not wait for ever
            _end(entry, error)
            return
        else:
            entry.unknown_since = None
            if status.state in {RemoteState.COMPLETED, RemoteState.FAILED}:
                _end(entry, status)
                return
            if self._clock.now() >= entry.watched.deadline:
                _end(entry, None)
                return
            entry.watched.on_answer(status)
        watched = len(self._heap) + len(self._asking)
        age = self._clock.now() - entry.watched.submitted_at
        pause = self._plan.next_pause(age, self._likely(entry.watched), watched)
        self._schedule(entry, max(spread(retry_after), spread(pause, by=_SPREAD)))

    def _is_final(self, error: GatewayError, entry: _Entry) -> bool:
        """Whether asking again is pointless.

        Only "unknown task" is the gateway's word about the task, and only if it keeps to it: the task may be painted
        and paid for. So a refused key, a proxy's page or a gateway in trouble ends nothing before the deadline, and
        even then silence gets a while, counted from when we began to ask.
        """
        now = self._clock.now()
        if isinstance(error, TaskUnknown) and entry.unknown_since is not None:
            return now > entry.unknown_since + _UNKNOWN_GRACE
        return now > max(entry.watched.deadline, entry.since) + _SILENCE_GRACE


def _end(entry: _Entry, result: TaskStatus | Exception | None) -> None:
    if entry.end.done():
        return
    if isinstance(result, Exception):
        entry.end.set_exception(result)
    else:
        entry.end.set_result(result)
