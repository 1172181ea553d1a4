"""Copies of pictures at the gateway: used again while they surely live, forgotten where they may be the trouble."""

import asyncio

import pytest

from bot.jobs.job import Job, JobState, TaskState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Refusal as GatewayRefusal
from tests.bot.jobs.transfers import SUBMIT, UPLOAD, again, asked_for, cached, painted
from tests.orders import NANO_BANANA_PRO
from tests.pictures import large_jpeg, with_exif
from tests.pictures import picture as shaded
from tests.workshop import Workshop, picture, until

DAY = 24 * 3600


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
