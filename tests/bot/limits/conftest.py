"""A ledger with nothing in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import open_database
from bot.jobs.store import Store
from tests.clocks import FastClock
from tests.databases import new_database


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FastClock) -> AsyncIterator[Store]:
    async with open_database(new_database(tmp_path)) as database:
        yield Store(database, clock)
