"""A job that its person no longer wants, at every point of its way, with a restart at each."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Refusal
from bot.jobs.cancelling import Withdrawal
from bot.jobs.job import Job, JobState, TaskState
from bot.jobs.order import Route
from bot.jobs.store import JobCancelled
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from tests.orders import NANO_BANANA_PRO, order
from tests.workshop import Workshop, blocked, interrupted, open_workshop, picture, until

SUBMIT = "/images/generations"
LOOK_UP = "/images/generations/{key}"
UPLOAD = "/uploads/images"
BUSY = {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}
OWNER = Withdrawal(user_id=1)
PAINTING = 300.0  # seconds: long enough to be seen painting on a machine that is busy


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=300.0, toapis_request_timeout=2) as workshop:
        yield workshop


def submits(shop: Workshop) -> int:
    return len(shop.gateway.record.matching(method="POST", route=SUBMIT))


async def cancel(shop: Workshop, job: Job) -> Job:
    return await shop.services.engine.cancel(job.id, OWNER)


async def refusal(shop: Workshop, job: Job, withdrawal: Withdrawal = OWNER) -> str:
    with pytest.raises(Refusal) as refused:
        await shop.services.engine.cancel(job.id, withdrawal)
    return refused.value.text.key


async def wound_up(shop: Workshop, job: Job, *, counting: int) -> Job:
    """The job once nothing is left to do: cancelled, told, nothing posted, and this much of the allowance used."""
    if any(task.state is TaskState.RUNNING for task in (await shop.job(job)).tasks):
        shop.clock.advance(PAINTING)
    job = await shop.ended(job)
    assert job.state is JobState.CANCELLED
    assert job.finished_at is not None
    assert shop.board.posts == []
    assert shop.board.tidied == [], "the message that says so stays"
    assert shop.board.cancellations[-1].counting == job.counting == counting
    assert (await shop.services.engine.usage(1)).images == counting
    assert (await shop.services.engine.usage(1)).jobs == 0
    assert shop.gateway.paid_twice == ()
    return job


def charges(shop: Workshop) -> list[str]:
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        events = [row[0] for row in connection.execute("SELECT event FROM charges ORDER BY id")]
    connection.close()
    return events


async def rehosting(shop: Workshop, hold: asyncio.Event) -> Job:
    """A job that is held in the middle of its transfers."""
    shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold))
    job = await shop.accept(references=(shop.files.reference(1, picture()),))
    await until(lambda: shop.gateway.record.matching(method="POST", route=UPLOAD) or shop.gateway.faults)
    return await shop.written(job, lambda current: current.state is JobState.REHOSTING)


async def waiting_for_a_busy_gateway(shop: Workshop, **wanted: Any) -> Job:
    """A job that the gateway has refused for now."""
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "200"}, body=BUSY, times=0))
    job = await shop.accept(**wanted)
    await until(lambda: submits(shop) == job.request.count if wanted else submits(shop) == 1)
    return await shop.written(job, lambda current: all(task.state is TaskState.PENDING for task in current.tasks))


async def running(shop: Workshop, **wanted: Any) -> Job:
    """A job whose pictures are being painted, and will be until `PAINTING` has gone by."""
    shop.gateway.every_task(Script(seconds=PAINTING))
    job = await shop.accept(**wanted)
    return await shop.written(job, lambda current: all(task.state is TaskState.RUNNING for task in current.tasks))


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
    assert charges(shop) == ["accepted"]
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
    assert charges(shop) == ["accepted"]


async def test_cancelled_while_running_and_failed_at_the_gateway_is_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", seconds=PAINTING)
    job = await running(shop)
    await cancel(shop, job)
    assert (await shop.services.engine.usage(1)).images == 1
    await wound_up(shop, job, counting=0)
    assert [told.counting for told in shop.board.cancellations] == [1, 0]
    assert charges(shop) == ["accepted", "refunded"]


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


async def test_what_the_gateway_still_has_counts_among_the_tasks_of_all(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=1.0, seconds=600.0, bot_tasks_in_flight=1) as shop:
        await cancel(shop, await running(shop))
        with pytest.raises(Refusal) as refused:
            await shop.accept()
        assert refused.value.text.key == "limits.bot_tasks"


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
