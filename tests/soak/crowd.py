"""Everybody who asks, and what happens to the websocket meanwhile."""

import asyncio
import random

from tests.soak.book import Book
from tests.soak.forgetting import forget
from tests.soak.people import Asker, Gallery
from tests.soak.report import READINGS, Report
from tests.soak.vitals import read_vitals
from tests.stage import Stage

_PEOPLE = 24
_FORGET_EVERY = 10  # settled requests
_TROUBLE_EVERY = 60  # settled requests between two troubles with the websocket


class Crowd:
    """Everybody, until enough was asked for."""

    def __init__(self, stage: Stage, book: Book, report: Report) -> None:
        self._stage = stage
        self._book = book
        self._report = report
        self._random = random.Random(f"people {report.plan.seed}")  # noqa: S311 - repeatable, nothing secret
        self._begun = 0
        self._settled = 0

    async def live(self) -> None:
        """Have everybody ask, until all that was asked for is settled."""
        gallery = Gallery()
        others = [self._stage.guild.add_channel(name) for name in ("art", "more-art")]
        askers: list[Asker] = []
        for number in range(min(_PEOPLE, self._report.plan.jobs)):
            name = f"person-{number}"
            if number % 8 == 6:
                person, speaks = self._stage.stranger(name), True
            elif number % 8 == 7:
                person, speaks = self._stage.guest(name), False
            else:
                person, speaks = self._stage.person(name, self._random.choice([self._stage.channel, *others])), True
            person._watch._show = lambda: ()  # what they saw is not told of, and takes long to look through
            rng = random.Random(f"{name} {self._report.plan.seed}")  # noqa: S311 - repeatable, nothing secret
            askers.append(
                Asker(
                    stage=self._stage,
                    person=person,
                    gallery=gallery,
                    rng=rng,
                    turns=2 * self._report.plan.failures,
                    speaks=speaks,
                )
            )
        await asyncio.gather(*(self._live(asker) for asker in askers))

    async def _live(self, asker: Asker) -> None:
        while self._begun < self._report.plan.jobs:
            self._begun += 1
            asked = await asker.asks()
            row = await self._book.settling(asker.person, asked) if asked is not None else None
            asker.saw(row)
            if row is None:
                self._begun -= 1  # one that is no job does not count
            else:
                await self._one_more()
            await asyncio.sleep(asker.rng.uniform(0.0, 2.0))

    async def _one_more(self) -> None:
        self._settled += 1
        jobs = self._report.plan.jobs
        if self._settled % _FORGET_EVERY == 0:
            forget(self._stage, self._book)
        if self._settled % _TROUBLE_EVERY == 0:
            await self._trouble()
        due = READINGS[len(self._report.readings)]
        if due < READINGS[-1] and self._settled * 100 >= due * jobs:
            self._report.readings.append(read_vitals(self._stage.folder, self._settled))

    async def _trouble(self) -> None:
        """Something with the websocket."""
        gateway = self._stage.discord.gateway
        match self._random.randrange(7):
            case 0:
                gateway.reconnect()
            case 1:
                gateway.invalidate(resumable=True)
            case 2:
                gateway.invalidate(resumable=False)
            case 3:
                gateway.abort()
            case 4:
                gateway.duplicate_next("INTERACTION_CREATE")
            case 5:
                gateway.duplicate_next("MESSAGE_CREATE", same_sequence=True)
            case _:
                await gateway.go_away()
                await asyncio.sleep(self._random.uniform(1, 30))
                gateway.come_back()
