"""A matrix of faults: rows of what goes wrong and what must come of it, and the judge, who lets no row forget anything.

A row is data. Whoever runs it brings about its faults in a world of its own (a `Workshop`, or a `Stage` with all of
Discord), waits for the job's end and asks the judge for complaints. Beside what the row expects, it looks after what
holds for every row: the books agree with each other and with the gateway's, nothing is submitted twice on a guess,
pauses are kept and grow, no secret is in the log, nothing is left behind.
"""

import asyncio
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
from tests.faults.leftovers import about_leftovers, tasks_in_the_loop
from tests.faults.pauses import about_pauses

UPLOAD = "POST /uploads/images"
SUBMIT = "POST /images/generations"
STATUS = "GET /images/generations/{key}"
BALANCE = "GET /balance"
RESULT = "GET /generated/{name}"
CDN = "GET /{name}"  # of a workshop's file server

Count: TypeAlias = int | tuple[int, int]  # exactly so many, or from … to …

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
class Outage:
    """Nobody listens at the gateway: for so many seconds, from the first answer to `after` on or from the beginning."""

    seconds: float
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to fail.

    Attributes:
        name: for people, and for pytest.
        faults: what goes wrong on the wire.
        scripts: how the gateway's next tasks turn out.
        outage: a time without the gateway.
        references: files that are attached.
        guarded: whether private addresses are refused, except that of the stand-ins, which counts as public.
        order: what is asked for, as `tests.orders.order` takes it.
        settings: of the bot, where they are not the usual ones.
        expected: what must come of it.
    """

    name: str
    faults: Sequence[Fault] = ()
    scripts: Sequence[Script] = ()
    outage: Outage | None = None
    references: Sequence[bytes] = ()
    guarded: bool = False
    order: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: Expected


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the person sees at the end; `missing` is None where it is not known how many pictures are said to be."""

    pictures: int
    says: str | None
    missing: int | None = None


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
        self._used_meanwhile: int | None = None

    async def look(self) -> None:
        """See what is there anyway, once everything has been started."""
        await asyncio.sleep(0.05)
        self._before = tasks_in_the_loop()

    async def look_meanwhile(self, job: Job) -> None:
        """See what counts against the allowance while every task of `job` is still open."""
        engine = self._world.services.engine
        usage = await engine.usage(job.place.user_id)
        now = await engine.job(job.id)
        if now is not None and now.state is JobState.PAINTING and all(task.state in OPEN_TASKS for task in now.tasks):
            self._used_meanwhile = usage.images

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
            *self._about_pauses(),
            *self._about_the_operator(job, expected, operator),
            *self._about_the_log(expected, log),
            *await about_leftovers(self._world.services, self._world.folder, self._before),
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
        if seen.missing is not None:
            yield from _differs("pictures missing", seen.missing, job.request.count - expected.pictures)

    async def _about_the_books(self, job: Job, expected: Expected) -> Iterator[str]:
        usage = await self._world.services.engine.usage(job.place.user_id)
        used = expected.pictures if expected.used is None else expected.used
        booked = self._booked(job)
        return iter(
            [
                *_differs("allowance used", usage.images, used),
                *self._about_what_counted(job),
                *_differs("requests under way", usage.jobs, 0),
                *_differs("charges", tuple(event for _, event in booked), expected.charges),
                *self._unbooked(job, booked),
                *self._about_the_bill(job, booked, expected),
            ]
        )

    def _about_what_counted(self, job: Job) -> Iterator[str]:
        if self._used_meanwhile is not None:
            yield from _differs("allowance used under way", self._used_meanwhile, job.request.count)

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

    def _about_the_bill(self, job: Job, booked: list[tuple[str, str]], expected: Expected) -> Iterator[str]:
        """What the book says that the gateway charges for is what it charges for; of the unclear, nobody knows."""
        wanted = {task.id: task.wanted for task in job.tasks}
        signs = {"accepted": 1, "refunded": -1}
        certain = sum(signs.get(event, 0) * wanted[task_id] for task_id, event in booked)
        possible = certain + sum(wanted[task_id] for task_id, event in booked if event == "unclear")
        now = self._world.services.clock.now()
        tasks = [each for each in self._world.gateway.tasks if each.business_id in wanted]
        billed = sum(each.request.count for each in tasks if each.script.ending != "failed" or now < each.ends_at)
        if not certain <= billed <= possible and not expected.twice:
            yield f"the gateway bills {billed} pictures, and the book says {certain} to {possible}"

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
        own = {task.id for task in job.tasks}
        for submit in gateway.record.matching("POST", "/images/generations"):
            if submit.body["client_business_id"] not in own:
                yield "something was submitted under an id that is nowhere written"
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
        """What the bot asked of the gateway and of file hosts; uploads are fetched by the gateway itself."""
        asked = [each for each in self._world.gateway.record.exchanges if each.service in {"toapis", "files", "cdn"}]
        return sorted((each for each in asked if not each.path.startswith("/uploads/")), key=lambda each: each.at)

    def _about_pauses(self) -> Iterator[str]:
        yield from about_pauses(self._exchanges())

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


def _differs(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found!r}, expected {expected!r}"
