"""A picture that kills, fills or stops its decoder: its person is told by name, and nobody else notices."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.jobs.job import Job, JobState
from bot.media import Darkroom
from bot.media.hands import Allowance
from tests.darkrooms import open_darkroom
from tests.pictures import picture, with_exif
from tests.workshop import Workshop, open_workshop

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(sys.platform == "win32", reason="without signals and limits"),
]

MIB = 2**20
SLOW = picture("GIF", (3000, 2000))
"""To be decoded and encoded, which takes long enough to be killed in."""


@pytest.fixture(scope="module")
def darkroom() -> Generator[Darkroom]:
    """As the bot's, with less memory and time."""
    with open_darkroom(2, Allowance(memory=350 * MIB, processor_seconds=60, seconds=4.0)) as room:
        yield room


@pytest.fixture
async def shop(tmp_path: Path, darkroom: Darkroom) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=0.0) as shop:
        await shop.stop()
        shop.darkroom = darkroom
        await shop.start()
        yield shop


@contextmanager
def first_processes(darkroom: Darkroom, count: int, get: signal.Signals) -> Generator[threading.Event]:
    """Send a signal to the first processes that begin to work, as a system would; says when all have it."""
    done, over = threading.Event(), threading.Event()

    def watch() -> None:
        seen: set[int] = set()
        while len(seen) < count and not over.wait(0.001):
            for number in {hand._process.pid for hand in tuple(darkroom._hands._busy)} - seen:
                seen.add(number)
                os.kill(number, get)
        done.set()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield done
    finally:
        over.set()
        watching.join()


async def painted(shop: Workshop, data: bytes) -> Job:
    return await shop.ended(await shop.accept(references=(shop.files.reference(1, data),)))


async def refused(shop: Workshop, hostile: Job) -> None:
    """The person reads a sentence, nothing is spent on it, and the next picture works."""
    failed = await shop.ended(hostile)
    assert failed.state is JobState.FAILED
    assert failed.failure is not None
    assert failed.failure.key == "image.too_heavy"
    assert str(failed.failure).startswith("image1: ")
    assert not any(task.submitted_at for task in failed.tasks)
    assert (await painted(shop, picture("GIF"))).state is JobState.DELIVERED


class TestADecoder:
    async def test_killed_again_and_again(self, shop: Workshop, darkroom: Darkroom) -> None:
        with first_processes(darkroom, 2, signal.SIGKILL):
            await refused(shop, await shop.accept(references=(shop.files.reference(1, SLOW),)))

    async def test_killed_once_is_nothing_to_tell_anybody(self, shop: Workshop, darkroom: Darkroom) -> None:
        with first_processes(darkroom, 1, signal.SIGKILL) as killed:
            assert (await painted(shop, SLOW)).state is JobState.DELIVERED
            assert killed.is_set()

    @pytest.mark.exhaustive
    async def test_that_never_ends_while_others_are_served(self, shop: Workshop, darkroom: Darkroom) -> None:
        await darkroom.inspect(picture(), name="warm")
        (number,) = {hand._process.pid for hand in darkroom._hands._idle[-1:]}
        os.kill(number, signal.SIGSTOP)
        hostile = await shop.accept(references=(shop.files.reference(1, picture()),))
        await shop.written(hostile, lambda job: job.state is JobState.REHOSTING)
        while not darkroom._hands._busy:  # noqa: ASYNC110 - another thread sends the picture
            await asyncio.sleep(0.01)
        assert (await painted(shop, picture("JPEG"))).state is JobState.DELIVERED
        assert (await shop.job(hostile)).state is JobState.REHOSTING
        await refused(shop, hostile)

    async def test_that_needs_more_memory_than_it_may_have(self, shop: Workshop) -> None:
        heavy = BytesIO()
        Image.new("RGBA", (8_000, 4_900)).save(heavy, "PNG", compress_level=1, exif=with_exif(orientation=6))
        await refused(shop, await shop.accept(references=(shop.files.reference(1, heavy.getvalue()),)))
