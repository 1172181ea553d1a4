"""A job that its person no longer wants, at every point of its way."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.jobs.job import JobState, TaskState
from bot.sandbox.faults import Fault
from tests.bot.jobs.books import charges
from tests.bot.jobs.cancelling.under_way import (
    BUSY,
    LOOK_UP,
    PAINTING,
    SUBMIT,
    UPLOAD,
    cancel,
    rehosting,
    running,
    submits,
    waiting_for_a_busy_gateway,
    wound_up,
)
from tests.orders import NANO_BANANA_PRO, order
from tests.workshop import Workshop, open_workshop, picture, until


async def test_cancelled_while_rehosting_breaks_off_the_transfers(shop: Workshop) -> None:
    hold = asyncio.Event()
    job = await rehosting(shop, hold)
    await cancel(shop, job)
    job = await wound_up(shop, job, counting=0)
    hold.set()
    assert [reference.uploaded_url for reference in job.references] == [None]
    assert [task.failure.key for task in job.tasks if task.failure] == ["job.cancelled"]
    assert submits(shop) == 0


async def test_cancelled_before_the_answer_to_its_command_was_known(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold))
    accepted = await shop.services.engine.accept(order(references=(shop.files.reference(1, picture()),)))
    await cancel(shop, accepted.job)
    await wound_up(shop, accepted.job, counting=0)
    hold.set()


async def test_cancelled_while_waiting_for_a_busy_gateway_is_never_submitted(shop: Workshop) -> None:
    job = await waiting_for_a_busy_gateway(shop)
    await cancel(shop, job)
    await wound_up(shop, job, counting=0)
    shop.clock.advance(600)
    assert submits(shop) == 1
    assert shop.gateway.tasks == ()


async def test_cancelled_while_waiting_in_line_is_never_submitted(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=1.0, seconds=600.0, toapis_submits_per_minute=6) as shop:
        first = await running(shop)
        job = await shop.accept()
        await until(lambda: [progress for job_id, progress in shop.board.progresses if job_id == job.id])
        await shop.written(job, lambda current: current.state is JobState.PAINTING)
        await cancel(shop, job)
        job = await shop.ended(job)
        shop.clock.advance(30)
        await running(shop)
        assert job.tasks[0].submits == 0
        assert len(shop.gateway.tasks) == 2
        assert (await shop.services.engine.usage(1)).images == 2
        assert (await shop.job(first)).state is JobState.PAINTING


async def test_cancelled_during_the_paid_call_counts_if_it_was_taken(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", hold=hold))
    job = await shop.accept()
    await until(lambda: shop.gateway.tasks)
    await cancel(shop, job)
    await until(lambda: shop.board.cancellations)
    hold.set()
    job = await wound_up(shop, job, counting=1)
    assert job.tasks[0].state is TaskState.COMPLETED
    assert job.tasks[0].ask_id != job.tasks[0].id, "the call was not broken off, so its answer is known"
    assert charges(shop) == [("accepted", 1)]
    assert submits(shop) == 1


async def test_cancelled_during_a_paid_call_that_is_refused_costs_nothing(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold, status=429, body=BUSY))
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    await cancel(shop, job)
    await until(lambda: shop.board.cancellations)
    assert shop.board.cancellations[0].counting == 1, "as long as it may have been taken it counts"
    hold.set()
    await wound_up(shop, job, counting=0)
    assert [told.counting for told in shop.board.cancellations] == [1, 0], "what was said is put right"
    assert submits(shop) == 1


async def test_cancelled_during_a_paid_call_whose_answer_is_lost_is_settled_by_asking(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", hold=hold, drop=True))
    job = await shop.accept()
    await until(lambda: shop.gateway.tasks)
    await cancel(shop, job)
    hold.set()
    job = await wound_up(shop, job, counting=1)
    assert job.tasks[0].ask_id == job.tasks[0].id
    assert submits(shop) == 1


async def test_cancelled_while_it_is_settled_is_not_submitted_once_more(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
    job = await shop.accept()
    await until(lambda: shop.gateway.record.matching(method="GET", route=LOOK_UP))
    await cancel(shop, job)
    job = await wound_up(shop, job, counting=0)
    assert job.tasks[0].state is TaskState.FAILED
    assert submits(shop) == 1


async def test_cancelled_and_unclear_is_given_back_and_told_the_operator(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0, resubmit_after_404=False) as shop:
        shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
        job = await shop.accept()
        await until(lambda: shop.gateway.record.matching(method="GET", route=LOOK_UP))
        await cancel(shop, job)
        job = await wound_up(shop, job, counting=0)
        assert job.tasks[0].state is TaskState.UNCLEAR
        assert [text.key for text in shop.board.operator] == ["operator.unclear"]


async def test_cancelled_while_running_posts_nothing_and_counts(shop: Workshop) -> None:
    job = await running(shop)
    cancelled = await cancel(shop, job)
    assert cancelled.counting == 1
    job = await wound_up(shop, job, counting=1)
    assert job.tasks[0].state is TaskState.COMPLETED
    assert len(shop.board.cancellations) == 1, "it is said once"
    assert charges(shop) == [("accepted", 1)]


async def test_cancelled_while_running_and_failed_at_the_gateway_is_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", seconds=PAINTING)
    job = await running(shop)
    await cancel(shop, job)
    assert (await shop.services.engine.usage(1)).images == 1
    await wound_up(shop, job, counting=0)
    assert [told.counting for told in shop.board.cancellations] == [1, 0]
    assert charges(shop) == [("accepted", 1), ("refunded", 1)]


async def test_a_cancelled_task_that_never_ends_is_given_up_in_the_end(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0, job_timeout_seconds=60) as shop:
        shop.gateway.next_task(ending="never")
        job = await running(shop)
        await cancel(shop, job)
        await wound_up(shop, job, counting=0)


async def test_of_several_tasks_the_pending_ones_are_never_submitted(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=0)
    shop.gateway.next_task(seconds=PAINTING)
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "200"}, body=BUSY, nth=3))
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "200"}, body=BUSY, nth=4))
    job = await shop.accept(model=NANO_BANANA_PRO, count=4)
    states = [TaskState.COMPLETED, TaskState.PENDING, TaskState.PENDING, TaskState.RUNNING]
    await shop.written(job, lambda current: sorted(task.state for task in current.tasks) == states)
    await cancel(shop, job)
    await wound_up(shop, job, counting=2)
    shop.clock.advance(600)
    assert (submits(shop), len(shop.gateway.tasks)) == (4, 2)


async def test_what_the_gateway_still_has_counts_among_the_tasks_of_all(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=1.0, seconds=600.0, bot_tasks_in_flight=1) as shop:
        await cancel(shop, await running(shop))
        with pytest.raises(Refusal) as refused:
            await shop.accept()
        assert refused.value.text.key == "limits.bot_tasks"
