"""Clocks that a test owns; both are a `bot.clock.Clock`."""

import asyncio

START = 1_700_000_000.0


class FastClock:
    """Time `speed` times faster than the event loop's, which can be advanced; with speed 0 only `advance` moves it."""

    def __init__(self, *, speed: float = 0.0, start: float = START) -> None:
        self.speed = speed
        self._base = start
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = 0.0
        self._jumped = asyncio.Event()
        self._waiters = 0
        self._waiters_changed = asyncio.Event()

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        return self._base + self._elapsed() * self.speed if self.speed else self._base

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Wait until `event` is set or the time is `until`; says whether the event is set."""
        self._count(1)
        try:
            while not (event is not None and event.is_set()) and self.now() < until:
                await self._step(event, until)
        finally:
            self._count(-1)
        return event is not None and event.is_set()

    def advance(self, seconds: float) -> None:
        """Jump forwards and wake whoever waits for the time between."""
        self._base += seconds
        self._jumped.set()
        self._jumped = asyncio.Event()

    async def until_waiting(self, count: int = 1) -> None:
        """Return once at least `count` callers of `wait` are waiting; with speed 0 they then stay until `advance`."""
        while self._waiters < count:
            await self._waiters_changed.wait()

    def _elapsed(self) -> float:
        """The seconds of the loop's time since a loop first asked."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._began = self._loop.time()
        return self._loop.time() - self._began

    def _count(self, change: int) -> None:
        self._waiters += change
        self._waiters_changed.set()
        self._waiters_changed = asyncio.Event()

    async def _step(self, event: asyncio.Event | None, until: float) -> None:
        timeout = (until - self.now()) / self.speed if self.speed else None
        signals = [signal for signal in (event, self._jumped) if signal is not None]
        waits = [asyncio.ensure_future(signal.wait()) for signal in signals]
        try:
            await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


class JumpClock:
    """Time that stands still until somebody waits, and then is at once what was waited for: no test ever sleeps."""

    def __init__(self, *, start: float = START) -> None:
        self.time = start
        self.waits: list[float] = []  # seconds that each wait would have taken

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        return self.time

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Return at once, the time being `until`; an event that others are about to set gets one turn of the loop."""
        await asyncio.sleep(0)
        if event is not None and event.is_set():
            return True
        self.waits.append(max(0.0, until - self.time))
        self.time = max(self.time, until)
        return False
