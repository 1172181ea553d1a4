"""A job that was cancelled, or is, with a stop of the program at every point of its way."""

import asyncio

from bot.jobs.job import JobState, TaskState
from bot.sandbox.faults import Fault
from tests.bot.jobs.cancelling.under_way import (
    OWNER,
    PAINTING,
    SUBMIT,
    cancel,
    rehosting,
    running,
    submits,
    waiting_for_a_busy_gateway,
    wound_up,
)
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, until


async def test_a_job_that_nobody_works_on_can_be_cancelled(shop: Workshop) -> None:
    job = await running(shop)
    await shop.stop()
    await shop.start()
    await cancel(shop, job)
    await wound_up(shop, job, counting=1)


async def test_stopped_between_the_commit_and_the_edit_while_rehosting(shop: Workshop) -> None:
    hold = asyncio.Event()
    job = await rehosting(shop, hold)
    await shop.services.store.cancel(job.id, OWNER)
    await shop.restart()
    hold.set()
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 0


async def test_stopped_between_the_commit_and_the_edit_while_waiting(shop: Workshop) -> None:
    job = await waiting_for_a_busy_gateway(shop)
    await shop.services.store.cancel(job.id, OWNER)
    await shop.restart()
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 1


async def test_stopped_between_the_commit_and_the_edit_during_a_paid_call_that_was_taken(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", hold=hold))
    job = await shop.accept()
    await until(lambda: shop.gateway.tasks)
    await shop.services.store.cancel(job.id, OWNER)
    await shop.restart()
    hold.set()
    await wound_up(shop, job, counting=1)
    assert submits(shop) == 1


async def test_stopped_between_the_commit_and_the_edit_during_a_paid_call_that_was_not_taken(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold, drop=True))
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    await shop.services.store.cancel(job.id, OWNER)
    await shop.restart()
    hold.set()
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 1


async def test_stopped_between_the_commit_and_the_edit_while_running(shop: Workshop) -> None:
    job = await running(shop)
    await shop.services.store.cancel(job.id, OWNER)
    await shop.restart()
    await wound_up(shop, job, counting=1)


async def test_stopped_after_it_was_said_and_while_the_gateway_paints_on(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", seconds=PAINTING)
    job = await running(shop)
    await cancel(shop, job)
    await until(lambda: shop.board.cancellations)
    await shop.restart()
    await wound_up(shop, job, counting=0)


async def test_many_jobs_cancelled_at_any_moment_spend_what_the_gateway_took(shop: Workshop) -> None:
    jobs = [await shop.accept(model=NANO_BANANA_PRO, count=2) for _ in range(10)]
    for number, job in enumerate(jobs):
        await asyncio.sleep(0.004 * (number % 4))
        if number % 3 == 2:
            await shop.restart()
        await asyncio.gather(cancel(shop, job), return_exceptions=True)
    for job in jobs:
        ended = await shop.ended(job)
        assert ended.state in {JobState.CANCELLED, JobState.DELIVERED}
        posts = [post for post in shop.board.posts if post.job_id == job.id]
        assert bool(posts) == (ended.state is JobState.DELIVERED)
    assert (await shop.services.engine.usage(1)).images == len(shop.gateway.tasks)
    assert shop.gateway.paid_twice == ()
