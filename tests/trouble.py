"""Trouble with the database: it is kept busy, as under a load, or a table is not there."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import _READERS, Database
from tests.stage import Stage
from tests.workshop import until

_Work: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]


@asynccontextmanager
async def undecided(stage: Stage) -> AsyncGenerator[None]:
    """Keep the writer of the database busy, so that nothing can be written meanwhile."""
    async with _busy(_database(stage).transaction, 1):
        yield


@asynccontextmanager
async def unreadable(stage: Stage) -> AsyncGenerator[None]:
    """Keep every reader of the database busy, so that nothing can be looked up meanwhile."""
    async with _busy(_database(stage).read, _READERS):
        yield


@asynccontextmanager
async def _busy(use: Callable[[_Work], Coroutine[Any, Any, None]], connections: int) -> AsyncGenerator[None]:
    # No thread waits, as it would for another program's lock; so time need not go by as it really does.
    used: list[AsyncConnection] = []
    over = asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        used.append(connection)
        await over.wait()

    users = [asyncio.create_task(use(work)) for _ in range(connections)]
    await until(lambda: len(used) == connections)
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*users)


def _database(stage: Stage) -> Database:
    return stage.services.preferences._database


def renamed(stage: Stage, table: str, name: str) -> None:
    """Give a table another name."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute(f"ALTER TABLE {table} RENAME TO {name}")
    other.close()


def failing(stage: Stage, what: str, words: str = "disk I/O error") -> None:
    """Have every statement of a kind fail, such as "BEFORE UPDATE OF state ON jobs"; see `mended`."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute(f"CREATE TRIGGER trouble {what} BEGIN SELECT RAISE(ABORT, '{words}'); END")
    other.close()


def mended(stage: Stage) -> None:
    """End what `failing` began."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("DROP TRIGGER trouble")
    other.close()
