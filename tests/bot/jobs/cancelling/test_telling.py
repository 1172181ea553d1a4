"""Saying of a cancelled job what it has cost, where that does not go smoothly."""

from pathlib import Path

from bot.jobs.job import JobState, TaskState
from tests.bot.jobs.cancelling.under_way import cancel, running, wound_up
from tests.workshop import Workshop, blocked, interrupted, open_workshop, until


async def test_saying_it_is_tried_again(shop: Workshop) -> None:
    shop.board.cancel_trouble = [interrupted(), interrupted()]
    job = await running(shop)
    await cancel(shop, job)
    await wound_up(shop, job, counting=1)


async def test_what_could_not_be_said_at_first_is_said_in_the_end(shop: Workshop) -> None:
    shop.board.cancel_trouble = [interrupted() for _ in range(4)]
    job = await running(shop)
    await cancel(shop, job)
    await wound_up(shop, job, counting=1)


async def test_the_gateway_is_asked_while_it_cannot_be_said(shop: Workshop) -> None:
    shop.board.cancel_trouble = [interrupted() for _ in range(5)]
    shop.gateway.next_task(ending="failed", seconds=20.0)
    job = await running(shop)
    await cancel(shop, job)
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.FAILED)
    assert shop.board.cancellations == []
    await wound_up(shop, job, counting=0)


async def test_what_could_not_be_said_at_all_is_left_to_the_next_start(shop: Workshop) -> None:
    shop.board.cancel_trouble = [interrupted() for _ in range(6)]
    job = await running(shop)
    await cancel(shop, job)
    await until(lambda: not shop.board.cancel_trouble)
    await shop.restart()
    await wound_up(shop, job, counting=1)


async def test_a_defect_in_saying_it_does_not_leave_alone_what_is_paid_for(shop: Workshop) -> None:
    shop.board.cancel_trouble = [RuntimeError("a defect")]
    shop.gateway.next_task(ending="failed", seconds=30.0)
    job = await running(shop)
    await cancel(shop, job)
    await wound_up(shop, job, counting=0)


async def test_a_defect_in_saying_it_keeps_no_place_among_the_tasks_of_all(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0, bot_tasks_in_flight=1) as shop:
        shop.board.cancel_trouble = [RuntimeError("a defect") for _ in range(9)]
        job = await running(shop)
        await cancel(shop, job)
        await shop.written(job, lambda current: current.tasks[0].state is TaskState.COMPLETED)
        await shop.ended(await shop.accept())
        assert not (await shop.job(job)).tidied, "the next start tries again to say it"


async def test_where_nothing_leads_to_the_message_any_more_it_ends_all_the_same(shop: Workshop) -> None:
    shop.board.cancel_trouble = [blocked()]
    job = await running(shop)
    await cancel(shop, job)
    job = await shop.ended(job)
    assert job.state is JobState.CANCELLED
    assert shop.board.cancellations == []
