"""Statements that go to the database's thread whole: sent, run and read to the last row in one turn.

Each turn wakes two threads and costs more than most statements. aiosqlite's own (0.22.1) cursors take four of them: for
the cursor, for the statement, for its rows and for the cursor's end. A BEGIN sent by itself takes one more, and so does
the rollback that SQLAlchemy (2.1) sends for what is committed already.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from typing import Any, Self


class Turns:
    """The turns that the statements of one connection take on its thread."""

    def __init__(self, connection: Any) -> None:
        """Give an `aiosqlite.Connection` cursors that take one turn a statement, and ends that take none in vain."""
        self._connection = connection  # of no type: there is no public way to its thread
        self._beginning: str | None = None
        connection.cursor = lambda: _WholeCursor(self)
        connection.commit = self._if_begun(connection.commit)
        connection.rollback = self._if_begun(connection.rollback)

    def begin(self, statement: str) -> None:
        """Begin a transaction with `statement`, in the turn of the one that comes next."""
        self._beginning = statement

    async def script(self, statements: str) -> None:
        """Run several statements, separated by semicolons and without parameters."""
        await self._take(lambda connection: connection.executescript(statements))

    async def run(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        """Have the thread do `work` with a cursor of its own, in the transaction that is to begin."""

        def whole(connection: sqlite3.Connection) -> None:
            with closing(connection.cursor()) as cursor:
                if self._beginning is not None:
                    cursor.execute(self._beginning)
                    self._beginning = None  # once it has: nothing may be done outside of the transaction
                work(cursor)

        await self._take(whole)

    async def _take(self, work: Callable[[sqlite3.Connection], object]) -> None:
        await self._connection._execute(lambda: work(self._connection._conn))  # noqa: SLF001 - see __init__

    def _if_begun(self, end: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def ended() -> None:
            self._beginning = None
            if self._connection.in_transaction:
                await end()

        return ended


class _WholeCursor:
    """What SQLAlchemy asks of an asynchronous cursor; all but its two ways to execute answers from memory."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
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
        def whole(cursor: sqlite3.Cursor) -> None:
            execute(cursor)
            self._rows = cursor.fetchall()
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid

        await self._turns.run(whole)
        return self
