"""Work on pictures beside the event loop."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bot.media.fitting import Fitted, fit
from bot.media.masks import Marked, prepare_mask
from bot.media.opening import ImageInfo, inspect, is_large
from bot.media.references import PreparedReference, prepare_reference, upright_size

T = TypeVar("T")

_MOST_WORKERS = 4  # a picture of 40 million pixels takes up to 500 MB while it is worked on


class Darkroom:
    """Runs the functions of this package in threads, a few at once; but only one on a picture of very many pixels."""

    def __init__(self, workers: int | None = None) -> None:
        """Open the room.

        Args:
            workers: pictures worked on at the same time; by default the number of processors, but at most four.
        """
        hands = workers or min(os.cpu_count() or 1, _MOST_WORKERS)
        self._threads = ThreadPoolExecutor(hands, thread_name_prefix="darkroom")
        # A thread of its own rather than a lock: what is cancelled works on to its end, and holds its memory.
        self._large = ThreadPoolExecutor(1, thread_name_prefix="darkroom-large")

    async def close(self) -> None:
        """End the threads, once they are done with what they work on; what was not begun never is."""
        rooms = (self._threads, self._large)
        for room in rooms:
            room.shutdown(wait=False, cancel_futures=True)
        await asyncio.gather(*(asyncio.to_thread(room.shutdown) for room in rooms))

    async def inspect(self, data: bytes, *, name: str) -> ImageInfo:
        """See `inspect`."""
        return await self._run(partial(inspect, data, name=name))

    async def prepare_reference(self, data: bytes, *, name: str) -> PreparedReference:
        """See `prepare_reference`."""
        return await self._run_large(partial(prepare_reference, data, name=name), data, name)

    async def upright_size(self, data: bytes, *, name: str) -> tuple[int, int]:
        """See `upright_size`."""
        return await self._run_large(partial(upright_size, data, name=name), data, name)

    async def prepare_mask(self, data: bytes, *, name: str, marked: Marked, limit: int) -> PreparedReference:
        """See `prepare_mask`."""
        return await self._run(partial(prepare_mask, data, name=name, marked=marked, limit=limit))

    async def fit(self, data: bytes, limit: int, *, name: str) -> Fitted:
        """See `fit`."""
        return await self._run(partial(fit, data, limit, name=name))

    async def _run_large(self, work: Callable[[], T], data: bytes, name: str) -> T:
        """Work on what may be of very many pixels: a person's picture."""
        large = await self._run(partial(is_large, data, name=name))
        return await asyncio.get_running_loop().run_in_executor(self._large, work) if large else await self._run(work)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
