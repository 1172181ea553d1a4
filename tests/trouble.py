"""Trouble with the database: it is kept busy from outside, as under a load, or a table is not there."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.database import _READERS
from tests.stage import Stage
from tests.workshop import until


@contextmanager
def undecided(stage: Stage) -> Generator[None]:
    """Keep the database busy, so that nothing can be written meanwhile."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
    other.close()


@asynccontextmanager
async def unreadable(stage: Stage) -> AsyncGenerator[None]:
    """Keep every reader of the database busy, so that nothing can be looked up meanwhile."""
    reading: list[AsyncConnection] = []
    over = asyncio.Event()

    async def read(connection: AsyncConnection) -> None:
        reading.append(connection)
        await over.wait()

    database = stage.services.preferences._database
    readers = [asyncio.create_task(database.read(read)) for _ in range(_READERS)]
    await until(lambda: len(reading) == _READERS)
    try:
        yield
    finally:
        over.set()
        await asyncio.gather(*readers)


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
