"""Being told to stop: one signal asks for a clean end; a second one, or too much time, ends the process at once.

The same way on every system: a handler of Python's own, which wakes the event loop up, and which works even if the loop
is stuck. On Windows Ctrl-C and Ctrl-Break arrive like this; there is no SIGTERM from outside.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
KILLED_BY = 128  # what a shell adds to the number of the signal that ended a command
_WITHIN = 9.0  # seconds; Docker kills after 10

_log = logging.getLogger(__name__)


@contextmanager
def stop_on_signals(*, within: float = _WITHIN) -> Generator[asyncio.Event]:
    """Give an event that a signal sets.

    Until then signals are as before afterwards. From then on a second signal ends the process with its own exit code,
    and after `within` seconds it ends with 0 whatever is not finished by then, threads included: everything that counts
    is in the database, whose transactions are whole or not there.
    """
    loop, stop, told = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def begin() -> None:
        stop.set()
        # Not in the handler, which may have interrupted the start of a thread and would wait for its lock for ever.
        patience = threading.Timer(within, _give_up, (within,))
        patience.daemon = True
        patience.start()

    def handle(number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            os._exit(KILLED_BY + number)
        told.set()
        loop.call_soon_threadsafe(begin)

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        if not told.is_set():
            for number, handler in before.items():
                signal.signal(number, handler)


def _give_up(within: float) -> None:
    _log.warning(
        "not everything could be ended within %g s; it is broken off, and jobs go on after the next start", within
    )
    os._exit(0)
