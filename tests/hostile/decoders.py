"""What a decoder may do that meets a hostile file; run by the processes that work on pictures."""

import mmap
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from bot.errors import ImageError


def number() -> int:
    """Which process it is."""
    return os.getpid()


def environment() -> dict[str, str]:
    return dict(os.environ)


def for_ever() -> None:
    while True:
        pass


def asleep() -> None:
    time.sleep(3600)


def greedy(size: int) -> int:
    """What a decoder takes with `malloc`."""
    return len(bytes(size)) + len(mmap.mmap(-1, size))


def by_signal(number: int) -> None:
    os.kill(os.getpid(), number)


def killed_once(mark: Path) -> str:
    """The first time, as by a machine that has no memory left."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def chatty() -> str:
    os.write(1, b"a library prints this\n")
    return "done"


def deaf_to(signals: list[int]) -> str:
    for number in signals:
        os.kill(os.getpid(), number)
    return "done"


def echo(data: bytes) -> bytes:
    return data


def refusing() -> None:
    raise ImageError("as the person is to read it")


def defect() -> None:
    raise KeyError("a defect")


class Trap:
    """What is carried out by whoever reads it in a pickle."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._call = call, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._call


def taken_over(mark: Path) -> Trap:
    """An answer that makes a file where it is read."""
    return Trap(os.mkdir, str(mark))


def taken_over_within(mark: Path) -> ImageError:
    """The same, hidden in an answer of a kind that is taken."""
    error = ImageError("as the person is to read it")
    error.__dict__["more"] = [taken_over(mark)]
    return error
