import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.job import Job, JobState, TaskState
from bot.jobs.order import Reference, Role
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Refusal as GatewayRefusal
from bot.toapis.catalog import MASK
from tests.orders import NANO_BANANA_PRO, order, place
from tests.pictures import chunk, large_jpeg, opened, with_exif
from tests.pictures import picture as shaded
from tests.workshop import Workshop, open_workshop, picture, until

UPLOAD = "/uploads/images"
SUBMIT = "/images/generations"
NO_PICTURE = b"<html>sorry</html>"
DAY = 24 * 3600


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path) as workshop:
        yield workshop


def cached(shop: Workshop) -> set[str]:
    """The addresses of the copies that are kept for use again."""
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        rows = connection.execute("SELECT url FROM uploads").fetchall()
    connection.close()
    return {url for (url,) in rows}


async def painted(shop: Workshop, *references: Reference, model: str = NANO_BANANA_PRO) -> Job:
    """A job with these references, at its end."""
    return await shop.ended(await shop.accept(model=model, references=references))


async def again(shop: Workshop, job: Job) -> Job:
    """The same once more, at its end."""
    accepted = await shop.services.engine.again(job.id, place())
    await shop.acknowledge(accepted)
    return await shop.ended(accepted.job)


def asked_for(shop: Workshop, route: str) -> int:
    return len(shop.gateway.record.matching("POST", route))


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


class TestTheSameBytes:
    async def test_of_an_earlier_job_are_not_uploaded_again(self, shop: Workshop) -> None:
        first = await painted(shop, shop.files.reference(1, shaded("JPEG", exif=with_exif(orientation=6))))
        same = shop.files.files["1-0"]
        second = await painted(shop, shop.files.reference(1, picture("red")), shop.files.reference(2, same))
        assert len(shop.gateway.uploads) == 2
        there, used_again = first.references[0], second.references[1]
        assert there.uploaded_url == used_again.uploaded_url == shop.gateway.tasks[1].references[1].url
        assert (used_again.width, used_again.height) == (there.width, there.height) == (30, 40)
        assert used_again.uploaded_until == there.uploaded_until

    async def test_say_again_that_they_were_made_smaller(self, shop: Workshop) -> None:
        for _ in range(2):
            job = await painted(shop, shop.files.reference(1, large_jpeg()))
            assert job.references[0].reduced
        assert len(shop.gateway.uploads) == 1

    async def test_twice_in_one_job_are_uploaded_once_and_named_twice(self, shop: Workshop) -> None:
        job = await painted(shop, *(shop.files.reference(n, picture()) for n in (1, 2, 3)))
        assert job.state is JobState.DELIVERED
        (upload,) = shop.gateway.uploads
        assert [reference.url for reference in shop.gateway.tasks[0].references] == [upload.url] * 3

    async def test_in_two_jobs_at_once_are_uploaded_once(self, shop: Workshop) -> None:
        hold = asyncio.Event()
        shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold))
        jobs = [await shop.accept(references=(shop.files.reference(1, picture()),)) for _ in range(3)]
        await until(lambda: len(shop.files.asked) == 3)
        hold.set()
        ended = [await shop.ended(job) for job in jobs]
        assert {job.state for job in ended} == {JobState.DELIVERED}
        assert asked_for(shop, UPLOAD) == 1

    async def test_are_tried_by_the_next_if_the_one_who_uploads_them_fails(self, shop: Workshop) -> None:
        hold = asyncio.Event()
        body = {"success": False, "message": "Unsupported image type. Allowed: JPEG, PNG, WebP, GIF"}
        shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold, status=400, body=body))
        jobs = [await shop.accept(references=(shop.files.reference(1, picture()),)) for _ in range(2)]
        await until(lambda: len(shop.files.asked) == 2)
        hold.set()
        ended = [await shop.ended(job) for job in jobs]
        assert {job.state for job in ended} == {JobState.FAILED, JobState.DELIVERED}
        assert len(shop.gateway.uploads) == 1

    async def test_are_not_uploaded_again_after_a_restart(self, shop: Workshop) -> None:
        await painted(shop, shop.files.reference(1, picture()))
        await shop.restart()
        await painted(shop, shop.files.reference(1, picture()))
        assert len(shop.gateway.uploads) == 1

    async def test_are_uploaded_again_once_the_copy_may_be_gone_which_is_swept_away(self, shop: Workshop) -> None:
        await painted(shop, shop.files.reference(1, picture("red")))
        await painted(shop, shop.files.reference(1, picture("blue")))
        shop.clock.advance(DAY)
        job = await painted(shop, shop.files.reference(1, picture("red")))
        assert job.state is JobState.DELIVERED
        assert len(shop.gateway.uploads) == 3
        assert cached(shop) == {job.references[0].uploaded_url}

    async def test_are_uploaded_again_rather_than_used_at_the_very_end_of_their_copys_life(
        self, shop: Workshop
    ) -> None:
        job = await painted(shop, shop.files.reference(1, picture()))
        shop.clock.advance((job.references[0].uploaded_until or 0) - shop.clock.now() - 300)
        await again(shop, job)
        await painted(shop, shop.files.reference(1, picture()))
        assert len(shop.gateway.uploads) == 2


class TestASubmitThatIsCalledWrong:
    async def test_makes_the_next_request_upload_anew(self, shop: Workshop) -> None:
        refusal = GatewayRefusal(400, "invalid_request", "The image URL is not accessible")
        shop.gateway.refuse_next(SUBMIT, refusal)
        failed = await painted(shop, shop.files.reference(1, picture()))
        assert failed.state is JobState.FAILED
        assert cached(shop) == set()
        assert failed.references[0].uploaded_url is None
        assert (await again(shop, failed)).state is JobState.DELIVERED
        assert (await painted(shop, shop.files.reference(1, picture()))).state is JobState.DELIVERED
        assert len(shop.gateway.uploads) == 2

    async def forgotten_while_another_is_open(self, shop: Workshop) -> Job:
        """A job stopped with one task called wrong, its copies forgotten, and the other left open by the gateway."""
        hold = asyncio.Event()
        shop.gateway.refuse_next(SUBMIT, GatewayRefusal(400, "invalid_request", "no"))
        shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold, drop=True, nth=2))
        job = await shop.accept(model=NANO_BANANA_PRO, count=2, references=(shop.files.reference(1, picture()),))
        states = {TaskState.FAILED, TaskState.SUBMITTING}
        await shop.written(job, lambda current: {task.state for task in current.tasks} == states)
        job = await shop.written(job, lambda current: current.references[0].uploaded_url is None)
        await shop.stop()
        hold.set()
        return job

    async def test_and_another_left_open_over_a_restart_is_made_again_with_new_copies(self, shop: Workshop) -> None:
        job = await self.forgotten_while_another_is_open(shop)
        await shop.start()
        job = await shop.ended(job)
        assert job.state is JobState.DELIVERED
        assert [each.url for each in shop.gateway.tasks[0].references] == [job.references[0].uploaded_url]
        assert asked_for(shop, SUBMIT) == 3

    async def test_and_another_left_open_is_not_made_again_without_its_pictures(self, shop: Workshop) -> None:
        job = await self.forgotten_while_another_is_open(shop)
        shop.files.files.clear()
        await shop.start()
        job = await shop.ended(job)
        assert [task.state for task in job.tasks] == [TaskState.FAILED] * 2
        assert asked_for(shop, SUBMIT) == 2
        assert (await shop.services.engine.usage(1)).images == 0

    async def test_forgets_the_copies_of_others_not(self, shop: Workshop) -> None:
        other = await painted(shop, shop.files.reference(1, picture("red")))
        shop.gateway.refuse_next(SUBMIT, GatewayRefusal(400, "invalid_request", "no"))
        await painted(shop, shop.files.reference(1, picture("blue")))
        assert cached(shop) == {other.references[0].uploaded_url}

    @pytest.mark.parametrize(
        "refusal",
        [
            GatewayRefusal(422, "content_policy_violation", "the prompt was flagged"),
            GatewayRefusal(503, "model_not_found", "no channel"),
            GatewayRefusal(402, "insufficient_quota", "no money"),
        ],
        ids=["content", "model", "balance"],
    )
    async def test_for_a_reason_that_is_not_the_pictures_forgets_nothing(
        self, shop: Workshop, refusal: GatewayRefusal
    ) -> None:
        shop.gateway.refuse_next(SUBMIT, refusal)
        failed = await painted(shop, shop.files.reference(1, picture()))
        assert failed.state is JobState.FAILED
        assert cached(shop) == {failed.references[0].uploaded_url}

    async def test_without_pictures_has_none_to_forget(self, shop: Workshop) -> None:
        there = await painted(shop, shop.files.reference(1, picture()))
        shop.gateway.refuse_next(SUBMIT, GatewayRefusal(400, "invalid_request", "no"))
        assert (await painted(shop)).state is JobState.FAILED
        assert cached(shop) == {there.references[0].uploaded_url}


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
        assert asked_for(shop, UPLOAD) == in_vain + 4 * in_vain


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
