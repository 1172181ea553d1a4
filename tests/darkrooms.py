"""Darkrooms of tests: one for all of a process, since each bot's own would start processes of its own."""

import asyncio
import atexit
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache

from bot.media import Darkroom
from bot.media.darkroom import ALLOWANCE
from bot.media.hands import Allowance


@cache
def shared_darkroom() -> Darkroom:
    """It is closed when the tests are over."""
    darkroom = Darkroom()
    for hands in (darkroom._hands, darkroom._large):
        atexit.register(hands.close)  # no thread can be asked for then
    return darkroom


@contextmanager
def open_darkroom(workers: int, allowance: Allowance = ALLOWANCE) -> Generator[Darkroom]:
    """One for some tests; to be entered and left where no loop is running."""
    darkroom = Darkroom(workers, allowance)
    try:
        yield darkroom
    finally:
        asyncio.run(darkroom.close())
