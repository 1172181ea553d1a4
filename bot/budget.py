"""A budget for bytes in memory, so that a thousand transfers do not become a thousand buffers."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


class MoreNeeded(Exception):
    """Work takes more bytes than it was given, and has let go of what it had.

    Attributes:
        count: how many it takes, as far as it knows.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} bytes")
        self.count = count


class ByteBudget:
    """So many bytes for all who ask, served in the order in which they asked.

    A large request at the head makes those behind it wait, so that it is not overtaken for ever.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._free = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, count: int) -> AsyncGenerator[None]:
        """Wait for `count` bytes and hold them. More than the total counts as the total, so that it can be had."""
        share = max(0, min(count, self._total))
        await self._take(share)
        try:
            yield
        finally:
            self._give(share)

    async def spend(self, expected: int, work: Callable[[int], Awaitable[T]]) -> T:
        """Do work within as many bytes as it takes.

        What turns out to take more is begun anew when that can be had. Nobody waits while holding anything, so that
        no two wait for each other.

        Args:
            expected: bytes it likely takes.
            work: is told how many it may take, and raises `MoreNeeded` where these are too few.
        """
        room = expected
        while True:
            try:
                async with self.hold(room):
                    return await work(room)
            except MoreNeeded as error:
                if error.count <= room:
                    raise
                room = error.count

    async def _take(self, share: int) -> None:
        if not self._waiting and share <= self._free:
            self._free -= share
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((share, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._give(0)  # those behind may fit now
            else:
                self._give(share)  # it had been granted just before
            raise

    def _give(self, share: int) -> None:
        self._free += share
        while self._waiting:
            wanted, turn = self._waiting[0]
            if not turn.cancelled():
                if wanted > self._free:
                    return
                self._free -= wanted
                turn.set_result(None)
            self._waiting.popleft()
