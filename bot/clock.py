"""Time, handed in wherever it is read or waited for, so that a test can own it."""

import asyncio
import time
from collections.abc import Collection
from typing import Any, Protocol


class Clock(Protocol):
    """What the bot knows of time."""

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        ...

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Wait until `event` is set or the time is `until`.

        Args:
            event: what to wait for; None waits for the time alone.
            until: the end of the wait, in seconds since the Unix epoch.

        Returns:
            Whether the event is set.
        """
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        return time.time()

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Wait until `event` is set or the time is `until`; says whether the event is set."""
        delay = max(0.0, until - self.now())
        if event is None:
            await asyncio.sleep(delay)
            return False
        try:
            async with asyncio.timeout(delay):
                await event.wait()
        except TimeoutError:
            pass
        return event.is_set()


async def finish(tasks: Collection[asyncio.Task[Any]], clock: Clock, until: float) -> None:
    """Wait for the end of tasks; what goes on at `until` (Unix seconds) is cancelled. Their failures are theirs."""
    ended = asyncio.Event()
    everyone = asyncio.gather(*tasks, return_exceptions=True)
    everyone.add_done_callback(lambda _: ended.set())
    if not await clock.wait(ended, until):
        for task in tasks:
            task.cancel()
        await everyone
