"""Rows about the database: what it may suffer, how that is brought about, and what people notice."""

import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bot.errors import EXIT_TEMPORARY
from tests.stage import Stage

Trouble: TypeAlias = Callable[[Stage], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class DatabaseRow:
    """Trouble with the database of a running bot.

    Attributes:
        trouble: holds while it is entered.
        says: what SQLite says of it, in the log.
        leaves_room: whether what is small may still find room.
    """

    name: str
    trouble: Trouble
    says: str
    leaves_room: bool = False


@dataclass(frozen=True, kw_only=True)
class StartRow:
    """Trouble that is there before the start, with what the operator is told and the exit code."""

    name: str
    trouble: Callable[[Path], AbstractContextManager[None]]
    says: str
    exit_code: int = 1


async def _pragma(stage: Stage, pragma: str) -> None:
    """Set something on the bot's own writing connection, of which there is one."""
    database = stage.services.store._database
    async with database._writer.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await (await driver.execute(f"PRAGMA {pragma}")).close()


@asynccontextmanager
async def full(stage: Stage) -> AsyncGenerator[None]:
    """The database may have no more pages: SQLITE_FULL, as where its disk is full."""
    await _pragma(stage, "max_page_count = 1")  # no fewer than there are
    yield
    await _pragma(stage, "max_page_count = 1000000")


@asynccontextmanager
async def no_space(_stage: Stage) -> AsyncGenerator[None]:
    """The kernel lets nobody in this process write to any file: EFBIG in the place of ENOSPC."""
    with limited():
        yield


@contextmanager
def limited() -> Generator[None]:
    """No file may have a byte more; Python ignores the signal that comes with it, so that writing fails."""
    import resource  # noqa: PLC0415 - there is none on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@asynccontextmanager
async def locked(stage: Stage) -> AsyncGenerator[None]:
    """Another program holds the database for longer than the bot waits."""
    await _pragma(stage, "busy_timeout = 20")
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
    other.close()


@asynccontextmanager
async def read_only(stage: Stage) -> AsyncGenerator[None]:
    """What SQLite says of a file that may only be read: SQLITE_READONLY; to root, every file is writable."""
    await _pragma(stage, "query_only = ON")
    yield
    await _pragma(stage, "query_only = OFF")


@asynccontextmanager
async def damaged(stage: Stage) -> AsyncGenerator[None]:
    """The pages at which the tables of jobs and tasks begin are overwritten, and later as they were."""
    path = stage.folder / "easel.db"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = other.execute("PRAGMA page_size").fetchone()
        roots = [row[0] for row in other.execute("SELECT rootpage FROM sqlite_master WHERE name IN ('jobs', 'tasks')")]
    other.close()
    sound = path.read_bytes()
    with path.open("r+b") as file:
        for root in roots:
            file.seek((root - 1) * size)
            file.write(b"\xff" * size)
    _forget_pages(path)
    yield
    with path.open("r+b") as file:
        for root in roots:
            file.seek((root - 1) * size)
            file.write(sound[(root - 1) * size : root * size])
    _forget_pages(path)


def _forget_pages(path: Path) -> None:
    """A commit from outside makes every connection read its pages anew."""
    with sqlite3.connect(path) as other:
        other.execute("INSERT OR REPLACE INTO notes VALUES ('damage', '')")
    other.close()


RUNNING: Sequence[DatabaseRow] = (
    DatabaseRow(name="full", trouble=full, says="database or disk is full", leaves_room=True),
    DatabaseRow(name="no space", trouble=no_space, says="disk I/O error"),
    DatabaseRow(name="locked", trouble=locked, says="database is locked"),
    DatabaseRow(name="read-only", trouble=read_only, says="attempt to write a readonly database"),
    DatabaseRow(name="damaged", trouble=damaged, says="database disk image is malformed"),
)


@contextmanager
def _no_space_at_start(_path: Path) -> Generator[None]:
    with limited():
        yield


@contextmanager
def _locked_at_start(path: Path) -> Generator[None]:
    with sqlite3.connect(path) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.rollback()
    other.close()


@contextmanager
def _half(path: Path) -> Generator[None]:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 // 4096 * 4096])
    yield


@contextmanager
def _overwritten(path: Path) -> Generator[None]:
    path.write_bytes(b"this is no database, whatever its name says" * 1000)
    yield


STARTING: Sequence[StartRow] = (
    StartRow(name="no space", trouble=_no_space_at_start, says="disk I/O error; see whether its disk is sound"),
    StartRow(
        name="locked",
        trouble=_locked_at_start,
        says="database is locked; another program is at it",
        exit_code=EXIT_TEMPORARY,
    ),
    StartRow(name="half of it", trouble=_half, says="malformed; delete easel.db-wal and easel.db-shm where they are"),
    StartRow(name="overwritten", trouble=_overwritten, says="not a database; delete easel.db-wal"),
)
