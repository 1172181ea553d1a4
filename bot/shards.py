"""Connections to Discord's gateway that are made anew with patience.

discord.py 2.7.1 resumes at once, and at once again, for as long as the gateway closes new sockets before it says HELLO;
and a socket that is closed so after the session was given up ends the whole program. The heart of a
connection that comes to nothing after HELLO, as when the bot stops meanwhile, goes on beating in its thread.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import AutoShardedClient, EventItem, EventType, Shard
from typing_extensions import override

from bot.pauses import spread

_LONGEST_PAUSE = 60.0  # seconds


class MortalWebSocket(DiscordWebSocket):
    """A connection whose heart stops beating if it does not come about."""

    @override
    async def identify(self) -> None:
        with self._stopped_in_vain():
            await super().identify()

    @override
    async def resume(self) -> None:
        with self._stopped_in_vain():
            await super().resume()

    @contextmanager
    def _stopped_in_vain(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            if self._keep_alive is not None:
                self._keep_alive.stop()
                self._keep_alive = None
            raise


class PatientShard(Shard):
    """A shard that waits between attempts, the longer the more of them fail, and never gives up."""

    def __init__(self, ws: DiscordWebSocket, client: AutoShardedClient, queue_put: Callable[[EventItem], None]) -> None:
        def put(item: EventItem) -> None:
            hung_up = item.type == EventType.terminate and isinstance(item.error, ReconnectWebSocket)
            queue_put(EventItem(EventType.reconnect, item.shard, item.error) if hung_up else item)

        super().__init__(ws, client, put)
        self._heard: int | None = 0  # the last event when a connection was begun
        self._in_vain = 0

    @override
    async def reidentify(self, exc: ReconnectWebSocket) -> None:
        await self._pause()
        await super().reidentify(exc)

    @override
    async def reconnect(self) -> None:
        await self._pause()
        await super().reconnect()

    async def _pause(self) -> None:
        self._in_vain = self._in_vain + 1 if self._heard == self.ws.sequence else 0
        self._heard = self.ws.sequence
        if self._in_vain > 1:  # the first repetition may be nobody's fault
            longest = min(2.0**self._in_vain, _LONGEST_PAUSE)
            await asyncio.sleep(spread(longest / 2, by=1.0))
