"""Being told to stop: one signal asks for a clean end; a second one, or too much time, ends the process at once.

The same way on every system: a handler of Python's own, which wakes the event loop up, and a thread that waits for it
and needs neither the loop nor the log. On Windows Ctrl-C and Ctrl-Break arrive like this; there is no SIGTERM from
outside.
"""

import _thread
import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
KILLED_BY = 128  # what a shell adds to the number of the signal that ended a command
_WITHIN = 9.0  # seconds; Docker kills after 10
_LAST_WORDS = 0.5  # seconds that the end waits for the log
_TOLD, _OVER = b"t", b"o"

_log = logging.getLogger(__name__)


@contextmanager
def stop_on_signals(*, within: float = _WITHIN) -> Generator[asyncio.Event]:
    """Give an event that a signal sets.

    Until then signals are as before afterwards. From then on a second signal ends the process with its own exit code,
    and after `within` seconds it ends with 0 whatever is not finished by then, a loop that is stuck, a log that nobody
    reads and threads included: everything that counts is in the database, whose transactions are whole or not there.
    """
    loop, stop, told = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    hearing, telling = os.pipe()

    def begin(name: str) -> None:
        stop.set()
        _log.info("stopping, because of %s", name)

    def handle(number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            os._exit(KILLED_BY + number)
        told.set()
        os.write(telling, _TOLD)
        loop.call_soon_threadsafe(begin, signal.Signals(number).name)

    # Begun before any signal: a handler may have interrupted the start of a thread, and would wait for its lock for
    # ever if it started one itself.
    watcher = threading.Thread(target=_watch, args=(hearing, within), name="patience", daemon=True)
    watcher.start()
    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield stop
    finally:
        if not told.is_set():
            for number, handler in before.items():
                signal.signal(number, handler)
        if not told.is_set():  # nor in between
            os.write(telling, _OVER)
            watcher.join()
            os.close(hearing)
            os.close(telling)


def _watch(hearing: int, within: float) -> None:
    """Wait for a signal, and then so many seconds for the end of the process, which is here."""
    if os.read(hearing, 1) == _OVER:
        return
    try:
        time.sleep(within)
        said = threading.Event()
        # Not by this thread, which would wait with the log for whoever reads it; and not by `threading`, whose locks
        # what is stuck may hold.
        _thread.start_new_thread(_say, (within, said))
        said.wait(_LAST_WORDS)
    finally:
        os._exit(0)


def _say(within: float, said: threading.Event) -> None:
    _log.warning(
        "not everything could be ended within %g s; it is broken off, and jobs go on after the next start", within
    )
    said.set()
