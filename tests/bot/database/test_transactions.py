"""Transactions and readers: what is written together, by one at a time, and whoever is cancelled meanwhile."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database, open_database
from bot.errors import DatabaseFailed
from bot.jobs.store import JobCancelled
from tests.bot.database.conftest import note, url_of


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


@pytest.mark.parametrize(("failure", "logged"), [(Boom(), True), (JobCancelled("by its person"), False)])
async def test_a_failure_after_the_callers_cancellation_is_logged_unless_nothing_is_wrong(
    database: Database, caplog: pytest.LogCaptureFixture, failure: Exception, logged: bool
) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(_: AsyncConnection) -> None:
        inside.set()
        await go_on.wait()
        raise failure

    caller = asyncio.create_task(database.transaction(work))
    await inside.wait()
    caller.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ("a transaction failed" in caplog.text) is logged


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


async def test_what_is_deleted_is_wiped(database: Database) -> None:
    assert await database.transaction(lambda connection: connection.scalar(text("PRAGMA secure_delete"))) == 1


async def test_a_connection_keeps_few_pages_in_memory(database: Database) -> None:
    for run in (database.transaction, database.read):
        assert await run(lambda connection: connection.scalar(text("PRAGMA cache_size"))) == -256


async def test_commits_survive_a_power_loss(database: Database) -> None:
    async def pragmas(connection: AsyncConnection) -> tuple[str, int, int]:
        journal = await connection.scalar(text("PRAGMA journal_mode"))
        synchronous = await connection.scalar(text("PRAGMA synchronous"))
        foreign_keys = await connection.scalar(text("PRAGMA foreign_keys"))
        return journal, synchronous, foreign_keys

    assert await database.transaction(pragmas) == ("wal", 2, 1)
