"""What does not count against an allowance any more."""

from dataclasses import replace

from bot.jobs.job import JobState
from bot.jobs.store import Store
from tests.bot.limits.ledger import WHY, accept, complete, deliver, fail, refusals
from tests.orders import GENEROUS, order


async def test_a_failed_job_gives_everything_back(store: Store) -> None:
    limits = replace(GENEROUS, user_images=1)
    await fail(store, await accept(store, order(), limits))
    await accept(store, order(), limits)


async def test_an_unclear_task_is_given_back(store: Store) -> None:
    limits = replace(GENEROUS, user_images=1)
    job = await accept(store, order(), limits)
    await store.move(job.id, JobState.PAINTING)
    await store.submitting(job.tasks[0].id)
    await store.unclear(job.tasks[0].id, WHY)
    await accept(store, order(), limits)


async def test_an_undeliverable_job_is_given_back(store: Store) -> None:
    limits = replace(GENEROUS, user_images=1)
    job = await complete(store, await accept(store, order(), limits))
    await refusals(store, order(), limits)
    await store.end(job.id, JobState.UNDELIVERABLE)
    await accept(store, order(), limits)


async def test_pictures_that_did_not_come_are_given_back(store: Store) -> None:
    limits = replace(GENEROUS, user_images=4)
    await complete(store, await accept(store, order(count=4), limits), received=3)
    await accept(store, order(), limits)
    await refusals(store, order(), limits)


async def test_pictures_that_could_not_be_posted_are_given_back(store: Store) -> None:
    limits = replace(GENEROUS, user_images=4)
    await deliver(store, await accept(store, order(count=4), limits), pictures=1)
    await accept(store, order(count=3), limits)
    await refusals(store, order(), limits)


async def test_a_job_cancelled_before_submission_costs_nothing_and_after_it_counts(store: Store) -> None:
    limits = replace(GENEROUS, user_images=1)
    job = await accept(store, order(), limits)
    await store.move(job.id, JobState.CANCELLED)
    job = await accept(store, order(), limits)
    await store.move(job.id, JobState.PAINTING)
    await store.submitting(job.tasks[0].id)
    await store.move(job.id, JobState.CANCELLED)
    await refusals(store, order(), limits)
