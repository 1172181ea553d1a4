"""Whom a hint was given where, so that nobody is given it again and again: every statement about it."""

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.clock import Clock
from bot.database import Database

EVERY = 3600.0
"""Seconds in which a person is given the hint once in a channel."""


class HintStore:
    """The hints of the last hour in the database; older ones are swept away."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self, user_id: int, channel_id: int) -> bool:
        """Whether the person may be given the hint here now; if so, it counts as given."""
        now = self._clock.now()
        columns = tables.hints.c

        async def work(connection: AsyncConnection) -> bool:
            await connection.execute(delete(tables.hints).where(columns.at <= now - EVERY))
            given = select(columns.at).where(columns.user_id == user_id, columns.channel_id == channel_id)
            if await connection.scalar(given) is not None:
                return False
            await connection.execute(insert(tables.hints).values(user_id=user_id, channel_id=channel_id, at=now))
            return True

        return await self._database.transaction(work)
