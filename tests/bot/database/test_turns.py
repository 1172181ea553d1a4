"""How often a transaction crosses over to its connection's thread, and that it ends wherever it breaks."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database
from bot.errors import DatabaseFailed
from tests.bot.database.conftest import note


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """One for each turn that a connection's thread has been given."""
    taken: list[None] = []
    execute: Any = getattr(aiosqlite.Connection, "_execute")  # noqa: B009 - it has no types

    async def counted(*args: Any, **kwargs: Any) -> Any:
        taken.append(None)
        return await execute(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(aiosqlite.Connection, "_execute", counted)
        yield taken


async def nothing(_: AsyncConnection) -> None:
    pass


async def look(connection: AsyncConnection) -> None:
    (await connection.execute(select(tables.notes))).all()


async def write(connection: AsyncConnection) -> None:
    await note(connection, "kept")


async def writes_and_breaks(connection: AsyncConnection) -> None:
    await write(connection)
    await connection.execute(text("DELETE FROM nowhere"))


async def notes(database: Database) -> list[Any]:
    return list((await database.read(lambda connection: connection.execute(select(tables.notes)))).all())


async def test_a_transaction_takes_one_turn_a_statement_and_one_to_end(database: Database, turns: list[None]) -> None:
    await database.read(look)  # its connection is open now, as the writer's is
    for run, work, expected in [
        (database.read, look, 2),
        (database.transaction, write, 2),
        (database.read, nothing, 0),
        (database.transaction, nothing, 0),
    ]:
        turns.clear()
        await run(work)
        assert len(turns) == expected


async def test_a_first_statement_that_fails_leaves_no_transaction(database: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailed, match="no such table"):
        await database.transaction(lambda connection: connection.execute(text("DELETE FROM nowhere")))
    with closing(sqlite3.connect(tmp_path / "easel.db", timeout=0)) as other, other:
        other.execute("INSERT INTO notes VALUES ('stranger', '')")


async def test_a_transaction_that_cannot_begin_leaves_the_next_one_whole(database: Database, tmp_path: Path) -> None:
    await database.transaction(lambda connection: connection.execute(text("PRAGMA busy_timeout=0")))
    with closing(sqlite3.connect(tmp_path / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFailed, match="locked"):
            await database.transaction(look)

    with pytest.raises(DatabaseFailed, match="no such table"):
        await database.transaction(writes_and_breaks)
    assert await notes(database) == []


async def test_nothing_is_written_outside_of_a_transaction_that_could_not_begin_at_once(
    database: Database, tmp_path: Path
) -> None:
    await database.transaction(lambda connection: connection.execute(text("PRAGMA busy_timeout=0")))

    async def goes_on(connection: AsyncConnection) -> None:
        with closing(sqlite3.connect(tmp_path / "easel.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError, match="locked"):
                await look(connection)
        await writes_and_breaks(connection)

    with pytest.raises(DatabaseFailed, match="no such table"):
        await database.transaction(goes_on)
    assert await notes(database) == []


async def test_a_commit_that_fails_leaves_nothing(database: Database, tmp_path: Path) -> None:
    async def writes_what_cannot_stay(connection: AsyncConnection) -> None:
        await connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        await write(connection)
        await connection.execute(
            text("INSERT INTO charges (task_id, at, event, pictures) VALUES (99, 0, 'submitted', 1)")
        )

    with pytest.raises(DatabaseFailed, match="FOREIGN KEY"):
        await database.transaction(writes_what_cannot_stay)
    assert await notes(database) == []
    with closing(sqlite3.connect(tmp_path / "easel.db", timeout=0)) as other, other:
        other.execute("INSERT INTO notes VALUES ('stranger', '')")
