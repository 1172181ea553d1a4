"""Copies at the gateway that are worth using again: every statement about them, and one upload at a time of each."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.clock import Clock
from bot.database import Database
from bot.jobs.order import Copy


class Uploads:
    """Copies by the digest of what people sent, in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    async def copy(self, digest: str, upload: Callable[[], Awaitable[Copy]]) -> Copy:
        """The copy with this digest: the one there is, or a new one.

        Whoever asks while the same is being uploaded waits for that; if it fails or is cancelled, they try themselves.

        Args:
            digest: of the bytes, and of all else that decides what their copy is like; hexadecimal, 64 characters.
            upload: makes the copy, outside of any transaction.
        """
        async with self._turn(digest):
            known = await self._living(digest)
            if known is not None:
                return known
            copy = await upload()
            await self._keep(digest, copy)
            return copy

    async def forget(self, urls: Collection[str]) -> None:
        """The gateway may be unable to read these after all: do not use them again."""
        statement = delete(tables.uploads).where(tables.uploads.c.url.in_(urls))
        await self._database.transaction(lambda connection: connection.execute(statement))

    @asynccontextmanager
    async def _turn(self, digest: str) -> AsyncGenerator[None]:
        lock = self._locks.setdefault(digest, asyncio.Lock())
        self._users[digest] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[digest] -= 1
            if not self._users[digest]:
                del self._users[digest], self._locks[digest]

    async def _living(self, digest: str) -> Copy | None:
        row = tables.uploads.c
        statement = select(row.url, row.until, row.width, row.height, row.reduced).where(row.digest == digest)

        async def work(connection: AsyncConnection) -> Copy | None:
            found = (await connection.execute(statement)).mappings().first()
            return Copy(**found) if found is not None else None

        copy = await self._database.read(work)
        return copy if copy is not None and copy.lives_at(self._clock.now()) else None

    async def _keep(self, digest: str, copy: Copy) -> None:
        row = tables.uploads.c
        outdated = delete(tables.uploads).where((row.until < self._clock.now()) | (row.digest == digest))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(outdated)
            await connection.execute(insert(tables.uploads).values(digest=digest, **asdict(copy)))

        await self._database.transaction(work)
