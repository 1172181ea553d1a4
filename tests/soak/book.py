"""What was asked and what came of it: the promises, checked job by job and again at the end."""

import asyncio
import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.jobs.job import ACTIVE_JOBS, JobState
from bot.sandbox.discord.conversation import Interaction, Message
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.world import Change, World
from bot.sandbox.toapis.tasks import Task
from tests.databases import Commits
from tests.soak.messages import OutOfReach, Pictures, cancellable_in, messages_of_the_bot, outcome_in, says

MOST_PICTURES = 4  # of one request
_LOOK_EVERY = 0.2  # seconds between two looks into the database, at least
_NOT_TAKEN_AFTER = 60.0  # seconds without a job until a request counts as not accepted
_TOKEN_LIVES = 600.0  # seconds in which a token leads to an answer, with time to use it again and again
_LEFT_AFTER = 300.0  # seconds from a job's end until what is left to tidy counts as the next start's

_ROWS = (
    "SELECT id, interaction_id, user_id, state, tidied, message_id, request, finished_at - created_at,"
    " (SELECT total(pictures) FROM tasks WHERE job_id = jobs.id AND state = 'completed') FROM jobs"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A job as it is written.

    Attributes:
        wanted: how many pictures were asked for.
        seconds: from its acceptance to its end, if that has come.
        pictures: what it counts once it is over.
    """

    id: str
    asked: int
    user: int
    state: JobState
    tidied: bool
    message: int | None
    prompt: str
    wanted: int
    seconds: float | None
    pictures: int


@dataclass(kw_only=True)
class _Asked:
    """A request that nothing final is known of yet."""

    person: Person
    at: float
    settled: asyncio.Future[Row | None]
    ended_at: float | None = None

    @property
    def deadline(self) -> float:
        """When it is looked at although nothing was written."""
        return self.at + _NOT_TAKEN_AFTER if self.ended_at is None else self.ended_at + _LEFT_AFTER


class Book:
    """Sees every message and every paid task, and compares them with what the bot has written.

    Args:
        world: the stand-in's Discord.
        database: the bot's.

    Attributes:
        broken: every breach of a promise, in words.
        outcomes: how many jobs ended how; "not accepted" are requests that became none.
        delivered: pictures shown to each account, by its id.
        settled: the ids of the jobs that were checked.
        over: those of them for which nothing was left to do.
    """

    def __init__(self, world: World, database: Path) -> None:
        self.broken: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.delivered: Counter[int] = Counter()
        self.settled: set[str] = set()
        self.over: set[str] = set()
        self.undeliverable: list[tuple[Person, str]] = []
        self.shown: dict[str, dict[str, Message]] = {}  # by job: the messages that show the outcome, by their ids
        self._tasks: dict[str, Task] = {}  # by our own id of the task; of ended jobs, those that were cancelled
        self._bought: Counter[str] = Counter()  # pictures that the gateway has to paint for jobs that are not settled
        self.out_of_reach = OutOfReach(world)
        self._pictures = Pictures(world, self._owner_of, self.broken)
        self._for_everybody: set[str] = set()  # jobs whose outcome somebody else could see
        self._private: set[int] = set()  # interactions that ask for what only the person is to see
        self._world = world
        self._asked: dict[int, _Asked] = {}
        self._people: dict[int, Person] = {}
        self._database = f"file:{database}?mode=ro"
        world.subscribe(self._changed)

    @property
    def open(self) -> int:
        """Requests that are not settled."""
        return len(self._asked)

    def is_open(self, asked: str) -> bool:
        """Whether the request that began with this interaction or message is not settled."""
        return int(asked) in self._asked

    # What is seen

    def paid(self, task: Task) -> None:
        """Note that the gateway has accepted a task."""
        own = task.business_id or ""
        if own in self._tasks:
            self.broken.append(f"task {own} was accepted by the gateway again")
        self._tasks[own] = task
        job = own.partition("-")[0]
        if job in self.settled:
            self.broken.append(f"task {own} was submitted after its job had ended")
        else:
            self._bought[job] += task.request.count

    def _changed(self, change: Change) -> None:
        message = change.message
        if message is None or message.author is not self._world.application.bot:
            return
        self._pictures.changed(change, message)
        job = outcome_in(message)
        if job is None or change.kind == "message_deleted":
            return
        if job in self.settled:
            self._check_late(job, message)
            return
        direct = message.channel in self._world.direct_channels.values()
        if not (message.ephemeral or direct):
            self._for_everybody.add(job)
        shown = self.shown.setdefault(job, {})
        shown[message.id] = message
        if len(shown) > 1:
            self.broken.append(f"the outcome of job {job} is posted {len(shown)} times")

    def _check_late(self, job: str, message: Message) -> None:
        row = self._row("id = ?", job)
        if row is None or row.message != int(message.id):
            self.broken.append(f"the outcome of job {job} is posted again, after its end")

    # What is asked

    async def settling(self, person: Person, asked: str) -> Row | None:
        """Wait until the request that began with this interaction or message is at its end; None: not accepted."""
        loop = asyncio.get_running_loop()
        self._people[int(person.user.id)] = person
        if (interaction := self._world.interactions.get(asked)) is not None and _asks_privately(interaction):
            self._private.add(int(asked))
        waiting = self._asked[int(asked)] = _Asked(person=person, at=loop.time(), settled=loop.create_future())
        return await waiting.settled

    async def keep(self, commits: Commits) -> None:
        """Settle what is at its end, until cancelled: whenever something was written or a deadline is over."""
        loop = asyncio.get_running_loop()
        while True:
            seen = commits.count
            self._look()
            await asyncio.sleep(_LOOK_EVERY)
            deadlines = [each.deadline for each in self._asked.values() if each.deadline > loop.time()]
            until = min(deadlines, default=loop.time() + _NOT_TAKEN_AFTER)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await commits.more_than(seen)

    def _look(self) -> None:
        if not self._asked:
            return
        now = asyncio.get_running_loop().time()
        rows = {row.asked: row for row in self._rows(self._asked)}
        for asked, waiting in tuple(self._asked.items()):
            row = rows.get(asked)
            if row is None:
                if now >= waiting.deadline:
                    self.outcomes["not accepted"] += 1
                    self._settle(asked, waiting, None)
            elif row.state not in ACTIVE_JOBS:
                waiting.ended_at = waiting.ended_at or now
                if row.tidied or now >= waiting.deadline:
                    self.check(row)
                    self._settle(asked, waiting, row)

    def _settle(self, asked: int, waiting: _Asked, row: Row | None) -> None:
        del self._asked[asked]
        waiting.settled.set_result(row)

    # What must hold

    def check(self, row: Row) -> None:
        """Hold a job at its end against what was seen of it."""
        if row.id in self.settled:
            return
        self.settled.add(row.id)
        if row.tidied:
            self.over.add(row.id)
        self.outcomes[row.state] += 1
        shown = self.shown.pop(row.id, {})
        pictures = sum(len(message.attachments) for message in shown.values())
        if row.state is JobState.DELIVERED:
            self.delivered[row.user] += pictures
        for wrong in _wrong(row, shown, pictures, self._bought.pop(row.id, 0)):
            self.broken.append(f"job {row.id}, {row.state}: {wrong}")
        if row.asked in self._private and row.id in self._for_everybody:
            self.broken.append(f"the outcome of job {row.id} is private, and everybody could see it")
        self._for_everybody.discard(row.id)
        if row.state is JobState.UNDELIVERABLE:
            self.undeliverable.append((self._people[row.user], row.id))
        if row.state is not JobState.CANCELLED:
            for position in range(1, MOST_PICTURES + 1):
                self._tasks.pop(f"{row.id}-{position}", None)

    def check_rest(self) -> None:
        """Check the jobs that nobody waited for any more, and that nothing is left to do for any."""
        for row in self._select(f"{_ROWS} ORDER BY id"):
            if row.state in ACTIVE_JOBS:
                self.broken.append(f"job {row.id} is still {row.state}")
            else:
                if row.id not in self.settled:
                    self.outcomes["not accepted"] -= 1  # it was, later than anybody waited
                self.check(row)
            if not row.tidied:
                self.broken.append(f"job {row.id}, {row.state}: something is left to tidy")
        self.broken += [
            f"{count} pictures were bought for {job}, which is no job" for job, count in self._bought.items()
        ]
        self.broken += self._cancellable()

    def _cancellable(self) -> Iterator[str]:
        """Where there is a button that cancels what is over, although the bot could have taken it away."""
        for message in messages_of_the_bot(self._world):
            job = cancellable_in(message)
            row = self._row("id = ?", job) if job is not None else None
            if row is None or row.state in ACTIVE_JOBS or not row.tidied or message in self.out_of_reach:
                continue
            if message.interaction is None or (row.seconds or 0.0) < _TOKEN_LIVES:
                yield f"job {row.id}, {row.state}: below {message.content!r} it can still be cancelled"

    def cancelled_pictures(self, user: int) -> int:
        """What a person's cancelled jobs count: what the gateway was asked for by then, unless it failed there.

        What it has, although nobody could find out, is *unclear* and given back. What is counted otherwise is broken.
        """
        spent = 0
        tasks = (
            "SELECT tasks.id, tasks.state, tasks.pictures, tasks.failure FROM tasks JOIN jobs ON jobs.id = job_id"
            " WHERE user_id = ? AND jobs.state = 'cancelled'"
        )
        for own, state, pictures, failure in self._ask(tasks, user):
            task = self._tasks.get(own)
            paid = 0 if task is None or task.script.ending == "failed" or state == "unclear" else task.request.count
            counted = pictures if state == "completed" else 0
            spent += paid
            if counted != paid:
                self.broken.append(f"task {own}, cancelled and {state} ({failure}): {counted} of {paid} are counted")
        return spent

    @property
    def people(self) -> dict[int, Person]:
        """Whoever asked for anything, by id."""
        return self._people

    def unfinished(self) -> int:
        """Jobs for which something is left to do."""
        ((count,),) = self._ask("SELECT count(*) FROM jobs WHERE NOT tidied")
        return int(count)

    def _rows(self, asked: Iterable[int]) -> list[Row]:
        wanted = list(asked)
        return self._select(f"{_ROWS} WHERE interaction_id IN ({', '.join('?' * len(wanted))})", *wanted)

    def _owner_of(self, job: str) -> int | None:
        row = self._row("id = ?", job)
        return row.user if row is not None else None

    def _row(self, condition: str, value: str) -> Row | None:
        return next(iter(self._select(f"{_ROWS} WHERE {condition}", value)), None)

    def _select(self, statement: str, *values: object) -> list[Row]:
        return [
            Row(
                id=row[0],
                asked=row[1],
                user=row[2],
                state=JobState(row[3]),
                tidied=bool(row[4]),
                message=row[5],
                prompt=request["prompt"],
                wanted=request["count"],
                seconds=row[7],
                pictures=int(row[8]),
            )
            for row in self._ask(statement, *values)
            for request in (json.loads(row[6]),)
        ]

    def _ask(self, statement: str, *values: object) -> list[Any]:
        """The rows; the file is not kept open, because SQLite would then keep those open that the bot closes."""
        with contextlib.closing(sqlite3.connect(self._database, uri=True)) as database:
            return database.execute(statement, values).fetchall()


def _wrong(row: Row, shown: dict[str, Message], pictures: int, bought: int) -> Iterator[str]:
    """What is wrong with what was seen of a job: messages with its outcome by their ids, and pictures in them."""
    yield from _misplaced(row, shown)
    for message in shown.values():
        if not says(message, row.prompt):
            yield f"of “{row.prompt}” its outcome says nothing: {message.content!r}"
    if row.state is JobState.DELIVERED and pictures != row.pictures:
        yield f"{pictures} pictures are shown, and {row.pictures} counted"
    if row.state is JobState.DELIVERED and not pictures:
        yield "no picture is shown"
    if row.state in {JobState.FAILED, JobState.CANCELLED} and pictures:
        yield "a picture is shown"
    if bought > row.wanted:
        yield f"{bought} pictures were bought, and {row.wanted} wanted"


def _misplaced(row: Row, shown: dict[str, Message]) -> Iterator[str]:
    if row.state in {JobState.DELIVERED, JobState.FAILED}:
        if len(shown) != 1:
            yield f"{len(shown)} messages show its outcome"
        elif str(row.message) not in shown:
            yield f"its outcome is in message {next(iter(shown))}, but {row.message} is written"
    elif len(shown) > 1:
        yield f"{len(shown)} messages show its outcome"


def _asks_privately(interaction: Interaction) -> bool:
    options = interaction.data.get("options", ())
    return any(option.get("name") == "private" and option.get("value") for option in options)
