"""Ctrl-C: the first ends the work in order, the second at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

# Closing the terminal (SIGHUP, which Windows lacks) and `kill` (SIGTERM) mean the same as Ctrl-C.
_SIGNALS = [number for number in signal.Signals if number.name in {"SIGINT", "SIGTERM", "SIGHUP"}]


class Interrupted(Exception):
    """The user ended it. `exit_code` is what a shell reports for the signal: 130 for Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.strsignal(number))
        self.exit_code = 128 + number


async def interruptible(
    work: Coroutine[Any, Any, int], *, stopping: Callable[[], object], at_once: Callable[[], object]
) -> int:
    """Do `work`; a signal cancels it.

    Args:
        work: tidies up when it is cancelled.
        stopping: called at the first signal, before that.
        at_once: called at the second signal, before the process ends with no more ado.

    Raises:
        Interrupted: a signal came, and all is tidied up.
    """
    working = asyncio.create_task(work)
    received: list[int] = []

    def requested(number: int) -> None:
        if received:
            at_once()
            os._exit(128 + number)
        received.append(number)
        working.cancel()
        stopping()

    _listen(requested)
    try:
        return await working
    except asyncio.CancelledError:
        if received:
            raise Interrupted(received[0]) from None
        raise


def _listen(requested: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        if number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN:
            continue  # nohup
        try:
            loop.add_signal_handler(number, requested, number)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda number, _: loop.call_soon_threadsafe(requested, number))
