"""An event loop whose time does not depend on the machine's speed; what `trio` calls an autojump clock."""

import asyncio
import functools
import selectors
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

from aiosqlite import Connection
from typing_extensions import override

_ON_ITS_WAY, _SURELY = 0.0002, 0.002  # s; what was sent over loopback is there by then, also on a busy machine
_LONG = 2.0  # s; timeouts are longer, and most pauses are not
_PATIENCE = 0.4  # s; threads that take longer are taken to wait for time to pass


Ready = list[tuple[selectors.SelectorKey, int]]


class PatientLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything is being done, and jumps to the next timer when nothing is.

    So a timeout never runs out because a processor is busy, and no test sleeps: `loop.time()`, and with it every
    `asyncio.sleep` and `asyncio.timeout` of the bot, of its libraries and of the stand-ins, counts jumps only. Done is
    what runs in the loop, what travels between two sockets of this process, and what threads do for the loop: the
    executor's and aiosqlite's. A thread that needs longer than `_PATIENCE` seems to wait itself; time goes by as it
    really does until it comes back. Other processes are not seen: a test with such needs the marker `real_time`.
    """

    def __init__(self, selector: "PatientSelector | None" = None) -> None:
        """Begin at a time that nobody takes for "never"."""
        self._now = 1000.0
        self._errands = 0
        super().__init__(selector or PatientSelector(self))

    @override
    def time(self) -> float:
        """What has been waited for so far, in seconds from an arbitrary moment."""
        return self._now

    @override
    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """As in the base class, while time waits for the thread."""
        future = super().run_in_executor(executor, func, *args)
        self._errands += 1
        future.add_done_callback(self._came_back)
        return future

    @contextmanager
    def errand(self) -> Generator[None]:
        """Let time wait for what a thread does meanwhile."""
        self._errands += 1
        try:
            yield
        finally:
            self._errands -= 1

    @property
    def errands(self) -> int:
        """How many threads are at work for the loop."""
        return self._errands

    def let_pass(self, seconds: float) -> None:
        """Move time on."""
        self._now += seconds

    def _came_back(self, _future: asyncio.Future[Any]) -> None:
        self._errands -= 1


class PatientSelector(selectors.DefaultSelector):
    """Waits for sockets; where the loop would wait for a timer, moves its time on instead."""

    def __init__(self, loop: PatientLoop) -> None:
        """Be the selector of `loop`."""
        super().__init__()
        self.loop = loop
        self._impatient = False

    @override
    def select(self, timeout: float | None = None) -> Ready:
        ready = self.look(0)
        if ready or timeout == 0:
            return ready
        if self.loop.errands:
            return self._wait_for_threads(timeout)
        self._impatient = False
        return self.idle(timeout)

    def look(self, timeout: float | None) -> Ready:
        """What is ready within so many seconds, as time really goes by; None waits for as long as it takes."""
        return super().select(timeout)

    def look_again(self, timeout: float | None) -> Ready:
        """What is ready once everything that was sent has arrived; else time would jump by so many seconds."""
        time.sleep(_ON_ITS_WAY)  # epoll itself waits for a millisecond at least
        if (ready := self.look(0)) or (timeout is not None and timeout <= _LONG):
            return ready
        return self.look(_SURELY)

    def idle(self, timeout: float | None) -> Ready:
        """Do what is to be done when nothing is: the next timer is due in so many seconds, if there is one."""
        if timeout is None:
            return self.look(None)
        ready = self.look_again(timeout)
        if not ready:
            self.loop.let_pass(timeout)
        return ready

    def _wait_for_threads(self, timeout: float | None) -> Ready:
        if not self._impatient:
            ready = self.look(_PATIENCE)
            self._impatient = not ready
            return ready
        begun = time.monotonic()
        ready = self.look(timeout)
        self.loop.let_pass(time.monotonic() - begun)
        return ready


def count_database_errands() -> None:
    """Have every `PatientLoop` know what aiosqlite's threads are doing for it."""
    for name in ("_connect", "_execute"):  # the two that wait for its thread
        setattr(Connection, name, _counted(getattr(Connection, name)))


def _counted(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(method)
    async def counted(*args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, PatientLoop):
            return await method(*args, **kwargs)
        with loop.errand():
            return await method(*args, **kwargs)

    return counted
