"""Interaction tokens, kept no longer than they are of use: every statement that forgets those that are over.

A job that has ended forgets its own once its progress message is gone. Where that could not be done, the token is over
after a quarter of an hour all the same; and what is forgotten still stands in SQLite's log of writes until that is
emptied.
"""

import logging

from sqlalchemy import select, update

from bot import tables
from bot.clock import Clock
from bot.database import Database
from bot.errors import DatabaseFailed

_log = logging.getLogger(__name__)

_EVERY = 900.0  # seconds; as long as a token lives


class Tokens:
    """Forgets them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Forget what is over, at once and again and again. Runs until cancelled."""
        while True:
            try:
                await self.forget()
            except DatabaseFailed:
                _log.exception("tokens that are over could not be forgotten; it is tried again")
            await self._clock.wait(None, self._clock.now() + _EVERY)

    async def forget(self) -> None:
        """Forget the tokens that are over, and empty the log of writes. Raises `DatabaseFailed`."""
        jobs = tables.jobs.c
        over = jobs.token.is_not(None) & (jobs.token_expires_at <= self._clock.now())
        # Looked for by a reader: it takes a while where there are many jobs, and there is one writer.
        found = await self._database.read(lambda connection: connection.execute(select(jobs.id).where(over)))
        if ids := list(found.scalars()):
            forgotten = update(tables.jobs).where(jobs.id.in_(ids), over).values(token=None)
            await self._database.transaction(lambda connection: connection.execute(forgotten))
        await self._database.empty_log()
