"""Work on pictures beside the event loop."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bot.media.fitting import Fitted, fit
from bot.media.masks import Marked, prepare_mask
from bot.media.opening import ImageInfo, inspect
from bot.media.references import PreparedReference, prepare_reference, upright_size

T = TypeVar("T")


class Darkroom:
    """Runs the functions of this package in threads, as many at once as there are processors."""

    def __init__(self, workers: int | None = None) -> None:
        """Open the room.

        Args:
            workers: pictures worked on at the same time; the number of processors by default.
        """
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="darkroom")

    async def inspect(self, data: bytes, *, name: str) -> ImageInfo:
        """See `inspect`."""
        return await self._run(partial(inspect, data, name=name))

    async def prepare_reference(self, data: bytes, *, name: str) -> PreparedReference:
        """See `prepare_reference`."""
        return await self._run(partial(prepare_reference, data, name=name))

    async def upright_size(self, data: bytes, *, name: str) -> tuple[int, int]:
        """See `upright_size`."""
        return await self._run(partial(upright_size, data, name=name))

    async def prepare_mask(self, data: bytes, *, name: str, marked: Marked, limit: int) -> PreparedReference:
        """See `prepare_mask`."""
        return await self._run(partial(prepare_mask, data, name=name, marked=marked, limit=limit))

    async def fit(self, data: bytes, limit: int, *, name: str) -> Fitted:
        """See `fit`."""
        return await self._run(partial(fit, data, limit, name=name))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
