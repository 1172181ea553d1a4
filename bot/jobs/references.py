"""Reference pictures: fetched from Discord, looked at, and uploaded to the gateway, which is given URLs only."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.budget import ByteBudget, MoreNeeded
from bot.clock import Clock
from bot.download import Downloader
from bot.errors import DownloadError, DownloadTooLarge, EaselError, Repeat
from bot.jobs.job import Job
from bot.jobs.order import Copy, Reference, Role
from bot.jobs.ports import Painter
from bot.jobs.store import Store
from bot.jobs.uploads import Uploads
from bot.media import SOURCE_BYTES, Darkroom, Marked, PreparedReference
from bot.pauses import spread
from bot.toapis.catalog import MASK

_log = logging.getLogger(__name__)

_UPLOAD_LIFETIME = 23 * 3600.0  # how long an upload lives is not documented; 24 hours are assumed
_RETRY_PAUSES = (1.0, 3.0, 8.0)  # seconds at least; fetching costs nothing
_PATIENCE = 60.0  # seconds; whoever asks for a longer pause is not asked again


@dataclass(frozen=True, kw_only=True)
class Rehoster:
    """Moves a job's references to the gateway."""

    gateway: Painter
    downloader: Downloader
    darkroom: Darkroom
    budget: ByteBudget
    store: Store
    uploads: Uploads
    clock: Clock

    async def rehost(self, job: Job, on_done: Callable[[], None]) -> None:
        """See to it that the gateway has the job's references. What is already there is not uploaded again.

        Args:
            job: whose references; what the gateway has of them is written to its rows.
            on_done: called for each reference that is in place.

        Raises:
            EaselError: the first failure, with a text that names the picture.
        """
        await _Move(self, job, on_done).run()


class _Move:
    """The move of one job's references.

    When one fails, nothing is tried again; but what is already on its way arrives, and is there for the next request.
    """

    def __init__(self, tools: Rehoster, job: Job, on_done: Callable[[], None]) -> None:
        self._tools = tools
        self._job = job
        self._on_done = on_done
        self._failures: list[EaselError] = []
        now = tools.clock.now()
        self._missing = {reference.position for reference in job.references if not reference.is_there(now)}
        self._marked: Marked | None = None
        self._first_is_over = asyncio.Event()
        self._first: int | None = None
        if job.mask is not None and job.mask.position in self._missing:
            # The mask must match the first picture, as it was sent and as it is there: it has to be looked at.
            self._first = job.pictures[0].position
            self._missing.add(self._first)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for reference in self._job.references:
                    group.create_task(self._one(reference))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        if self._failures:
            raise self._failures[0]

    async def _one(self, reference: Reference) -> None:
        try:
            if reference.position in self._missing:
                await self._bring(reference)
            else:
                self._on_done()
        except EaselError as error:
            self._failures.append(error)
        finally:
            if reference.position == self._first:
                self._first_is_over.set()

    async def _bring(self, reference: Reference) -> None:
        if reference.role is Role.MASK:
            await self._first_is_over.wait()
        copy = await self._tools.budget.spend(reference.size, lambda room: self._copy(reference, room))
        if copy is not None:
            await self._tools.store.uploaded(self._job.id, reference.position, copy)
            self._on_done()

    async def _copy(self, reference: Reference, room: int) -> Copy | None:
        """What the gateway has of it, fetched within `room` bytes; None if all is in vain."""
        if self._failures:
            return None
        if reference.role is Role.MASK and self._marked is not None:
            return await self._mask(reference, self._marked, room)
        return await self._picture(reference, room)

    async def _picture(self, reference: Reference, room: int) -> Copy:
        darkroom = self._tools.darkroom
        data = await self._fetch_within(room, reference, SOURCE_BYTES)

        async def upload() -> Copy:
            prepared = await darkroom.prepare_reference(data, name=reference.name)
            if prepared.reduced:
                _log.info("%s was made smaller, from %d to %d bytes", reference.name, len(data), len(prepared.data))
            return await self._upload(prepared)

        copy = await self._tools.uploads.copy(await _digest("picture", data), upload)
        if reference.position == self._first:
            size = await darkroom.upright_size(data, name=reference.name)
            self._marked = Marked(name=reference.name, size=size, prepared_size=(copy.width, copy.height))
        return copy

    async def _mask(self, reference: Reference, marked: Marked, room: int) -> Copy:
        data = await self._fetch_within(room, reference, MASK.max_bytes)

        async def upload() -> Copy:
            prepared = await self._tools.darkroom.prepare_mask(
                data, name=reference.name, marked=marked, limit=MASK.max_bytes
            )
            return await self._upload(prepared)

        digest = await _digest(f"mask of {marked.size} as {marked.prepared_size}", data)
        return await self._tools.uploads.copy(digest, upload)

    async def _fetch_within(self, room: int, reference: Reference, limit: int) -> bytes:
        """Fetch it, unless it is larger than it was said to be; then ask for as much room as it takes."""
        try:
            return await self._fetch(reference, min(room, limit))
        except DownloadTooLarge as error:
            if room >= limit:
                raise
            raise MoreNeeded(min(error.announced or limit, limit)) from error

    async def _fetch(self, reference: Reference, limit: int) -> bytes:
        """Fetch it, and repeat what failed for a passing reason, unless all is in vain."""
        downloader, clock = self._tools.downloader, self._tools.clock
        for usual_pause in _RETRY_PAUSES:
            try:
                return await downloader.fetch(reference.source_url, limit=limit, name=reference.name)
            except DownloadError as error:
                least = max(usual_pause, error.retry_after or 0.0)
                if error.repeat is Repeat.NEVER or least > _PATIENCE or self._failures:
                    raise
                pause = spread(least)
                _log.info("a reference's transfer is tried again in %.1f s: %s", pause, error)
                await clock.wait(None, clock.now() + pause)
        return await downloader.fetch(reference.source_url, limit=limit, name=reference.name)

    async def _upload(self, prepared: PreparedReference) -> Copy:
        uploaded = await self._tools.gateway.upload(
            prepared.data,
            filename=prepared.filename,
            content_type=prepared.content_type,
            in_vain=lambda: bool(self._failures),
        )
        return Copy(
            url=uploaded.url,
            until=self._tools.clock.now() + _UPLOAD_LIFETIME,
            width=prepared.width,
            height=prepared.height,
            reduced=prepared.reduced,
        )


async def _digest(kind: str, data: bytes) -> str:
    """Of the bytes and of what is made of them; beside the event loop, since they may be many."""

    def work() -> str:
        digest = hashlib.sha256(f"{kind}\0".encode())
        digest.update(data)
        return digest.hexdigest()

    return await asyncio.to_thread(work)
