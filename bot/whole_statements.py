"""Statements that go to the database's thread whole: sent, run and read to the last row in one turn."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Self

import aiosqlite


def run_whole(connection: aiosqlite.Connection) -> None:
    """Give this connection cursors that wait for its thread once a statement.

    aiosqlite's own (0.22.1) cross over to the thread and back for the cursor, for the statement, for its rows and for
    the cursor's end, and each crossing wakes two threads.
    """
    setattr(connection, "cursor", lambda: _WholeCursor(connection))  # noqa: B010 - checkers see a method assigned to


class _WholeCursor:
    """What SQLAlchemy asks of an asynchronous cursor; all but its two ways to execute answers from memory."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: Any = connection  # there is no public way to its thread
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: tuple[Any, ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> Self:
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left open."""

    async def _run(self, execute: Callable[[sqlite3.Cursor], object]) -> Self:
        def whole() -> None:
            with closing(self._connection._conn.cursor()) as cursor:  # noqa: SLF001 - as in aiosqlite's own cursor
                execute(cursor)
                self._rows = cursor.fetchall()
                self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid

        await self._connection._execute(whole)  # noqa: SLF001 - as above
        return self
