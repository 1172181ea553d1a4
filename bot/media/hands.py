"""Processes that work on pictures, as the bot sees them: started when needed, kept, and replaced when they die."""

import asyncio
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar, cast

from bot.errors import ImageError
from bot.media.answers import ForeignAnswer, read_answer
from bot.texts import Text

T = TypeVar("T")

_log = logging.getLogger(__name__)

_TRIES = 2  # of one piece of work; a process may be killed for the memory that others take
_PIPE = 2**20  # bytes on their way at once, on Linux; sixteen times the usual halves the time of a large file
_START_SECONDS = 60.0
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")  # and none of the bot's secrets
_ARENAS = {"MALLOC_ARENA_MAX": "2"}  # each thread of a decoder would reserve 128 MiB of the address space


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What a process may take for one piece of work.

    Attributes:
        memory: bytes of address space; not bounded on Windows, and not by macOS.
        processor_seconds: on all processors together; not bounded on Windows.
        seconds: on the clock on the wall.
    """

    memory: int
    processor_seconds: int
    seconds: float


class Hands:
    """A few processes that work beside the bot, and a thread for each that waits for it."""

    def __init__(self, count: int, allowance: Allowance, *, keep: bool = True) -> None:
        """Begin with none.

        Args:
            count: how many work at the same time.
            allowance: what each may take.
            keep: whether a process does more than one piece of work; one that does not gives back all its memory.
        """
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="darkroom")
        self._allowance = allowance
        self._keep = keep
        self._lock = threading.Lock()
        self._idle: list[_Hand] = []
        self._busy: set[_Hand] = set()
        self._closed = False

    async def do(self, work: Callable[[], T], name: str) -> T:
        """Have work done by one of the processes.

        Args:
            work: a function that can be pickled, with its arguments.
            name: what the person calls the picture.

        Raises:
            ImageError: of the work itself, or it took more than is allowed, or no process lived to its end.
            RuntimeError: a defect.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._do, work, name)

    def close(self) -> None:
        """End all processes, also in the middle of something; what waits for them fails."""
        with self._lock:
            self._closed = True
            idle, busy = tuple(self._idle), tuple(self._busy)
            self._idle.clear()
        for hand in idle:
            hand.end()
        for hand in busy:
            hand.kill()  # its thread ends it
        self._threads.shutdown(cancel_futures=True)

    def _do(self, work: Callable[[], T], name: str) -> T:
        why = ""
        for _ in range(_TRIES):
            try:
                answer = self._done(work)
            except _Lost as lost:
                why = str(lost)
                _log.warning("%s: the process that worked on it %s", name, why)
                if lost.exceeded or self._closed:
                    break
            else:
                if isinstance(answer, Exception):
                    raise answer
                return cast("T", answer)
        raise ImageError(f"{name}: {why}", text=Text("image.too_heavy", {"name": name}))

    def _done(self, work: Callable[[], object]) -> object:
        hand = self._take()
        try:
            return hand.do(work)
        finally:
            self._give_back(hand)

    def _take(self) -> "_Hand":
        """A process that waits for work, or a new one.

        Raises:
            _Lost: none can be started.
        """
        with self._lock:
            hand = self._idle.pop() if self._idle else None
        if hand is not None and not hand.lives:
            hand.end()
            hand = None
        hand = hand or _Hand(self._allowance)
        with self._lock:
            self._busy.add(hand)
            if self._closed:
                hand.kill()
        return hand

    def _give_back(self, hand: "_Hand") -> None:
        with self._lock:
            self._busy.discard(hand)
            if self._keep and hand.lives and not self._closed:
                self._idle.append(hand)
                return
        hand.end()


class _Lost(Exception):
    """A process did not do its work; `exceeded` says whether another would not, either."""

    def __init__(self, why: str, *, exceeded: bool = False) -> None:
        super().__init__(why)
        self.exceeded = exceeded


class _Hand:
    """One process; it works for one thread at a time."""

    def __init__(self, allowance: Allowance) -> None:
        self._seconds = allowance.seconds
        self._is_fit = False  # while it owes an answer, and if it can give no more
        self._took_too_long = False
        self._process = _started(allowance)
        self._requests = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        try:
            self._do(_nothing, _START_SECONDS)
        except _Lost:
            self.end()
            raise

    @property
    def lives(self) -> bool:
        return self._is_fit and self._process.poll() is None

    def do(self, work: Callable[[], object]) -> Any:
        """What came of the work, or the exception that it raised.

        Raises:
            _Lost: the process has died, or will be of no use.
        """
        return self._do(work, self._seconds)

    def _do(self, work: Callable[[], object], seconds: float) -> Any:
        self._is_fit = False
        watch = threading.Timer(seconds, self._break_off)
        watch.start()
        try:
            pickle.dump(work, self._requests)
            self._requests.flush()
            answer = read_answer(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self._process.kill()
            self._process.wait()
            raise self._lost(seconds) from error
        except ForeignAnswer as error:  # the same picture would do it again
            self._process.kill()
            self._process.wait()
            raise _Lost(f"gave an answer that is not among ours ({error})", exceeded=True) from error
        finally:
            watch.cancel()
            watch.join()
        if isinstance(answer, MemoryError):  # what it has left is in pieces
            raise _Lost("has reached its limit of memory", exceeded=True)
        self._is_fit = not self._took_too_long
        return answer

    def kill(self) -> None:
        """End it in the middle of what it does for another thread."""
        self._process.kill()

    def end(self) -> None:
        """End it and give back what it holds."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with suppress(OSError):  # what was not sent is of no use any more
            self._requests.close()

    def _break_off(self) -> None:
        self._took_too_long = True
        self._process.kill()

    def _lost(self, seconds: float) -> _Lost:
        if self._took_too_long:
            return _Lost(f"was stopped after {seconds:g} s", exceeded=True)
        code = self._process.returncode
        if sys.platform != "win32" and code == -signal.SIGXCPU:
            return _Lost("has reached its limit of processor time", exceeded=True)
        return _Lost(f"has died with exit code {code}")


def _nothing() -> None:
    """What is done first, so that no picture's time goes by while a process starts."""


def _started(allowance: Allowance) -> subprocess.Popen[bytes]:
    limits = str(allowance.memory), str(allowance.processor_seconds)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", "bot.media.worker", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=_PIPE,
            env=_environment(),
        )
    except OSError as error:
        raise _Lost(f"could not be started: {error}") from error


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | _ARENAS | {"PYTHONPATH": os.pathsep.join(sys.path)}
