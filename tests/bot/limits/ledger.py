"""Jobs moved through the ledger without any engine."""

import pytest

from bot.errors import Refusal
from bot.jobs.engine import split
from bot.jobs.job import Job, JobState
from bot.jobs.order import Order
from bot.jobs.outcome import Posted
from bot.jobs.store import Store
from bot.limits import Limits
from bot.texts import Text

WHY = Text("gateway.failed", {"reason": "a test"})


async def accept(store: Store, wanted: Order, limits: Limits) -> Job:
    return (await store.accept(wanted, split(wanted.request), limits)).job


async def refusals(store: Store, wanted: Order, limits: Limits) -> dict[str, Text]:
    with pytest.raises(Refusal) as refused:
        await accept(store, wanted, limits)
    return {text.key: text for text in refused.value.texts}


async def fail(store: Store, job: Job) -> None:
    for task in job.tasks:
        await store.task_failed(task.id, WHY)
    await store.move(job.id, JobState.DELIVERING, failure=WHY)
    await store.end(job.id, JobState.FAILED, posted=Posted(message_id=int(job.id[-5:], 36), channel_id=3), failure=WHY)


async def complete(store: Store, job: Job, *, received: int | None = None) -> Job:
    await store.move(job.id, JobState.PAINTING)
    for task in job.tasks:
        await store.submitting(task.id)
        await store.running(task.id, f"gateway-{task.id}")
        urls = tuple(f"https://files.example/{n}" for n in range(task.wanted if received is None else received))
        await store.completed(task.id, urls, None, 8.0)
    return await store.move(job.id, JobState.DELIVERING)


async def deliver(store: Store, job: Job, *, pictures: int | None = None) -> None:
    job = await complete(store, job)
    posted = Posted(message_id=int(job.id[-5:], 36), channel_id=3)
    counts = None if pictures is None else {job.tasks[0].id: pictures}
    await store.end(job.id, JobState.DELIVERED, posted=posted, pictures=counts)
