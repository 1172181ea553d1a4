"""The tasks of a job in the hands of the engine: several, in part, failed, forgotten; and what their results bring."""

from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Refusal as GatewayRefusal
from tests.bot.jobs.books import charges, used
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, open_workshop, picture


async def test_a_model_that_makes_one_at_a_time_makes_four_with_four_tasks(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=4))
    assert len(shop.post_of(job).outcome.pictures) == 4
    assert [task.request.count for task in shop.gateway.tasks] == [1, 1, 1, 1]
    assert len({task.business_id for task in shop.gateway.tasks}) == 4


async def test_a_model_that_makes_four_is_asked_once(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(count=4))
    assert len(shop.post_of(job).outcome.pictures) == 4
    assert [task.request.count for task in shop.gateway.tasks] == [4]


async def test_a_partly_failed_job_delivers_what_there_is_and_says_why(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", error={"code": "generation_failed", "message": "upstream had a headache"})
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=3))
    assert job.state is JobState.DELIVERED
    outcome = shop.post_of(job).outcome
    assert (len(outcome.pictures), outcome.missing) == (2, 1)
    assert "headache" in str(outcome.failure)
    assert await used(shop) == 2
    assert sorted(charges(shop)) == [("accepted", 1)] * 3 + [("refunded", 1)]


async def test_a_task_that_brings_fewer_pictures_than_asked_says_so(shop: Workshop) -> None:
    shop.gateway.next_task(pictures=2)
    job = await shop.ended(await shop.accept(count=3))
    assert (len(shop.post_of(job).outcome.pictures), shop.post_of(job).outcome.missing) == (2, 1)
    assert await used(shop) == 2


async def test_a_task_that_brings_more_pictures_than_asked_gives_those_asked_for(shop: Workshop) -> None:
    shop.gateway.next_task(pictures=3)
    job = await shop.ended(await shop.accept(count=1))
    assert len(shop.post_of(job).outcome.pictures) == 1
    assert await used(shop) == 1


async def test_a_job_whose_tasks_all_fail_is_told_and_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed")
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    post = shop.post_of(job)
    assert post.route is Route.RESPONSE
    assert post.outcome.failure is not None
    assert await used(shop) == 0


async def test_refused_content_is_told_plainly(shop: Workshop) -> None:
    refusal = GatewayRefusal(422, "content_policy_violation", "the prompt was flagged")
    shop.gateway.refuse_next("/images/generations", refusal)
    job = await shop.ended(await shop.accept())
    assert job.failure is not None
    assert job.failure.key == "gateway.content_refused"
    assert await used(shop) == 0


@pytest.mark.parametrize("served", ["text", "html", "truncated"])
async def test_a_result_that_is_no_picture_is_not_posted(shop: Workshop, served: str) -> None:
    shop.gateway.next_task(picture=served)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.pictures == ()
    assert await used(shop) == 0


async def test_a_result_that_is_gone_is_told(shop: Workshop) -> None:
    shop.gateway.next_task(picture="gone")
    job = await shop.ended(await shop.accept())
    assert job.failure is not None
    assert job.failure.key == "job.result_gone"


async def test_a_result_whose_transfer_breaks_is_fetched_again(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route="/generated/{name}", drop=True, times=2))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED


async def test_a_task_that_never_ends_is_given_up_and_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0, job_timeout_seconds=60) as shop:
        shop.gateway.next_task(ending="never")
        job = await shop.ended(await shop.accept())
        assert job.state is JobState.FAILED
        assert job.failure is not None
        assert job.failure.key == "job.timed_out"
        assert await used(shop) == 0


async def test_a_submit_that_is_answered_with_the_end_needs_no_question(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=0)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert shop.gateway.tasks[0].asked_at == []


async def test_a_task_that_the_gateway_forgets_is_told_and_given_back(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0) as shop:
        unknown = {"error": {"code": "task_not_found", "message": "The task does not exist"}}
        shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=404, body=unknown, times=0))
        job = await shop.ended(await shop.accept())
        assert job.failure is not None
        assert job.failure.key == "gateway.task_unknown"
        assert await used(shop) == 0


async def test_an_end_without_times_is_an_end_all_the_same(shop: Workshop) -> None:
    reference = shop.files.reference(1, picture())
    answer = {"id": "img_1", "status": "completed", "result": {"data": [{"url": reference.source_url}]}}
    shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=200, body=answer))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    (duration,) = await shop.services.store.durations()
    assert duration.seconds > 0


async def test_a_result_whose_transfer_breaks_until_its_link_ends_is_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0) as shop:
        shop.gateway.next_task(lifetime=120)
        shop.gateway.faults.add(Fault(route="/generated/{name}", drop=True, times=0))
        job = await shop.ended(await shop.accept())
        assert job.failure is not None
        assert job.failure.key == "job.result_gone"


@pytest.mark.parametrize("lifetime", [8 * 86_400.0, 9e10])
async def test_a_result_that_is_said_to_live_for_ages_is_taken_to_live_for_a_day(
    shop: Workshop, lifetime: float
) -> None:
    shop.gateway.next_task(lifetime=lifetime)
    job = await shop.ended(await shop.accept())
    assert job.tasks[0].result_expires_at is None
    assert job.originals[0].until <= shop.clock.now() + 86_400
