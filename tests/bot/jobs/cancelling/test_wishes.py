"""Who may cancel a job, until when, and what becomes of work that meets the wish before it hears of it."""

import asyncio

import pytest

from bot.errors import Refusal
from bot.jobs.cancelling import Withdrawal
from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.jobs.store import JobCancelled
from bot.sandbox.faults import Fault
from tests.bot.jobs.cancelling.under_way import (
    LOOK_UP,
    OWNER,
    SUBMIT,
    UPLOAD,
    cancel,
    refusal,
    running,
    submits,
    waiting_for_a_busy_gateway,
    wound_up,
)
from tests.orders import NANO_BANANA_PRO, order
from tests.workshop import Workshop, interrupted, picture, until


async def test_too_late_once_delivering_has_begun(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(3)])
    job = await shop.accept()
    await until(lambda: shop.board.attempts)
    assert await refusal(shop, job) == "cancel.too_late"
    job = await shop.ended(job)
    assert job.state is JobState.DELIVERED
    assert await refusal(shop, job) == "cancel.ended"


async def test_cancelled_twice_is_said(shop: Workshop) -> None:
    job = await running(shop)
    await cancel(shop, job)
    assert await refusal(shop, job) == "cancel.already"
    await wound_up(shop, job, counting=1)
    assert await refusal(shop, job) == "cancel.already"


async def test_cancelled_twice_at_once_is_cancelled_once(shop: Workshop) -> None:
    job = await running(shop)
    answers = await asyncio.gather(cancel(shop, job), cancel(shop, job), return_exceptions=True)
    assert sum(isinstance(answer, Refusal) for answer in answers) == 1
    await wound_up(shop, job, counting=1)


async def test_nobody_else_cancels_it_and_nobody_what_does_not_exist(shop: Workshop) -> None:
    job = await running(shop)
    assert await refusal(shop, job, Withdrawal(user_id=2)) == "cancel.not_yours"
    with pytest.raises(Refusal) as refused:
        await shop.services.engine.cancel("nosuchjob", OWNER)
    assert refused.value.text.key == "job.unknown"
    assert (await shop.ended(job)).state is JobState.DELIVERED


async def test_a_wish_from_another_message_is_refused(shop: Workshop) -> None:
    job = await running(shop)
    assert await refusal(shop, job, Withdrawal(user_id=1, message_id=5)) == "button.elsewhere"
    assert (await shop.ended(job)).state is JobState.DELIVERED


async def test_a_wish_from_below_another_job_is_refused_though_no_answer_to_this_one_is_known(shop: Workshop) -> None:
    ended = await shop.ended(await shop.accept(user_id=2))
    painting = await running(shop, user_id=2)
    job = (await shop.services.engine.accept(order())).job
    assert painting.response_message_id is not None
    for message_id in (ended.message_id, painting.response_message_id):
        assert await refusal(shop, job, Withdrawal(user_id=1, message_id=message_id)) == "button.elsewhere"


async def test_where_it_is_seen_and_what_leads_there_is_written(shop: Workshop) -> None:
    job = await running(shop)
    later = Withdrawal(user_id=1, token="the-clicks-token", token_expires_at=shop.clock.now() + 900, message_id=77)
    cancelled = await shop.services.engine.cancel(job.id, later)
    assert (cancelled.place.token, cancelled.place.token_expires_at) == ("the-clicks-token", later.token_expires_at)
    job = await wound_up(shop, job, counting=1)
    assert (job.message_id, job.message_channel_id) == (77, job.place.channel_id)
    assert job.place.token is None, "nothing is left to do with it"
    found = await shop.services.engine.job_of_message(77)
    assert found is not None
    assert found.id == job.id


async def test_a_paid_call_loses_to_a_wish_that_is_written_before_it(shop: Workshop) -> None:
    job = await waiting_for_a_busy_gateway(shop)
    await cancel(shop, job)
    with pytest.raises(JobCancelled):
        await shop.services.store.submitting(job.tasks[0].id)
    with pytest.raises(JobCancelled):
        await shop.services.store.move(job.id, JobState.DELIVERING)


async def test_work_that_meets_the_wish_before_it_hears_of_it_winds_up(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold))
    job = await shop.accept(references=(shop.files.reference(1, picture()),))
    await shop.written(job, lambda current: current.state is JobState.REHOSTING)
    await shop.services.store.cancel(job.id, OWNER)
    hold.set()
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 0


async def test_several_tasks_that_meet_the_wish_before_they_hear_of_it_wind_up(shop: Workshop) -> None:
    job = await waiting_for_a_busy_gateway(shop, model=NANO_BANANA_PRO, count=2)
    await shop.services.store.cancel(job.id, OWNER)
    shop.clock.advance(600)
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 2


async def test_a_call_that_is_settled_meets_the_wish_before_it_hears_of_it_and_is_not_made_again(
    shop: Workshop,
) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
    job = await shop.accept()
    await until(lambda: shop.gateway.record.matching(method="GET", route=LOOK_UP))
    await shop.services.store.cancel(job.id, OWNER)
    await wound_up(shop, job, counting=0)
    assert submits(shop) == 1
