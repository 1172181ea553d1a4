"""The tasks of a job in the hands of the engine: several, in part, failed, forgotten; and what their results bring."""

import pytest

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from tests.bot.jobs.books import charges, used
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, picture


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


async def test_a_job_whose_tasks_all_fail_is_told_and_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed")
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    post = shop.post_of(job)
    assert post.route is Route.RESPONSE
    assert post.outcome.failure is not None
    assert await used(shop) == 0


async def test_an_end_without_times_is_an_end_all_the_same(shop: Workshop) -> None:
    reference = shop.files.reference(1, picture())
    answer = {"id": "img_1", "status": "completed", "result": {"data": [{"url": reference.source_url}]}}
    shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=200, body=answer))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    (duration,) = await shop.services.store.durations()
    assert duration.seconds > 0


@pytest.mark.parametrize("lifetime", [8 * 86_400.0, 9e10])
async def test_a_result_that_is_said_to_live_for_ages_is_taken_to_live_for_a_day(
    shop: Workshop, lifetime: float
) -> None:
    shop.gateway.next_task(lifetime=lifetime)
    job = await shop.ended(await shop.accept())
    assert job.tasks[0].result_expires_at is None
    assert job.originals[0].until <= shop.clock.now() + 86_400
