"""References on their way to the gateway: what is written of them, and what one that fails does to the others."""

import asyncio
from dataclasses import replace

import pytest

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from bot.toapis.client import ATTEMPTS
from tests.bot.jobs.transfers import NO_PICTURE, UPLOAD, asked_for, cached, painted
from tests.pictures import large_jpeg, opened, with_exif
from tests.pictures import picture as shaded
from tests.workshop import Workshop, picture, until


class TestTheCopyThatIsWritten:
    async def test_has_the_pixels_of_the_upright_picture_whatever_discord_said(self, shop: Workshop) -> None:
        data = shaded("JPEG", (64, 48), exif=with_exif(orientation=6))
        job = await painted(shop, replace(shop.files.reference(1, data), width=64, height=48))
        (reference,) = job.references
        assert (reference.width, reference.height, reference.reduced) == (48, 64, False)
        (upload,) = shop.gateway.uploads
        assert opened(upload.data).size == (48, 64)
        assert reference.uploaded_url == upload.url
        assert reference.uploaded_until == pytest.approx(upload.created_at + 23 * 3600, abs=60)

    async def test_settles_an_automatic_ratio_of_a_picture_whose_size_nobody_told(self, shop: Workshop) -> None:
        job = await painted(shop, shop.files.reference(1, picture(size=(160, 90))))
        assert job.request.size is None
        assert shop.gateway.tasks[0].request.ratio == "16:9"

    async def test_says_that_a_picture_was_made_smaller(self, shop: Workshop) -> None:
        job = await painted(shop, shop.files.reference(1, large_jpeg()), shop.files.reference(2, picture()))
        assert job.state is JobState.DELIVERED
        assert [reference.reduced for reference in job.references] == [True, False]
        assert (job.references[0].width, job.references[0].height) == (2_600, 4_000)


class TestAPictureThatTheGatewayHasAlready:
    async def test_is_neither_fetched_nor_uploaded_while_it_lives(self, shop: Workshop) -> None:
        there = (await painted(shop, shop.files.reference(1, picture()))).references[0]
        shop.files.files.clear()
        job = await painted(shop, replace(there, source_url=f"{shop.files.url}/gone"))
        assert job.state is JobState.DELIVERED
        assert len(shop.files.asked) == len(shop.gateway.uploads) == 1

    @pytest.mark.parametrize("left", [-1.0, 0.0, 600.0])
    async def test_is_taken_from_where_it_was_posted_once_it_is_or_may_soon_be_gone(
        self, shop: Workshop, left: float
    ) -> None:
        original = f"{shop.gateway.files_url}/generated/gone.png"
        posted = shop.files.reference(1, picture("red", (80, 60)), "easel-1.png")
        until_then = shop.clock.now() + left
        job = await painted(shop, replace(posted, uploaded_url=original, uploaded_until=until_then))
        assert job.state is JobState.DELIVERED
        (upload,) = shop.gateway.uploads
        assert [reference.url for reference in shop.gateway.tasks[0].references] == [upload.url]


class TestWhenOneOfSeveralFails:
    async def test_it_is_named_and_the_others_are_there_for_the_next_request(self, shop: Workshop) -> None:
        good, bad = shop.files.reference(1, picture()), shop.files.reference(2, NO_PICTURE)
        failed = await painted(shop, good, bad)
        assert str(failed.failure).startswith("image2: ")
        assert shop.gateway.tasks == ()
        assert (await painted(shop, replace(good, position=0))).state is JobState.DELIVERED
        assert len(shop.gateway.uploads) == 1

    async def test_what_is_on_its_way_arrives(self, shop: Workshop) -> None:
        hold = asyncio.Event()
        shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold))
        good, bad = shop.files.reference(1, picture()), shop.files.reference(2, NO_PICTURE)
        job = await shop.accept(references=(good, bad))
        await until(lambda: len(shop.files.asked) == 2 and asked_for(shop, UPLOAD) == 0)
        hold.set()
        failed = await shop.ended(job)
        assert str(failed.failure).startswith("image2: ")
        assert cached(shop) == {shop.gateway.uploads[0].url}

    async def test_nothing_is_tried_again(self, shop: Workshop) -> None:
        hold = asyncio.Event()
        shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold, status=502, body="<html>", times=0))
        good, bad = shop.files.reference(1, picture()), shop.files.reference(2, NO_PICTURE)
        job = await shop.accept(references=(good, bad))
        await until(lambda: len(shop.files.asked) == 2)
        hold.set()
        failed = await shop.ended(job)
        assert str(failed.failure).startswith("image2: ")
        in_vain = asked_for(shop, UPLOAD)
        assert (await painted(shop, good)).state is JobState.FAILED
        assert asked_for(shop, UPLOAD) == in_vain + ATTEMPTS * in_vain
