"""A matrix of faults: rows of what goes wrong and what must come of it, and the judge, who lets no row forget anything.

A row is data. Whoever runs it brings about its faults in a world of its own (a `Workshop`, or a `Stage` with all of
Discord), waits for the job's end and asks the judge for complaints. Beside what the row expects, it looks after what
holds for every row: the books agree with each other and with the gateway's, nothing is submitted twice on a guess,
pauses are kept and grow, no secret is in the log, nothing is left behind.
"""

import asyncio
import itertools
import logging
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from bot.jobs.job import ACTIVE_JOBS, OPEN_TASKS, Job, JobState, TaskState
from bot.sandbox.faults import Fault
from bot.sandbox.record import Exchange
from bot.sandbox.toapis import Script, ToapisServer
from bot.services import Services
from bot.texts import Text
from bot.toapis.envelope import as_mapping

UPLOAD = "POST /uploads/images"
SUBMIT = "POST /images/generations"
STATUS = "GET /images/generations/{key}"
BALANCE = "GET /balance"
RESULT = "GET /generated/{name}"

Count: TypeAlias = int | tuple[int, int]  # exactly so many, or from … to …

_JITTER = 0.8  # a pause may be shorter than the one before it by this factor
_MOST_SUBMITS = 2  # of one task that were not certainly refused


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The right half of a row.

    Attributes:
        state: the job's, at its end.
        says: the key of the sentence in the outcome; None: no sentence.
        pictures: shown in the outcome.
        used: pictures that count against the allowance; None: those that are shown.
        tasks: what the gateway has accepted, however it ended.
        charges: the events in the book of charges, in order.
        operator: the keys of what the operator was told, in order.
        asks: how often each route of the gateway was asked. Those that are not named must not have been.
        logged: what must stand in the log.
        twice: whether the gateway bills one task twice: the known price of a ruling.
    """

    state: JobState
    says: str | None = None
    pictures: int = 0
    used: int | None = None
    tasks: int = 0
    charges: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    asks: Mapping[str, Count] = field(default_factory=dict[str, Count])
    logged: tuple[str, ...] = ()
    twice: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to fail.

    Attributes:
        name: for people, and for pytest.
        faults: what goes wrong on the wire.
        scripts: how the gateway's next tasks turn out.
        order: what is asked for, as `tests.orders.order` takes it.
        settings: of the bot, where they are not the usual ones.
        expected: what must come of it.
    """

    name: str
    faults: Sequence[Fault] = ()
    scripts: Sequence[Script] = ()
    order: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: Expected


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the person sees at the end."""

    pictures: int
    says: str | None


class World(Protocol):
    """Where a row is run: a `Workshop` or a `Stage`."""

    @property
    def folder(self) -> Path: ...
    @property
    def services(self) -> Services: ...
    @property
    def gateway(self) -> ToapisServer: ...


class Judge:
    """Looks at a world before a row and after it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: Counter[str] = Counter()

    async def look(self) -> None:
        """See what is there anyway, once everything has been started."""
        await asyncio.sleep(0.05)
        self._before = _tasks_in_the_loop()

    async def complaints(
        self, job: Job, expected: Expected, seen: Seen, operator: Sequence[Text], log: Sequence[logging.LogRecord]
    ) -> list[str]:
        """Everything that is wrong once `job` has ended; nothing may be under way any more."""
        return [
            *self._about_the_faults(),
            *self._about_the_outcome(job, expected, seen),
            *await self._about_the_books(job, expected),
            *self._about_the_gateway(job, expected),
            *self._about_requests(expected),
            *(complaint for run in self._runs() for complaint in _about_pauses(run)),
            *self._about_the_operator(job, expected, operator),
            *self._about_the_log(expected, log),
            *await self._left_behind(),
        ]

    def _about_the_faults(self) -> Iterator[str]:
        faults = self._world.gateway.faults
        left = {
            id(fault): fault for fault in (*faults.unused, *faults.pending) if fault.times or fault in faults.unused
        }
        yield from (f"this did not happen as often as it should: {fault}" for fault in left.values())

    def _about_the_outcome(self, job: Job, expected: Expected, seen: Seen) -> Iterator[str]:
        if job.state in ACTIVE_JOBS or not job.tidied:
            yield f"the job has not come to its end: {job.state}"
        if any(task.state in OPEN_TASKS for task in job.tasks):
            yield f"a task is open: {[task.state.value for task in job.tasks]}"
        yield from _differs("the job's state", job.state, expected.state)
        yield from _differs("pictures shown", seen.pictures, expected.pictures)
        yield from _differs("the sentence", seen.says, expected.says)

    async def _about_the_books(self, job: Job, expected: Expected) -> Iterator[str]:
        usage = await self._world.services.engine.usage(job.place.user_id)
        used = expected.pictures if expected.used is None else expected.used
        booked = self._booked(job)
        return iter(
            [
                *_differs("allowance used", usage.images, used),
                *_differs("requests under way", usage.jobs, 0),
                *_differs("charges", tuple(event for _, event in booked), expected.charges),
                *self._unbooked(job, booked),
            ]
        )

    def _booked(self, job: Job) -> list[tuple[str, str]]:
        with sqlite3.connect(self._world.folder / "easel.db") as connection:
            rows = connection.execute("SELECT task_id, event FROM charges ORDER BY id").fetchall()
        connection.close()
        own = {task.id for task in job.tasks}
        return [(task_id, event) for task_id, event in rows if task_id in own]

    def _unbooked(self, job: Job, booked: list[tuple[str, str]]) -> Iterator[str]:
        """Whatever the gateway bills must stand in the book, at least as a question."""
        for task in job.tasks:
            events = sorted(event for task_id, event in booked if task_id == task.id)
            if events not in ([], ["accepted"], ["accepted", "refunded"], ["unclear"]):
                yield f"the book says of one task: {events}"
            if (task.state is TaskState.UNCLEAR) != (events == ["unclear"]):
                yield f"a task is {task.state}, and the book says of it: {events}"
            if not events and any(each.business_id == task.id for each in self._world.gateway.tasks):
                yield "the gateway bills a task of which the book says nothing"

    def _about_the_gateway(self, job: Job, expected: Expected) -> Iterator[str]:
        gateway = self._world.gateway
        yield from _differs("tasks at the gateway", len(gateway.tasks), expected.tasks)
        yield from _differs("billed twice", bool(gateway.paid_twice), expected.twice)
        wanted = sum(task.wanted for task in job.tasks)
        if not expected.twice and (asked := sum(task.request.count for task in gateway.tasks)) > wanted:
            yield f"{asked} pictures were bought, and {wanted} wanted"
        for task in job.tasks:
            if task.submits > _MOST_SUBMITS:
                yield f"a task was submitted {task.submits} times"
        if gateway.key_reached_file_host:
            yield "the key reached the file host"

    def _about_requests(self, expected: Expected) -> Iterator[str]:
        counts: defaultdict[str, int] = defaultdict(int)
        for exchange in self._exchanges():
            counts[f"{exchange.method} {exchange.route}"] += 1
        for route in sorted(counts.keys() | expected.asks.keys()):
            wanted = expected.asks.get(route, 0)
            least, most = (wanted, wanted) if isinstance(wanted, int) else wanted
            if not least <= counts[route] <= most:
                yield f"{route}: asked {counts[route]} times, expected {wanted}"

    def _exchanges(self) -> list[Exchange]:
        """What the bot asked of the gateway and of its file host, where the gateway itself fetches uploads, too."""
        both = [each for each in self._world.gateway.record.exchanges if each.service in {"toapis", "files"}]
        return sorted((each for each in both if not each.path.startswith("/uploads/")), key=lambda each: each.at)

    def _runs(self) -> list[list[Exchange]]:
        """The requests that are repetitions of one another, in order; a submit begins the questions about it anew."""
        runs: defaultdict[tuple[object, ...], list[Exchange]] = defaultdict(list)
        submits: defaultdict[str, int] = defaultdict(int)
        for exchange in self._exchanges():
            business_id: Any = as_mapping(exchange.body).get("client_business_id")
            digests = tuple(file.sha256 for file in exchange.files)
            if business_id:
                submits[business_id] += 1
            asked = exchange.path.rpartition("/")[2]
            runs[exchange.method, exchange.path, business_id, digests, submits[asked]].append(exchange)
        return list(runs.values())

    def _about_the_operator(self, job: Job, expected: Expected, told: Sequence[Text]) -> Iterator[str]:
        yield from _differs("the operator was told", tuple(text.key for text in told), expected.operator)
        for task in job.tasks:
            if task.state is TaskState.UNCLEAR:
                needed = {"task": task.id, "pictures": task.wanted, "model": job.request.model, "submits": task.submits}
                if not any(needed.items() <= text.values.items() and text.values.get("at") for text in told):
                    yield f"the operator cannot check the bill of {task.id}"

    def _about_the_log(self, expected: Expected, log: Sequence[logging.LogRecord]) -> Iterator[str]:
        text = "\n".join(record.getMessage() for record in log)
        yield from (f"the log does not say {words!r}" for words in expected.logged if words not in text)
        for record in log:
            if record.exc_info or record.levelno >= logging.ERROR:
                yield f"a defect is in the log: {record.getMessage()}"
        if self._world.gateway.key in text:
            yield "the key is in the log"

    async def _left_behind(self) -> list[str]:
        for _ in range(100):
            if not self._still_there():
                break
            await asyncio.sleep(0.01)
        return [f"left behind: {thing}" for thing in self._still_there()]

    def _still_there(self) -> list[str]:
        engine, gateway = self._world.services.engine, self._world.services.gateway
        tools = engine._tools
        sessions = [gateway._session, gateway._downloader._session, tools.downloader._session]
        connectors = [session.connector for session in sessions if session is not None]
        things = {
            "bytes of the budget": tools.budget._total - tools.budget._free,
            "waiting for the budget": len(tools.budget._waiting),
            "jobs of the engine": len(engine._running) + len(engine._signals),
            "questions of the poller": len(engine._poller._asking) + len(engine._poller._heap),
            "paid calls": len(engine._submission._calls) if engine._submission is not None else 0,
            "open connections": sum(len(connector._acquired) for connector in connectors if connector is not None),
            "files": len([path for path in self._world.folder.iterdir() if not path.name.startswith("easel.db")]),
        }
        tasks = {f"of {name} in the loop": count for name, count in (_tasks_in_the_loop() - self._before).items()}
        return [f"{count} {name}" for name, count in (things | tasks).items() if count]


def _tasks_in_the_loop() -> Counter[str]:
    """What runs in the loop beside the caller and the stand-ins' own connections."""
    current = asyncio.current_task()
    running = [task for task in asyncio.all_tasks() if task is not current]
    names = Counter(getattr(task.get_coro(), "__qualname__", task.get_name()) for task in running)
    del names["RequestHandler.start"]
    return names


def _differs(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found!r}, expected {expected!r}"


def _about_pauses(run: Sequence[Exchange]) -> Iterator[str]:
    """Whoever asks the same again waits as long as it was asked to, and while it fails no shorter than before."""
    last = 0.0
    for earlier, later in itertools.pairwise(run):
        pause = later.at - earlier.at
        told = earlier.retry_after or ""
        asked = float(told) if told.isdigit() else 0.0
        where = f"{later.method} {later.path} ({earlier.status})"
        if pause < asked:
            yield f"{where}: asked again after {pause:.2f} s, told to wait {asked:.0f} s"
        failed = earlier.status is None or earlier.status >= 400
        if failed and not asked and pause < last * _JITTER:
            yield f"{where}: asked again after {pause:.2f} s, and before that after {last:.2f} s"
        last = pause if failed and not asked else 0.0
