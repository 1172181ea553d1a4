"""The database: engines, pragmas, migrations, the lock that keeps a second process out, and `transaction()`.

SQLite has one writer, so there is one writing connection, and every transaction on it begins with BEGIN IMMEDIATE: what
it counts cannot change before it inserts. Readers have engines of their own and see the last commit (WAL).
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from filelock import FileLock, Timeout
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.backup import back_up
from bot.database_trouble import Trouble, advice, trouble_of
from bot.errors import EXIT_TEMPORARY, DatabaseFailed, DatabaseInUse, Overtaken, StartupError
from bot.migrations import migrate, outdated
from bot.whole_statements import Turns

T = TypeVar("T")

_log = logging.getLogger(__name__)

_BUSY_SECONDS = 10
_READERS = 4


class Database:
    """An open database; `open_database` makes it."""

    def __init__(self, path: Path, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader
        self._running: set[asyncio.Future[Any]] = set()

    async def transaction(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` in one writing transaction, to its commit, whatever becomes of the caller.

        A cancelled transaction that raised and yet had committed would leave the caller believing the wrong thing; so
        the whole block is shielded and the cancellation is raised again once it is over. `work` awaits nothing but the
        connection: the one writer must never wait for a network.

        Raises:
            DatabaseFailed: nothing was written.
        """
        running = self._started(self._write(work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await _outlast(running)
            raise

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        with _translated():
            async with self._writer.begin() as connection:
                return await work(connection)

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Run `work` on a reading connection: one consistent view, no writing. Raises `DatabaseFailed`.

        It goes on to its end without a caller that is cancelled: a connection that is left in the middle of a statement
        is closed by nobody, and its thread then answers an event loop that may be gone.
        """
        return await asyncio.shield(self._started(self._read(work)))

    async def _read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        with _translated():
            async with self._reader.connect() as connection:
                return await work(connection)

    async def empty_log(self) -> None:
        """Move what is in SQLite's log of writes (`-wal`) to its place and leave nothing in the log.

        What was overwritten stands there until then. Where somebody is just reading or writing, it stays for now.
        Raises `DatabaseFailed`.
        """
        await asyncio.shield(self._started(asyncio.to_thread(self._empty_log)))

    def _empty_log(self) -> None:
        with _translated(), closing(sqlite3.connect(self._path, timeout=0, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _started(self, running: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        task = asyncio.ensure_future(running)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Close all connections, once what is running on them has ended."""
        if self._running:
            await asyncio.wait(self._running)
        await self._reader.dispose()
        await self._writer.dispose()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise DatabaseFailed(str(getattr(error, "orig", None) or error)) from error


async def _outlast(running: asyncio.Future[Any]) -> None:
    """Wait for the end of `running` however often we are cancelled; its failure is logged, for nobody waits for it."""
    while not running.done():
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            continue
    failure = None if running.cancelled() else running.exception()
    if failure is not None and not isinstance(failure, Overtaken):
        _log.error("a transaction failed after its caller was cancelled", exc_info=failure)


def path_of(url: str) -> Path:
    """The file that a database's URL names."""
    return Path(make_url(url).database or "")


@asynccontextmanager
async def open_database(url: str) -> AsyncGenerator[Database]:
    """Open the SQLite database at `url`, alone, and migrate it; a copy of one of an older version is made before.

    Args:
        url: SQLAlchemy's form, `sqlite+aiosqlite:///path`; missing folders are made. What is made is its owner's alone.

    Raises:
        StartupError: another process has it, it cannot be opened or copied, or it belongs to a newer version.
    """
    parsed = make_url(url)
    path = path_of(url)
    try:
        _make(path)
        lock = _take_lock(path)
    except OSError as error:
        why = error.strerror or error
        raise StartupError(f"DATABASE_URL: cannot open {path}: {why}; {advice(error, path)}") from error
    database = Database(path, _engine(parsed, writer=True), _engine(parsed, writer=False))
    try:
        try:
            _try_to_open(path)
            if (revision := await database.read(lambda connection: connection.run_sync(outdated))) is not None:
                await asyncio.to_thread(_back_up, path, revision)
            await database.transaction(lambda connection: connection.run_sync(migrate))
        except DatabaseFailed as error:
            exit_code = EXIT_TEMPORARY if trouble_of(error) is Trouble.BUSY else 1
            raise StartupError(
                f"DATABASE_URL: cannot use {path} as a database: {error}; {advice(error, path)}", exit_code=exit_code
            ) from error
        yield database
    finally:
        await database.close()
        lock.release()


def _make(path: Path) -> None:
    """The file and its folder, if they are missing; nobody but their owner may read the prompts in them."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives the same mode to the files that it makes beside it


def _try_to_open(path: Path) -> None:
    """Raise `DatabaseFailed` if SQLite cannot; of an attempt of its own aiosqlite would leave a thread behind."""
    with _translated(), closing(sqlite3.connect(path)):
        pass


def _back_up(path: Path, revision: str) -> None:
    try:
        copy = back_up(path.resolve(), revision)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StartupError(
            f"DATABASE_URL: {path} is of an older version (revision {revision}) and was left as it is, because it must "
            f"be copied before it is brought up to date, and cannot be: {reason}; {advice(error, path)}"
        ) from error
    _log.info("the database is brought up to date from revision %s; %s is as it was before", revision, copy)


def _take_lock(path: Path) -> FileLock:
    """An operating system's lock beside the database: it ends with the process, however that ends."""
    lock = FileLock(f"{path.resolve()}.lock", mode=0o600)  # whatever links lead to the file
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise DatabaseInUse(
            f"DATABASE_URL: another Easel is running on {path}; stop it first, or choose another file"
        ) from error
    return lock


def _engine(url: URL, *, writer: bool) -> AsyncEngine:
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writer else {"pool_size": _READERS, "max_overflow": 0}
    # Without an isolation level the driver begins no transactions of its own; `begin` below does.
    arguments = {"timeout": _BUSY_SECONDS, "isolation_level": None}
    # What a statement is given, such as a token or a prompt, has no place in the words of its failure.
    engine = create_async_engine(url, connect_args=arguments, hide_parameters=True, **pool)
    # What is deleted or overwritten, such as a token, is also wiped from the file. A connection keeps 256 KiB of pages
    # instead of SQLite's 2 MB: the system has them in memory anyway, once for all five.
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-256"]
    if not writer:
        pragmas.append("query_only=ON")

    async def prepare(driver: aiosqlite.Connection) -> Turns:
        turns = Turns(driver)
        await turns.script(";".join(f"PRAGMA {pragma}" for pragma in pragmas))
        return turns

    def connected(connection: Any, record: Any) -> None:
        record.info[Turns] = connection.run_async(prepare)

    def begin(connection: Any) -> None:
        connection.info[Turns].begin("BEGIN IMMEDIATE" if writer else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begin)
    return engine
