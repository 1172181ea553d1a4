"""Calls to Discord's REST interface that may be broken off without stopping those of others.

discord.py 2.7.1 keeps everybody waiting while one call sleeps, for a limit that holds for all, or until the next edit
of an answer is allowed. Where that call is cancelled meanwhile, it never says that the wait is over.
"""

import asyncio
from types import TracebackType

from discord.webhook.async_ import AsyncDeferredLock
from typing_extensions import override


class Gate(asyncio.Event):
    """Open, but for short whiles, which end whether or not whoever closed it opens it again.

    Args:
        longest: seconds that it may be closed.
    """

    def __init__(self, longest: float) -> None:
        super().__init__()
        self._longest = longest
        self._opening: asyncio.TimerHandle | None = None
        self.set()

    @override
    def set(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        super().set()

    @override
    def clear(self) -> None:
        self.set()  # so that one timer runs at most
        super().clear()
        self._opening = asyncio.get_running_loop().call_later(self._longest, self.set)


class ReleasedLock(AsyncDeferredLock):
    """What edits of one answer take in turn; given back also by one that is broken off while it waits at its end."""

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        except asyncio.CancelledError:
            self.lock.release()
            raise
