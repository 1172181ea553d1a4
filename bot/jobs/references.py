"""Reference pictures: fetched from Discord, looked at, and uploaded to the gateway, which is given URLs only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.budget import ByteBudget
from bot.clock import Clock
from bot.download import Downloader
from bot.errors import DownloadError, GatewayError, Repeat
from bot.jobs.job import Job, Reference
from bot.jobs.ports import Painter
from bot.jobs.store import Store
from bot.media import SOURCE_BYTES, Darkroom

T = TypeVar("T")

_log = logging.getLogger(__name__)

_UPLOAD_LIFETIME = 23 * 3600.0  # how long an upload lives is not documented; 24 hours are assumed
_RETRY_PAUSES = (1.0, 3.0, 8.0)  # seconds; neither fetching nor uploading costs anything


@dataclass(frozen=True, kw_only=True)
class Rehoster:
    """Moves a job's references to the gateway."""

    gateway: Painter
    downloader: Downloader
    darkroom: Darkroom
    budget: ByteBudget
    store: Store
    clock: Clock

    async def rehost(self, job: Job, on_done: Callable[[], None]) -> None:
        """See to it that the gateway has the job's references. What is already there is not uploaded again.

        Args:
            job: whose references; where their copies are is written to its rows.
            on_done: called for each reference that is in place.

        Raises:
            EaselError: the first failure, with a text that names the picture.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for reference in job.references:
                    group.create_task(self._one(job, reference, on_done))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _one(self, job: Job, reference: Reference, on_done: Callable[[], None]) -> None:
        if reference.uploaded_url is None or (reference.uploaded_until or 0.0) < self.clock.now():
            async with self.budget.hold(reference.size):
                url = await self._move(reference)
            await self.store.uploaded(job.id, reference.position, url, self.clock.now() + _UPLOAD_LIFETIME)
        on_done()

    async def _move(self, reference: Reference) -> str:
        data = await self._patiently(
            lambda: self.downloader.fetch(reference.source_url, limit=SOURCE_BYTES, name=reference.name)
        )
        prepared = await self.darkroom.prepare_reference(data, name=reference.name)
        if prepared.reduced:
            _log.info("%s was made smaller, from %d to %d bytes", reference.name, len(data), len(prepared.data))
        uploaded = await self._patiently(
            lambda: self.gateway.upload(prepared.data, filename=prepared.filename, content_type=prepared.content_type)
        )
        return uploaded.url

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Repeat what failed for a passing reason."""
        for pause in _RETRY_PAUSES:
            try:
                return await act()
            except (DownloadError, GatewayError) as error:
                if error.repeat is Repeat.NEVER:
                    raise
                _log.info("a reference's transfer is tried again in %s s: %s", pause, error)
                await self.clock.wait(None, self.clock.now() + pause)
        return await act()
