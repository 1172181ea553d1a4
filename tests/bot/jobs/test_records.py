import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import open_database
from bot.jobs.job import Job, JobState
from bot.jobs.outcome import Posted
from bot.jobs.records import Event
from bot.jobs.store import Store
from bot.texts import Text
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import GENEROUS, order

WHY = Text("gateway.failed", {"reason": "a test"})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_database(new_database(tmp_path)) as database:
        yield Store(database, FastClock())


async def accepted(store: Store, parent: Job | None = None, split: tuple[int, ...] = (1,)) -> Job:
    wanted = replace(order(count=sum(split)), parent=parent.id if parent else None)
    return (await store.accept(wanted, split, GENEROUS)).job


async def chain(store: Store, length: int) -> list[Job]:
    jobs: list[Job] = []
    for _ in range(length):
        jobs.append(await accepted(store, jobs[-1] if jobs else None))
    return jobs


async def test_the_job_of_a_message_is_the_one_whose_outcome_it_carries(store: Store) -> None:
    job = await accepted(store)
    await store.move(job.id, JobState.DELIVERING)
    ended = await store.end(job.id, JobState.DELIVERED, posted=Posted(message_id=9, channel_id=3))
    assert await store.job_of_message(9) == ended
    assert await store.job_of_message(8) is None


async def test_a_deleted_outcome_is_known_as_such(store: Store) -> None:
    job = await accepted(store)
    assert job.deleted_at is None
    await store.deleted(job.id)
    deleted = await store.job(job.id)
    assert deleted is not None
    assert deleted.deleted_at is not None


async def test_a_lineage_is_told_from_its_beginning_without_the_job_itself(store: Store) -> None:
    *ancestors, last = await chain(store, 4)
    lineage = await store.lineage(last, 10)
    assert lineage.ancestors == tuple(ancestors)
    assert lineage.complete


async def test_a_job_that_goes_on_from_nothing_has_no_lineage(store: Store) -> None:
    lineage = await store.lineage(await accepted(store), 10)
    assert lineage.ancestors == ()
    assert lineage.complete


@pytest.mark.parametrize(("most", "complete"), [(4, False), (5, True)])
async def test_of_a_long_lineage_the_nearest_are_told(store: Store, most: int, complete: bool) -> None:
    *ancestors, last = await chain(store, 6)
    lineage = await store.lineage(last, most)
    assert lineage.ancestors == tuple(ancestors[-most:])
    assert lineage.complete is complete


@pytest.mark.parametrize("back_to", [0, 1, 2])
async def test_a_lineage_that_runs_in_a_circle_ends(store: Store, tmp_path: Path, back_to: int) -> None:
    first, *_, last = jobs = await chain(store, 3)
    with sqlite3.connect(tmp_path / "easel.db") as other:
        other.execute("UPDATE jobs SET parent = ? WHERE id = ?", (jobs[back_to].id, first.id))
    other.close()
    lineage = await store.lineage(last, 10)
    assert [ancestor.id for ancestor in lineage.ancestors] == [job.id for job in jobs[:-1]]
    assert not lineage.complete


async def test_charges_are_told_in_their_order_for_every_task_of_the_job_alone(store: Store) -> None:
    job, other = await accepted(store, split=(2, 1)), await accepted(store)
    for task in (*job.tasks, *other.tasks):
        await store.submitting(task.id)
    await store.running(job.tasks[0].id, "remote-1")
    await store.running(other.tasks[0].id, "remote-2")
    await store.unclear(job.tasks[1].id, WHY)
    await store.task_failed(job.tasks[0].id, WHY, refunded=True)
    charges = await store.charges(job)
    assert [(charge.event, charge.pictures) for charge in charges] == [
        (Event.ACCEPTED, 2),
        (Event.UNCLEAR, 1),
        (Event.REFUNDED, 2),
    ]
