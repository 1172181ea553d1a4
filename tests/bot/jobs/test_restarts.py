"""The engine stopped in every state a job can be in: after the next start it goes on from what is written."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.job import Job, JobState, TaskState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, blocked, interrupted, open_workshop, picture, until

SUBMIT = "/images/generations"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=200.0) as workshop:
        yield workshop


async def finished_once(shop: Workshop, job: Job) -> Job:
    """The job was delivered, with one message and one paid task for each picture."""
    job = await shop.ended(job)
    assert job.state is JobState.DELIVERED
    assert len(shop.post_of(job).outcome.pictures) == job.request.count
    assert sum(task.request.count for task in shop.gateway.tasks) == job.request.count
    assert shop.gateway.paid_twice == ()
    return job


async def test_stopped_right_after_acceptance(shop: Workshop) -> None:
    job = await shop.accept()
    await shop.stop()
    await shop.start()
    await finished_once(shop, job)


async def test_stopped_while_rehosting(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route="/uploads/images", hold=hold, nth=2))
    references = (shop.files.reference(1, picture("red")), shop.files.reference(2, picture("blue")))
    job = await shop.accept(references=references)
    await shop.written(job, lambda current: any(reference.uploaded_url for reference in current.references))
    assert (await shop.job(job)).state is JobState.REHOSTING
    await shop.restart()
    hold.set()
    job = await finished_once(shop, job)
    assert len({reference.uploaded_url for reference in job.references}) == 2


async def test_stopped_while_a_submit_is_under_way_and_was_accepted(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", hold=hold))
    job = await shop.accept()
    await until(lambda: shop.gateway.tasks)
    assert (await shop.job(job)).tasks[0].state is TaskState.SUBMITTING
    await shop.restart()
    await finished_once(shop, job)


async def test_stopped_while_a_submit_is_under_way_and_was_not_accepted(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="before", hold=hold, drop=True))
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    await shop.restart()
    hold.set()
    job = await finished_once(shop, job)
    assert job.tasks[0].submits == 2


async def test_stopped_while_painting(shop: Workshop) -> None:
    job = await shop.accept(model=NANO_BANANA_PRO, count=3)
    await shop.written(job, lambda current: all(task.state is TaskState.RUNNING for task in current.tasks))
    await shop.restart()
    await finished_once(shop, job)


async def test_stopped_with_some_tasks_done(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=0)
    shop.gateway.next_task(seconds=60)
    job = await shop.accept(model=NANO_BANANA_PRO, count=2)
    await shop.written(
        job, lambda current: {task.state for task in current.tasks} == {TaskState.COMPLETED, TaskState.RUNNING}
    )
    await shop.restart()
    await finished_once(shop, job)


async def test_stopped_while_delivering_and_started_within_the_nonces_window(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept()
    await shop.written(job, lambda current: current.delivering_route is Route.CHANNEL)
    await until(lambda: shop.board.posts)
    await shop.restart()
    await finished_once(shop, job)


async def test_stopped_while_delivering_and_started_much_later_finds_the_message(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept()
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.clock.advance(600)
    attempts = len(shop.board.attempts)
    await shop.start()
    await finished_once(shop, job)
    assert len(shop.board.attempts) == attempts, "what is found in the history is not sent again"
    assert shop.board.looked == [Route.CHANNEL]


async def test_stopped_before_the_message_was_there_and_started_much_later_posts_it(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)])
    job = await shop.accept()
    await until(lambda: shop.board.attempts)
    await shop.stop()
    shop.clock.advance(600)
    await shop.start()
    await finished_once(shop, job)
    assert shop.board.looked == [Route.CHANNEL]


async def test_a_message_found_again_counts_as_delivered_even_if_the_results_are_gone(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept()
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.clock.advance(48 * 3600)
    await shop.start()
    job = await shop.ended(job)
    assert (job.state, job.failure) == (JobState.DELIVERED, None)
    assert len(shop.board.posts) == 1


async def test_results_that_went_during_a_long_stop_are_told(shop: Workshop) -> None:
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.RUNNING)
    await shop.stop()
    shop.clock.advance(48 * 3600)
    await shop.start()
    job = await shop.ended(job)
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.failure is not None


async def test_a_task_that_ended_during_a_stop_beyond_its_deadline_is_still_delivered(shop: Workshop) -> None:
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.RUNNING)
    await shop.stop()
    shop.clock.advance(3 * 3600)
    await shop.start()
    await finished_once(shop, job)


async def test_a_failure_that_was_not_told_yet_is_told(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed")
    shop.board.refuse(Route.RESPONSE, *[interrupted() for _ in range(3)])
    job = await shop.accept()
    await until(lambda: shop.board.attempts)
    await shop.restart()
    job = await shop.ended(job)
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.failure == job.failure


async def test_many_jobs_stopped_again_and_again_are_all_delivered_once(shop: Workshop) -> None:
    jobs = [await shop.accept(count=1 + n % 3) for n in range(8)]
    for _ in range(5):
        await asyncio.sleep(0.05)
        await shop.restart()
    for job in jobs:
        assert (await shop.ended(job)).state is JobState.DELIVERED
        shop.post_of(job)
    assert shop.gateway.paid_twice == ()
    assert len(shop.gateway.tasks) == len(jobs)


async def test_what_was_learned_of_durations_survives(shop: Workshop) -> None:
    for _ in range(5):
        await shop.ended(await shop.accept())
    durations = await shop.services.store.durations()
    assert len(durations) == 5
    assert all(6 <= duration.seconds <= 10 for duration in durations)


async def test_a_failure_that_is_found_again_stays_a_failure(shop: Workshop) -> None:
    shop.gateway.next_task(picture="gone")
    shop.board.refuse(Route.RESPONSE, blocked())
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept()
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.clock.advance(600)
    await shop.start()
    job = await shop.ended(job)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.key == "job.result_gone"
    assert len(shop.board.posts) == 1
    assert (await shop.services.engine.usage(1)).images == 0


async def test_what_was_not_submitted_before_a_long_stop_is_painted_after_it(shop: Workshop) -> None:
    job = await shop.accept()
    await shop.stop()
    shop.clock.advance(3600)
    await shop.start()
    await finished_once(shop, job)
