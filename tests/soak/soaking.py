"""One soak, from the start of the bot to the last promise."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.media import Darkroom
from bot.sandbox.discord.people import InteractionFailed, NotPossible, Person, WaitedInVain
from bot.sandbox.record import Exchange
from bot.sandbox.toapis.rules import Request
from bot.sandbox.toapis.tasks import Reference, Script, Task
from tests.databases import watched_commits
from tests.soak.book import Book
from tests.soak.crowd import Crowd
from tests.soak.failures import Failures
from tests.soak.forgetting import ShortRecord, unlimited
from tests.soak.report import Plan, Report
from tests.soak.surroundings import errors, held, left_behind, temporary_files
from tests.soak.vitals import read_vitals
from tests.stage import Stage, open_stage

_GROWTH = 0.10  # of the memory at the first reading, which the last may have more
_MANY = 1000  # jobs; what is loaded and kept once weighs more than fewer do
_MOST_PAGES = 100_000  # of a history that are turned to find a request
_NEVER = 1e6  # seconds
_CALM = 600.0  # seconds without failures, in which most ends well by itself
_END_WITHIN = 8000.0  # seconds for what is under way: links, tokens and patience all have an end by then


async def soak(folder: Path, plan: Plan, darkroom: Darkroom | None = None) -> Report:
    """Push jobs through the bot and hold it to its promises.

    Args:
        folder: for the database.
        plan: how long and how hard.
        darkroom: one that others use, too; by default the bot opens its own, and must close it.
    """
    report = Report(plan=plan)
    began = time.perf_counter()
    failures = Failures(0.0, f"failures {plan.seed}")
    with temporary_files(folder / "tmp") as temporary, errors(report):
        async with _world(folder, failures) as stage:
            stage.darkroom = darkroom
            await _soaked(stage, failures, report)
            report.check(not any(temporary.iterdir()), f"temporary files are left: {[*temporary.iterdir()]}")
    report.struck, report.exchanges = failures.struck, failures.exchanges
    report.seconds = time.perf_counter() - began
    _check_memory(report)
    return report


async def _soaked(stage: Stage, failures: Failures, report: Report) -> None:
    shared = stage.darkroom is not None
    idle = await held(shared=shared)
    await stage.start_bot()
    book = Book(stage.world, stage.folder / "easel.db")
    _watch_payments(stage, book)
    _watch_answers(stage, book)
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        failures.share = report.plan.failures
        async with _kept(book):
            await Crowd(stage, book, report).live()
        failures.share = 0.0
        await _until_finished(book, _CALM)
        report.readings.append(read_vitals(stage.folder, report.plan.jobs))
        _check_budget(stage, report)
        await stage.stop_bot()
        left = await left_behind(idle, shared=shared)
        report.left = left
        report.check(not left, f"the bot has left behind: {dict(left)}")
        # What Discord did not take at the end of a job is the next start's.
        await stage.start_bot()
        await _until_finished(book, _END_WITHIN)
        book.check_rest()
        await _check_histories(book)
        await _check_allowances(stage, book, report)
    finally:
        report.passed = loop.time() - started
        report.outcomes = book.outcomes
        report.broken += book.broken


@asynccontextmanager
async def _kept(book: Book) -> AsyncGenerator[None]:
    """Settle requests meanwhile."""
    with watched_commits() as commits:
        keeping = asyncio.create_task(book.keep(commits))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


@asynccontextmanager
async def _world(folder: Path, failures: Failures) -> AsyncGenerator[Stage]:
    """The stage, with limits that nobody reaches but where a failure says so."""
    most = 1_000_000
    async with open_stage(
        folder,
        record=ShortRecord(),
        faults=failures,
        user_images_per_window=most,
        user_jobs_in_flight=most,
        bot_images_per_day=most,
        bot_tasks_in_flight=most,
        toapis_submits_per_minute=most,
        toapis_queries_per_minute=most,
    ) as stage:
        stage.discord.limiter.limits = unlimited()
        stage.gateway.limiter.set({})
        stage.gateway.balance.credit = None
        # discord.py's heart beats as time really goes by, in a thread; the stand-in listens in the loop's time.
        stage.discord.gateway.manners.heartbeat_interval = _NEVER
        stage.discord.gateway.sessions.replay_events = 200
        yield stage


def _watch_payments(stage: Stage, book: Book) -> None:
    add = stage.gateway._book.add

    def noted(request: Request, script: Script, references: tuple[Reference, ...], cost: float, now: float) -> Task:
        task = add(request, script, references, cost, now)
        book.paid(task)
        return task

    stage.gateway._book.add = noted


def _watch_answers(stage: Stage, book: Book) -> None:
    append = stage.record.append

    def noted(make: Callable[[int], Exchange]) -> Exchange:
        exchange = append(make)
        book.out_of_reach.answered(exchange)
        return exchange

    stage.record.append = noted


async def _until_finished(book: Book, within: float) -> None:
    """Wait until nothing is left to do, or for so many seconds of the bot's time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while book.unfinished():  # noqa: ASYNC110 - a file tells of nothing
                await asyncio.sleep(1.0)


# Promises


def _check_budget(stage: Stage, report: Report) -> None:
    budget = stage.services.engine._tools.budget
    held = budget._total - budget._free
    report.check(held == 0, f"{held} bytes of the budget are held")


def _check_memory(report: Report) -> None:
    first, last = report.readings[0].memory, report.readings[-1].memory
    if report.plan.jobs >= _MANY:
        report.check(last <= first * (1 + _GROWTH), f"memory grew from {first} to {last} bytes")


async def _check_histories(book: Book) -> None:
    """What could not be shown stands in the person's history."""
    for person, job in book.undeliverable:
        try:
            if not await _is_in_history(person, job):
                book.broken.append(f"job {job} could not be shown, and is not in the history")
        except (NotPossible, InteractionFailed, WaitedInVain) as error:
            book.broken.append(f"the history of {person.user.name} cannot be read: {error}")


async def _is_in_history(person: Person, job: str) -> bool:
    handle = await person.command("history")
    panel = await handle.answer()
    for _ in range(_MOST_PAGES):
        if any(job in str(button.custom_id) for button in panel.buttons):
            return True
        older = next((each for each in panel.buttons if str(each.custom_id).startswith("history:older")), None)
        if older is None or older.disabled:
            return False
        before = panel
        await person.press(panel, str(older.custom_id))
        panel = await person.waits_for(
            lambda message, before=before: message.id == before.id and message.text != before.text
        )
    return False


async def _check_allowances(stage: Stage, book: Book, report: Report) -> None:
    """What the bot counts is what was shown, and what was cancelled when it was paid for already."""
    for user, person in book.people.items():
        counted = (await stage.services.engine.usage(user)).images
        shown, spent = book.delivered[user], book.cancelled_pictures(user)
        report.spent += spent
        report.check(
            counted == shown + spent,
            f"{person.user.name} has used {counted} pictures, was shown {shown}, and cancelled {spent} too late",
        )
