"""Work on pictures beside the bot, in processes that may die of a picture without it."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from bot.media.fitting import Fitted, fit
from bot.media.hands import Allowance, Hands
from bot.media.masks import Marked, prepare_mask
from bot.media.opening import ImageInfo, inspect, is_large, may_be_large
from bot.media.references import PreparedReference, prepare_reference, upright_size

T = TypeVar("T")

_MOST_WORKERS = 4  # a picture of 40 million pixels takes up to 800 MB while it is worked on

# The heaviest picture that is taken needs a third of the time, and 1.4 GB.
ALLOWANCE = Allowance(memory=2**31, processor_seconds=60, seconds=180.0)
"""What work on one picture may take."""


class Darkroom:
    """Runs the functions of this package in processes, a few at once; but only one on a picture of very many pixels.

    A picture that takes more memory or time than it may, or of which the process dies, raises `ImageError` with its
    name, and the next one has another process.
    """

    def __init__(self, workers: int | None = None, allowance: Allowance = ALLOWANCE) -> None:
        """Open the room, to be closed; processes are started when they are needed.

        Args:
            workers: pictures worked on at the same time; by default the number of processors, but at most four.
            allowance: what work on one picture may take.
        """
        self._hands = Hands(workers or min(os.cpu_count() or 1, _MOST_WORKERS), allowance)
        # A hand of its own rather than a lock: what is cancelled works on to its end, and holds its memory.
        self._large = Hands(1, allowance, keep=False)

    async def close(self) -> None:
        """End everything, also work in progress."""
        await asyncio.gather(*(asyncio.to_thread(hands.close) for hands in (self._hands, self._large)))

    async def inspect(self, data: bytes, *, name: str) -> ImageInfo:
        """See `inspect`."""
        return await self._run(partial(inspect, data, name=name), name)

    async def prepare_reference(self, data: bytes, *, name: str) -> PreparedReference:
        """See `prepare_reference`."""
        return await self._run_large(partial(prepare_reference, data, name=name), data, name)

    async def upright_size(self, data: bytes, *, name: str) -> tuple[int, int]:
        """See `upright_size`."""
        return await self._run_large(partial(upright_size, data, name=name), data, name)

    async def prepare_mask(self, data: bytes, *, name: str, marked: Marked, limit: int) -> PreparedReference:
        """See `prepare_mask`."""
        return await self._run(partial(prepare_mask, data, name=name, marked=marked, limit=limit), name)

    async def fit(self, data: bytes, limit: int, *, name: str) -> Fitted:
        """See `fit`. What is unchanged is `data` itself."""
        fitted = await self._run(partial(fit, data, limit, name=name), name)
        return replace(fitted, data=data) if fitted.data == data else fitted

    async def _run_large(self, work: Callable[[], T], data: bytes, name: str) -> T:
        """Work on what may be of very many pixels: a person's picture."""
        large = may_be_large(data) and await self._run(partial(is_large, data, name=name), name)
        return await (self._large if large else self._hands).do(work, name)

    async def _run(self, work: Callable[[], T], name: str) -> T:
        return await self._hands.do(work, name)
