"""Jobs on their way and the wish to cancel them, for all tests of cancelling."""

import asyncio
from typing import Any

import pytest

from bot.errors import Refusal
from bot.jobs.cancelling import Withdrawal
from bot.jobs.job import Job, JobState, TaskState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from tests.workshop import Workshop, picture, until

SUBMIT = "/images/generations"
LOOK_UP = "/images/generations/{key}"
UPLOAD = "/uploads/images"
BUSY = {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}
OWNER = Withdrawal(user_id=1)
PAINTING = 300.0  # seconds: long enough to be seen painting on a machine that is busy


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
