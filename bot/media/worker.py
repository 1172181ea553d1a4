"""The process in which pictures are decoded: `python -m bot.media.worker MEMORY SECONDS`.

What it is to do comes over its standard input as a pickled function, and what came of it goes to its standard output.
A decoder that hangs, eats memory or crashes costs this process, which holds no secret, no connection and no file.
"""

import math
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import AvifImagePlugin

from bot.errors import ImageError

if sys.platform != "win32":
    import resource

_MOST_THREADS = 4  # of a decoder; each reserves memory, however many processors there are


def main() -> None:
    """Work until nobody asks any more."""
    memory, seconds = map(int, sys.argv[1:])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get among the answers
    # Whoever stops the bot may tell all of its processes; this one ends with its input, once it is not needed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    AvifImagePlugin.DEFAULT_MAX_THREADS = _MOST_THREADS
    _bound(memory)
    with suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers, seconds)


def serve(requests: BinaryIO, answers: BinaryIO, seconds: int) -> None:
    """Do one thing after the other, each in so many seconds of processor time, until there are no more.

    An answer is what the function returned, or an exception: `ImageError`, `MemoryError`, or for any other a
    `RuntimeError` with its traceback.
    """
    while True:
        try:
            work: Callable[[], object] = pickle.load(requests)  # noqa: S301 - from the bot itself
        except EOFError:
            return
        _allow(seconds)
        answer = _done(work)
        del work  # with it goes the file
        pickle.dump(answer, answers)
        answers.flush()
        del answer


def _done(work: Callable[[], object]) -> object:
    try:
        return work()
    except ImageError as error:
        return error
    except MemoryError:
        return MemoryError()
    except Exception:  # noqa: BLE001 - a defect is the bot's to tell; not every exception can be sent
        return RuntimeError(traceback.format_exc())


def _bound(memory: int) -> None:
    """Limit the address space, leave no dump, and be the first to go where the machine has no memory left."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform != "win32":
        _lower(resource.RLIMIT_AS, memory)
        _lower(resource.RLIMIT_CORE, 0)


def _allow(seconds: int) -> None:
    """Set the end of the processor time, which counts from the beginning of the process."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)


if sys.platform != "win32":

    def _lower(kind: int, limit: int) -> None:
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    main()
