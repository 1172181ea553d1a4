"""A mask on its way to the gateway, which must match the first picture."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.jobs.order import Reference, Role
from bot.sandbox.faults import Fault
from bot.toapis.catalog import MASK
from tests.bot.jobs.transfers import NO_PICTURE, SUBMIT, UPLOAD, again, asked_for, painted
from tests.orders import NANO_BANANA_PRO, order
from tests.pictures import chunk, with_exif
from tests.pictures import picture as shaded
from tests.workshop import Workshop, open_workshop, picture


def mask_of(shop: Workshop, data: bytes, position: int = 2) -> Reference:
    return replace(shop.files.reference(position, data, "mask.png"), role=Role.MASK, name="mask")


class TestAMask:
    async def test_goes_along_with_the_first_picture_and_matches_it(self, shop: Workshop) -> None:
        first, second = shop.files.reference(1, picture()), shop.files.reference(2, picture("red", (99, 9)))
        private = picture("white", kind="PNG")
        private = private[:33] + chunk(b"tEXt", b"Author\0Ada") + private[33:]
        job = await painted(shop, first, second, mask_of(shop, private, 3))
        assert job.state is JobState.DELIVERED
        (task,) = shop.gateway.tasks
        assert job.mask is not None
        assert task.request.mask_url == job.mask.uploaded_url
        assert len(task.references) == 2
        (there,) = [upload for upload in shop.gateway.uploads if upload.url == task.request.mask_url]
        assert there.data == picture("white", kind="PNG")
        assert (job.mask.width, job.mask.height) == (32, 24)

    async def test_matches_a_first_picture_that_had_to_be_turned(self, shop: Workshop) -> None:
        lying = shaded("JPEG", (64, 48), exif=with_exif(orientation=6))
        job = await painted(shop, shop.files.reference(1, lying), mask_of(shop, picture(size=(48, 64))))
        assert job.state is JobState.DELIVERED

    @pytest.mark.parametrize(
        ("data", "key"),
        [
            (picture(size=(32, 25)), "mask.other_size"),
            (picture(size=(24, 32)), "mask.other_size"),
            (picture(kind="JPEG"), "mask.not_png"),
            (NO_PICTURE, "mask.not_png"),
            (picture()[:-12], "image.damaged"),
            (picture().ljust(MASK.max_bytes + 1, b"\0"), "download.too_large"),
        ],
        ids=["size", "turned", "JPEG", "HTML", "damaged", "bytes"],
    )
    async def test_that_does_not_fit_ends_the_job_by_name_before_anything_is_spent(
        self, shop: Workshop, data: bytes, key: str
    ) -> None:
        first = shop.files.reference(1, picture())
        failed = await painted(shop, first, mask_of(shop, data))
        assert failed.failure is not None
        assert (failed.state, failed.failure.key) == (JobState.FAILED, key)
        assert str(failed.failure).startswith("mask: ")
        assert shop.gateway.tasks == ()
        assert (await shop.services.engine.usage(1)).images == 0
        assert (await painted(shop, first, mask_of(shop, picture("white")))).state is JobState.DELIVERED

    async def test_waits_for_nothing_once_the_first_picture_has_failed(self, shop: Workshop) -> None:
        job = await painted(shop, shop.files.reference(1, NO_PICTURE), mask_of(shop, picture()))
        assert str(job.failure).startswith("image1: ")
        assert shop.gateway.uploads == ()

    async def test_is_used_again_while_both_copies_live(self, shop: Workshop) -> None:
        job = await painted(shop, shop.files.reference(1, picture()), mask_of(shop, picture("white")))
        fetched = len(shop.files.asked)
        assert (await again(shop, job)).state is JobState.DELIVERED
        assert (len(shop.gateway.uploads), len(shop.files.asked)) == (2, fetched)
        assert shop.gateway.tasks[0].request.mask_url == shop.gateway.tasks[1].request.mask_url

    async def test_of_another_picture_is_not_taken_for_the_same(self, shop: Workshop) -> None:
        await painted(shop, shop.files.reference(1, picture()), mask_of(shop, picture("white")))
        wide = shop.files.reference(1, picture(size=(33, 24)))
        job = await painted(shop, wide, mask_of(shop, picture("white")))
        assert job.failure is not None
        assert job.failure.key == "mask.other_size"

    async def test_and_a_picture_of_the_same_bytes_are_two_uploads(self, shop: Workshop) -> None:
        job = await painted(shop, shop.files.reference(1, picture()), mask_of(shop, picture()))
        assert job.state is JobState.DELIVERED
        assert len(shop.gateway.uploads) == 2

    async def test_is_compared_with_the_picture_that_was_sent_though_its_copy_is_there(self, shop: Workshop) -> None:
        lying = shaded("JPEG", (64, 48), exif=with_exif(orientation=6))
        there = (await painted(shop, shop.files.reference(1, lying))).references[0]
        job = await painted(shop, there, mask_of(shop, picture(size=(48, 64))))
        assert job.state is JobState.DELIVERED
        assert len(shop.gateway.uploads) == 2, "the picture itself was there"

    async def test_that_does_not_match_a_picture_whose_copy_is_there_is_refused(self, shop: Workshop) -> None:
        there = (await painted(shop, shop.files.reference(1, picture()))).references[0]
        job = await painted(shop, there, mask_of(shop, picture(size=(32, 25))))
        assert job.failure is not None
        assert job.failure.key == "mask.other_size"
        assert asked_for(shop, SUBMIT) == 1

    async def test_and_its_picture_never_wait_for_each_others_memory(self, tmp_path: Path) -> None:
        async with open_workshop(tmp_path, bytes_in_flight_mib=32) as shop:
            size = 30 * 1024 * 1024
            first, mask = shop.files.reference(1, picture()), mask_of(shop, picture("white"), 0)
            jobs = [
                await shop.accept(
                    model=NANO_BANANA_PRO, references=(replace(mask, size=size), replace(first, size=size))
                )
                for _ in range(3)
            ]
            for job in jobs:
                assert (await shop.ended(job)).state is JobState.DELIVERED

    async def test_survives_a_stop_between_its_picture_and_itself(self, shop: Workshop) -> None:
        hold = asyncio.Event()
        shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold, nth=2))
        references = (shop.files.reference(1, picture()), mask_of(shop, picture("white")))
        accepted = await shop.services.engine.accept(order(model=NANO_BANANA_PRO, references=references))
        await shop.written(accepted.job, lambda job: job.references[0].uploaded_url is not None)
        await shop.restart()
        hold.set()
        job = await shop.ended(accepted.job)
        assert job.state is JobState.DELIVERED
        assert job.mask is not None
        assert shop.gateway.tasks[0].request.mask_url == job.mask.uploaded_url
