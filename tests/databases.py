"""New databases: migrated once in a process and then copied, for a migration takes longer than most tests."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, create_engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from bot.migrations import migrate


def new_database(folder: Path) -> str:
    """The URL of the database in `folder`; if there is none yet, of a new one, as a first start would leave it."""
    path = folder / "easel.db"
    if not path.exists():
        path.write_bytes(_migrated())
    return f"sqlite+aiosqlite:///{path}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "easel.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrate(connection)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # stands in the file
        engine.dispose()
        return path.read_bytes()


def share_compiled_statements() -> None:
    """Compile a statement once in a process and not once for each bot: a fifth of the time of most tests."""
    compiled: LRUCache[Any, Any] = LRUCache(200)  # Alembic's are new at each start, and never used again

    def is_alike(dialect: object, other: object) -> bool:
        return type(dialect) is type(other)

    def alike(dialect: object) -> int:
        return hash(type(dialect))

    def connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    # They are kept by dialect, of which each engine has one; here all are alike.
    setattr(SQLiteDialect_aiosqlite, "__eq__", is_alike)  # noqa: B010 - checkers see a method assigned to
    setattr(SQLiteDialect_aiosqlite, "__hash__", alike)  # noqa: B010 - as above
    event.listen(Engine, "engine_connect", connected)


class Commits:
    """Tells of every commit in this process, once it is done; `count` of them are."""

    def __init__(self) -> None:
        self.count = 0
        self._next = asyncio.Event()

    async def more_than(self, count: int) -> None:
        """Wait until there were more than `count`."""
        while self.count <= count:
            await self._next.wait()

    def _committing(self, connection: Connection) -> None:
        connection.info[self] = True

    def _returned(self, _connection: Any, record: Any) -> None:
        if record.info.pop(self, False):
            self.count += 1
            self._next.set()
            self._next = asyncio.Event()


@contextmanager
def watched_commits() -> Generator[Commits]:
    """Watch the commits of all databases, whichever are opened meanwhile."""
    commits = Commits()
    listeners = (Engine, "commit", commits._committing), (Pool, "checkin", commits._returned)
    for listener in listeners:
        event.listen(*listener)
    try:
        yield commits
    finally:
        for listener in listeners:
            event.remove(*listener)


async def nothing_left(folder: Path, job_id: str, commits: Commits) -> None:
    """Wait until a job is written as over; SQLite itself is asked, for the bot's way takes long for each commit."""
    with closing(sqlite3.connect(f"{(folder / 'easel.db').as_uri()}?mode=ro", uri=True)) as database:
        while True:
            seen = commits.count
            row = database.execute("SELECT tidied FROM jobs WHERE id = ?", (job_id,)).fetchone()
            assert row is not None, f"there is no job {job_id}"
            if row[0]:
                return
            await commits.more_than(seen)
