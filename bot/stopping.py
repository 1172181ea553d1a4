"""Being told to stop: one signal asks for a clean end; a second one, or too much time, ends the process at once.

The same way on every system, by what the interpreter writes into a socket the moment a signal comes (a handler in
Python may have to wait for the event loop to wake up, for as long as nothing else happens), and a thread that reads
there and needs neither the loop nor the log. On Windows Ctrl-C and Ctrl-Break arrive like this; there is no SIGTERM
from outside.
"""

import _thread
import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))
KILLED_BY = 128  # what a shell adds to the number of the signal that ended a command
_WITHIN = 9.0  # seconds; Docker kills after 10
_LAST_WORDS = 0.5  # seconds that the end waits for the log
_OVER = b"\0"  # no signal has this number

_log = logging.getLogger(__name__)


@contextmanager
def stop_on_signals(*, within: float = _WITHIN) -> Generator[asyncio.Event]:
    """Give an event that a signal sets.

    Until then signals are as before afterwards. From then on a second signal ends the process with its own exit code,
    and after `within` seconds it ends with 0 whatever is not finished by then, a loop that is stuck, a log that nobody
    reads and threads included: everything that counts is in the database, whose transactions are whole or not there.
    """
    loop, stop, told = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    hearing, telling = socket.socketpair()
    telling.setblocking(False)

    def begin(name: str) -> None:
        stop.set()
        _log.info("stopping, because of %s", name)

    def tell(name: str) -> None:
        told.set()
        with suppress(RuntimeError):  # the loop is closed, and the end has begun
            loop.call_soon_threadsafe(begin, name)

    watcher = threading.Thread(target=_watch, args=(hearing, tell, within), name="patience", daemon=True)
    watcher.start()
    heard_before = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, _leave_to_the_watcher) for number in _SIGNALS}
    try:
        yield stop
    finally:
        if told.is_set():
            telling.detach()  # stays open for what may still come
        else:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(heard_before)
            telling.send(_OVER)
            watcher.join()
            hearing.close()
            telling.close()


def _leave_to_the_watcher(_number: int, _frame: FrameType | None) -> None:
    """A handler that there must be, or the process would end as it is."""


def _watch(hearing: socket.socket, tell: Callable[[str], None], within: float) -> None:
    """Wait for a signal, and then so many seconds for the end of the process or another signal, which are here."""
    if (first := _heard(hearing)) is None:
        return
    tell(signal.Signals(first).name)
    hearing.settimeout(within)
    try:
        second = _heard(hearing)
    except TimeoutError:
        _end(within)
    else:
        if second is not None:
            os._exit(KILLED_BY + second)


def _end(within: float) -> None:
    try:
        said = threading.Event()
        # Not by this thread, which would wait with the log for whoever reads it; and not by `threading`, whose locks
        # what is stuck may hold.
        _thread.start_new_thread(_say, (within, said))
        said.wait(_LAST_WORDS)
    finally:
        os._exit(0)


def _heard(hearing: socket.socket) -> int | None:
    """The number of the next signal that is ours; None: there will be none."""
    while (byte := hearing.recv(1)) not in {_OVER, b""}:
        if byte[0] in _SIGNALS:
            return byte[0]
    return None


def _say(within: float, said: threading.Event) -> None:
    _log.warning(
        "not everything could be ended within %g s; it is broken off, and jobs go on after the next start", within
    )
    said.set()
