import ast
import asyncio
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database, open_database
from bot.errors import EXIT_TEMPORARY, DatabaseFailed, StartupError
from bot.jobs.job import JobState
from bot.jobs.store import Store
from tests.clocks import FastClock
from tests.orders import GENEROUS, order

ROOT = Path(__file__).parents[2]


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(url_of(tmp_path / "easel.db")) as opened:
        yield opened


async def note(connection: AsyncConnection, key: str) -> None:
    await connection.execute(insert(tables.notes).values(key=key, value=""))


async def keys(database: Database) -> set[str]:
    async def work(connection: AsyncConnection) -> set[str]:
        return set((await connection.execute(select(tables.notes.c.key))).scalars())

    return await database.read(work)


class Boom(Exception):
    pass


async def test_a_neighbours_rollback_erases_nothing(database: Database) -> None:
    async def fails(connection: AsyncConnection) -> None:
        await note(connection, "lost")
        await asyncio.sleep(0)
        raise Boom

    results = await asyncio.gather(
        *(database.transaction(lambda connection, key=f"kept{n}": note(connection, key)) for n in range(10)),
        *(database.transaction(fails) for _ in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Boom) for result in results) == 10
    assert await keys(database) == {f"kept{n}" for n in range(10)}


async def test_counting_and_inserting_is_exact_under_parallel_use(database: Database) -> None:
    async def one_of_ten(connection: AsyncConnection, number: int) -> bool:
        count = len((await connection.execute(select(tables.notes))).all())
        await asyncio.sleep(0)
        if count >= 10:
            return False
        await note(connection, str(number))
        return True

    taken = await asyncio.gather(
        *(database.transaction(lambda connection, number=n: one_of_ten(connection, number)) for n in range(50))
    )
    assert sum(taken) == 10
    assert len(await keys(database)) == 10


async def test_a_transaction_holds_the_write_lock_from_its_beginning(database: Database, tmp_path: Path) -> None:
    def write_elsewhere() -> None:
        with sqlite3.connect(tmp_path / "easel.db", timeout=0) as other:
            other.execute("INSERT INTO notes VALUES ('stranger', '')")
        other.close()

    async def only_reads(connection: AsyncConnection) -> None:
        await connection.execute(select(tables.notes))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write_elsewhere()

    await database.transaction(only_reads)


async def test_a_cancelled_caller_hears_of_it_only_after_the_commit(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        inside.set()
        await go_on.wait()
        await note(connection, "written")

    caller = asyncio.create_task(database.transaction(work))
    await inside.wait()
    caller.cancel()
    await asyncio.sleep(0)
    caller.cancel()  # even twice
    await asyncio.sleep(0)
    assert not caller.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await keys(database) == {"written"}


async def test_a_failure_after_the_callers_cancellation_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(_: AsyncConnection) -> None:
        inside.set()
        await go_on.wait()
        raise Boom

    caller = asyncio.create_task(database.transaction(work))
    await inside.wait()
    caller.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert "a transaction failed" in caplog.text


async def test_a_reader_that_is_cancelled_leaves_nothing_behind_when_all_is_closed(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    loop, inside, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold() -> bool:
        loop.call_soon_threadsafe(inside.set)
        return go_on.wait()

    async def work(connection: AsyncConnection) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.create_function("hold", 0, hold)
        await connection.scalar(text("SELECT hold()"))

    async with open_database(url_of(tmp_path / "easel.db")) as database:
        reader = asyncio.create_task(database.read(work))
        await inside.wait()
        reader.cancel()
        await asyncio.sleep(0)
        reader.cancel()  # even twice
        with pytest.raises(asyncio.CancelledError):
            await reader
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0)
        assert not closing.done(), "a thread is still at work"
        go_on.set()
        await closing
        for thread in set(threading.enumerate()) - threads:
            thread.join()


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseFailed, match="readonly"):
        await database.read(lambda connection: note(connection, "smuggled"))


async def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        await note(connection, "later")
        inside.set()
        await go_on.wait()

    writer = asyncio.create_task(database.transaction(work))
    await inside.wait()
    assert await keys(database) == set()
    go_on.set()
    await writer
    assert await keys(database) == {"later"}


async def test_commits_survive_a_power_loss(database: Database) -> None:
    async def pragmas(connection: AsyncConnection) -> tuple[str, int, int]:
        journal = await connection.scalar(text("PRAGMA journal_mode"))
        synchronous = await connection.scalar(text("PRAGMA synchronous"))
        foreign_keys = await connection.scalar(text("PRAGMA foreign_keys"))
        return journal, synchronous, foreign_keys

    assert await database.transaction(pragmas) == ("wal", 2, 1)


async def test_a_second_process_is_refused_and_told_why(tmp_path: Path) -> None:
    async with open_database(url_of(tmp_path / "easel.db")):
        with pytest.raises(StartupError, match="another Easel is running") as refused:
            async with open_database(url_of(tmp_path / "easel.db")):
                pass
    assert refused.value.exit_code == EXIT_TEMPORARY
    async with open_database(url_of(tmp_path / "easel.db")):
        pass


async def test_a_link_to_a_database_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "easel.db")
    async with open_database(url_of(tmp_path / "easel.db")):
        with pytest.raises(StartupError, match="another Easel is running"):
            async with open_database(url_of(tmp_path / "link.db")):
                pass


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    async with open_database(url_of(tmp_path / "deep" / "er" / "easel.db")):
        assert (tmp_path / "deep" / "er" / "easel.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_what_is_made_is_closed_to_everyone_else(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        async with open_database(url_of(tmp_path / "data" / "easel.db")) as database:
            await database.transaction(lambda connection: note(connection, "x"))
            names = {path.name for path in (tmp_path / "data").iterdir()}
            modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    finally:
        os.umask(previous)
    assert {"easel.db", "easel.db-wal"} <= names
    assert modes == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o750)
    async with open_database(url_of(folder / "easel.db")):
        assert folder.stat().st_mode & 0o777 == 0o750


async def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "easel.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StartupError, match=r"DATABASE_URL: cannot use .*not a database"):
        async with open_database(url_of(tmp_path / "easel.db")):
            pass


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match="DATABASE_URL: cannot open"):
        async with open_database(url_of(tmp_path / "file" / "easel.db")):
            pass


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    async with open_database(url_of(path)):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StartupError, match="made by a newer Easel"):
        async with open_database(url_of(path)):
            pass


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def differences(connection: object) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)  # type: ignore[arg-type]

    assert await database.read(lambda connection: connection.run_sync(differences)) == []


async def test_an_older_database_keeps_its_rows_and_tells_of_what_was_not_told_yet(tmp_path: Path) -> None:
    path, clock = tmp_path / "easel.db", FastClock()
    async with open_database(url_of(path)) as database:
        job = (await Store(database, clock).accept(order(user_id=1), (1,), GENEROUS)).job
        await Store(database, clock).move(job.id, JobState.DELIVERING)
        ended = await Store(database, clock).end(job.id, JobState.UNDELIVERABLE)
    with sqlite3.connect(path) as connection:
        for table in ("uploads", "hints", "preferences", "drafts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX ix_jobs_response_message_id")
        for column in ("told_at", "origin", "spoiler"):
            connection.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
        for column in ("role", "width", "height", "reduced", "uploaded_until"):
            connection.execute(f'ALTER TABLE "references" DROP COLUMN {column}')
        connection.execute('ALTER TABLE "references" ADD COLUMN uploaded_at FLOAT')
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    async with open_database(url_of(path)) as database:
        assert await Store(database, clock).untold(1, 5) == [ended]


def migrate_and_die(path: Path, fatal: int) -> bool:
    """Migrate in a child that kills itself before the `fatal`-th statement or commit; False: none was left."""
    child = os.fork()
    if child == 0:
        points = iter(range(1, sys.maxsize))

        def point(*_: object) -> None:
            if next(points) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", point)
        event.listen(Engine, "commit", point)

        async def migrate() -> None:
            async with open_database(url_of(path)):
                pass

        try:
            asyncio.run(migrate())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def tables_in(path: Path) -> frozenset[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = frozenset(name for (name,) in rows)
    connection.close()
    return names


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a child at each statement")
def test_a_migration_killed_at_any_statement_is_made_good_by_the_next_start(tmp_path: Path) -> None:
    made = {*tables.metadata.tables, "alembic_version"}
    left_behind: set[frozenset[str]] = set()
    fatal = 0
    while True:
        fatal += 1
        path = tmp_path / f"{fatal}.db"
        if not migrate_and_die(path, fatal):
            break
        left = tables_in(path)
        assert left in (set(), made), "all or nothing"
        if left in left_behind and fatal % 8:
            continue  # the next start is as the one before
        left_behind.add(left)
        assert not migrate_and_die(path, 0)
        assert tables_in(path) == made
        with sqlite3.connect(path) as connection:
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        connection.close()
        assert versions == [("0003",)]
    assert fatal > 30, "the points were not reached"


OWNERS = {
    "bot/jobs/store.py",
    "bot/jobs/cancelling.py",
    "bot/jobs/records.py",
    "bot/jobs/rows.py",
    "bot/jobs/hints.py",
    "bot/jobs/preferences.py",
    "bot/jobs/drafts.py",
    "bot/jobs/uploads.py",
    "bot/limits.py",
    "bot/database.py",
    "bot/tables.py",
}
"""The modules that hold statements."""


def test_only_the_modules_that_own_tables_hold_statements() -> None:
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]:
        name = path.relative_to(ROOT).as_posix()
        if name in OWNERS | {"bot/config.py"} or name.startswith("bot/migrations/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                assert not any(
                    module.partition(".")[0] in {"sqlalchemy", "aiosqlite", "sqlite3"} for module in imported
                ), name
            if isinstance(node, ast.Attribute):
                assert node.attr != "transaction", f"{name} opens a transaction"


NETWORK = {"aiohttp", "discord", "http", "socket", "ssl", "urllib", "yarl"}
OUR_NETWORK = {"bot.toapis.client", "bot.download", "bot.jobs.ports"}


def test_what_runs_inside_a_transaction_cannot_reach_a_network() -> None:
    for name in OWNERS:
        imported: set[str] = set()
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
        assert not imported & OUR_NETWORK, name
        assert not {module.partition(".")[0] for module in imported} & NETWORK, name
