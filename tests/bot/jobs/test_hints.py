import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database, open_database
from bot.jobs.hints import EVERY, HintStore
from tests.clocks import FastClock
from tests.databases import new_database

ADA, BOB = 1, 2
HERE, THERE = 10, 20


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(new_database(tmp_path)) as opened:
        yield opened


@pytest.fixture
def hints(database: Database, clock: FastClock) -> HintStore:
    return HintStore(database, clock)


async def rows(database: Database) -> int:
    async def work(connection: AsyncConnection) -> int:
        return await connection.scalar(select(func.count()).select_from(tables.hints)) or 0

    return await database.read(work)


async def test_a_hint_is_due_once_an_hour(hints: HintStore, clock: FastClock) -> None:
    assert await hints.due(ADA, HERE)
    assert not await hints.due(ADA, HERE)
    clock.advance(EVERY - 1)
    assert not await hints.due(ADA, HERE)
    clock.advance(1)
    assert await hints.due(ADA, HERE)


async def test_every_person_and_every_channel_has_its_own_hour(hints: HintStore) -> None:
    assert await hints.due(ADA, HERE)
    assert await hints.due(BOB, HERE)
    assert await hints.due(ADA, THERE)
    assert not await hints.due(BOB, HERE)


async def test_a_hint_that_is_not_due_does_not_begin_the_hour_anew(hints: HintStore, clock: FastClock) -> None:
    assert await hints.due(ADA, HERE)
    clock.advance(EVERY / 2)
    assert not await hints.due(ADA, HERE)
    clock.advance(EVERY / 2)
    assert await hints.due(ADA, HERE)


async def test_of_many_at_once_one_is_due(hints: HintStore) -> None:
    due = await asyncio.gather(*(hints.due(ADA, HERE) for _ in range(20)))
    assert due.count(True) == 1


async def test_it_survives_a_restart(database: Database, hints: HintStore, clock: FastClock) -> None:
    assert await hints.due(ADA, HERE)
    assert not await HintStore(database, clock).due(ADA, HERE)


async def test_what_is_over_is_swept_away(database: Database, hints: HintStore, clock: FastClock) -> None:
    for person in range(10):
        assert await hints.due(person, HERE)
    assert await rows(database) == 10
    clock.advance(EVERY)
    assert await hints.due(ADA, THERE)
    assert await rows(database) == 1
