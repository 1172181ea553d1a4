"""A request's whole life on a stage, and its judge: one stage serves many rows, each with a person and a channel."""

import asyncio
import itertools
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from typing_extensions import override

from bot.jobs.job import Job, JobState
from bot.sandbox.discord.people import Person, SeenMessage
from bot.sandbox.record import Exchange
from bot.texts import Text
from bot.ui import render
from tests.databases import Commits
from tests.faults.discord import ROUTES, DiscordRow, Story
from tests.faults.matrix import Expected, Judge, Seen
from tests.stage import Stage

_NAMES = {route: name for name, route in ROUTES.items()}
_IN_WORDS = {Story.WORDS, Story.WORDS_LONG, Story.WORDS_FAILING}
_BESIDE = {"/users/{user_id}", "/applications/{application_id}/commands"}  # asked by `Stage.settled`; asked once
_LONG = 4.0  # seconds of painting, so that the progress is shown


class Life(Judge):
    """One row on a stage that has seen others before."""

    def __init__(self, stage: Stage, commits: Commits, row: DiscordRow, log: Sequence[logging.LogRecord]) -> None:
        super().__init__(stage)
        self._stage = stage
        self._commits = commits
        self._row = row
        self._log = log
        self._logged_before = len(log)
        self._recorded_before = len(stage.record.exchanges)
        self._painted_before = len(stage.gateway.tasks)
        self._person = stage.person(row.name, stage.guild.add_channel("one-row"))

    async def run(self) -> list[str]:
        """Live it, and say what is wrong with it."""
        await self.look()
        await self._stage.settled()
        began = self._stage.clock.now()
        for fault in self._row.faults:
            self._stage.faults.add(fault)
        await self._ask()
        job = await self._ended()
        least, most = self._row.seconds
        took = (job.finished_at or 0.0) - began
        left = self._stage.faults.unused
        await self._quiet()
        shown = self._shown(job)
        seen = Seen(pictures=sum(len(each.files) for each in shown), says=_sentence(job, shown))
        complaints = await self.complaints(job, self._row.expected, seen, (), self._log[self._logged_before :])
        return [
            *complaints,
            *(f"this never happened: {fault}" for fault in left),
            *([] if least <= took <= most else [f"it took {took:.1f} s, expected {least} to {most} s"]),
            *self._about_the_messages(job, shown),
        ]

    async def _ask(self) -> None:
        gateway, row = self._stage.gateway, self._row
        if row.story in {Story.LONG, Story.WORDS_LONG}:
            gateway.next_task(seconds=_LONG)
        if row.story in {Story.FAILING, Story.WORDS_FAILING}:
            gateway.next_task(ending="failed")
        if row.story in _IN_WORDS:
            await self._person.says(f"{self._stage.mention} a lighthouse")
        else:
            await self._person.command("imagine", prompt="a lighthouse", private=row.story is Story.PRIVATE)

    async def _ended(self) -> Job:
        """The person's only job, once nothing is left to do for it."""
        with closing(sqlite3.connect(self._stage.folder / "easel.db")) as database:
            while True:
                seen = self._commits.count
                found = database.execute(
                    "SELECT id FROM jobs WHERE user_id = ? AND tidied AND finished_at", (self._person.user.id,)
                ).fetchone()
                if found:
                    break
                await self._commits.more_than(seen)
        job = await self._stage.services.engine.job(found[0])
        assert job is not None
        return job

    async def _quiet(self) -> None:
        """Wait for what is still under way: calls that the bot has given up, and handlers that wait for Discord."""
        await asyncio.gather(*self._stage.bot.handlers._tasks, return_exceptions=True)
        await asyncio.sleep(max(fault.delay for fault in self._row.faults))
        self._stage.faults.clear()
        await self._stage.settled()

    def _seen(self, person: Person) -> list[SeenMessage]:
        return [message for message in person.sees() if message.author == self._stage.bot_name]

    def _shown(self, job: Job) -> list[SeenMessage]:
        """The messages that show the outcome: anywhere, by anybody's rules no more than one."""
        everywhere = [*self._seen(self._person), *self._seen(self._direct())]
        return [each for each in everywhere if each.button(f"again:{job.id}") is not None]

    def _direct(self) -> Person:
        return self._person.at(self._stage.world.direct_channel(self._person.user))

    def _about_the_messages(self, job: Job, shown: Sequence[SeenMessage]) -> Iterator[str]:
        """One visible outcome, on the way that was expected, and nothing else that the person might read."""
        if job.delivering_route is not self._row.shown and self._row.shown is not None:
            yield f"shown on the way {job.delivering_route}, expected {self._row.shown}"
        if len(shown) != (self._row.shown is not None):
            yield f"the outcome is shown {len(shown)} times"
        written = (job.message_id, job.message_channel_id)
        if (
            shown
            and job.state is not JobState.UNDELIVERABLE
            and (int(shown[0].id), int(shown[0].channel_id)) != written
        ):
            yield "the outcome is in another message than the one that is written down"
        outcomes = {each.id for each in shown}
        everywhere = (*self._seen(self._person), *self._seen(self._direct()))
        others = [each for each in everywhere if each.id not in outcomes]
        if len(others) != self._row.left:
            yield f"beside the outcome are {[str(each) for each in others]}"
        wrong = (render.sentence(Text("internal")), "please try again in a minute")
        yield from (f"somebody is sent away: {each}" for each in others if any(words in each.text for words in wrong))

    @override
    def _about_the_faults(self) -> Iterator[str]:
        return iter(())  # they are cleared before the books are looked at

    @override
    def _exchanges(self) -> list[Exchange]:
        """What the bot asked of Discord for this row."""
        new = self._stage.record.exchanges[self._recorded_before :]
        ours = [each for each in new if each.service == "discord" and each.route not in _BESIDE]
        return sorted(ours, key=lambda each: each.at)  # they are recorded in the order of the answers

    @override
    def _about_requests(self, expected: Expected) -> Iterator[str]:
        counts: defaultdict[str, int] = defaultdict(int)
        for exchange in self._exchanges():
            route = f"{exchange.method} {exchange.route}"
            counts[_NAMES.get(route, route)] += 1
        wanted = {"edit": (0, 1), "change": (0, 1), **expected.asks}
        for name in sorted(counts.keys() | wanted.keys()):
            count = wanted.get(name, 0)
            least, most = (count, count) if isinstance(count, int) else count
            if not least <= counts[name] <= most:
                yield f"{name}: asked {counts[name]} times, expected {count}"

    @override
    def _about_the_log(self, expected: Expected, log: Sequence[logging.LogRecord]) -> Iterator[str]:
        told = {each.getMessage() for each in log} & set(expected.logged)
        if len(told) != len(expected.logged):
            yield f"the log says only {told}"
        others = [each for each in log if each.getMessage() not in told]
        yield from super()._about_the_log(replace(expected, logged=()), others)

    @override
    def _about_the_gateway(self, job: Job, expected: Expected) -> Iterator[str]:
        asked = self._stage.gateway.tasks[self._painted_before :]
        if len(asked) != expected.tasks:
            yield f"{len(asked)} tasks at the gateway, expected {expected.tasks}"
        if self._stage.gateway.paid_twice:
            yield "the gateway bills a task twice"

    @override
    def _about_pauses(self) -> Iterator[str]:
        """Whoever is asked to wait is left alone for as long; no message is sent but with its nonce.

        That pauses grow holds for ours alone: discord.py's own repetitions are short ones within them.
        """
        repetitions: defaultdict[tuple[str, str], list[Exchange]] = defaultdict(list)
        for exchange in self._exchanges():
            repetitions[exchange.method, exchange.path].append(exchange)
            enforced = bool(exchange.body) and exchange.body.get("nonce") and exchange.body.get("enforce_nonce")
            if f"{exchange.method} {exchange.route}" == ROUTES["post"] and not enforced:
                yield f"a message without a nonce: {exchange.body}"
        for run in repetitions.values():
            for earlier, later in itertools.pairwise(run):
                asked = float(earlier.retry_after or 0.0)
                if later.at - earlier.at < asked and not _is_another(earlier, later):
                    yield f"{later.method} {later.path} after {later.at - earlier.at:.2f} s, told to wait {asked} s"


def _is_another(earlier: Exchange, later: Exchange) -> bool:
    """Whether it is another message that is sent to the same place."""
    nonces = [exchange.body.get("nonce") if exchange.body else None for exchange in (earlier, later)]
    return nonces[0] != nonces[1]


def _sentence(job: Job, shown: Sequence[SeenMessage]) -> str | None:
    """The key of the failure that can be read, if one can."""
    if job.failure is None or not shown:
        return None
    return job.failure.key if render.sentence(job.failure) in shown[0].content else "another sentence"
