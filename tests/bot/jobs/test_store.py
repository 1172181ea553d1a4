import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import open_database
from bot.jobs.job import JOB_MOVES, TASK_MOVES, Job, JobState, TaskState, new_job_id
from bot.jobs.order import Reference, Route
from bot.jobs.outcome import Posted
from bot.jobs.store import IllegalMove, Store
from bot.limits import Limits
from bot.texts import Text
from bot.toapis.schema import ImageRequest
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import GENEROUS, order

WHY = Text("gateway.failed", {"reason": "a test"})

JOB_PATHS = {
    JobState.ACCEPTED: (),
    JobState.REHOSTING: (JobState.REHOSTING,),
    JobState.PAINTING: (JobState.PAINTING,),
    JobState.DELIVERING: (JobState.DELIVERING,),
    JobState.DELIVERED: (JobState.DELIVERING, JobState.DELIVERED),
    JobState.FAILED: (JobState.DELIVERING, JobState.FAILED),
    JobState.UNDELIVERABLE: (JobState.DELIVERING, JobState.UNDELIVERABLE),
    JobState.CANCELLED: (JobState.CANCELLED,),
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_database(new_database(tmp_path)) as database:
        yield Store(database, FastClock())


async def new_job(store: Store, limits: Limits = GENEROUS) -> Job:
    return (await store.accept(order(), (1,), limits)).job


@pytest.mark.parametrize("path", JOB_PATHS.items(), ids=lambda path: str(path[0]))
async def test_a_job_makes_only_the_moves_that_are_written(
    store: Store, path: tuple[JobState, tuple[JobState, ...]]
) -> None:
    state, way = path
    for target in JobState:
        job = await new_job(store)
        for step in way:
            await store.move(job.id, step)
        if target in JOB_MOVES.get(state, ()):
            assert (await store.move(job.id, target)).state is target
        else:
            with pytest.raises(IllegalMove):
                await store.move(job.id, target)
            unchanged = await store.job(job.id)
            assert unchanged is not None
            assert unchanged.state is state


async def task_to(store: Store, task_id: str, state: TaskState) -> None:
    if state is TaskState.PENDING:
        await store.not_submitted(task_id)
    elif state is TaskState.SUBMITTING:
        await store.submitting(task_id)
    elif state is TaskState.RUNNING:
        await store.running(task_id, "gateway-id")
    elif state is TaskState.COMPLETED:
        await store.completed(task_id, ("https://files.example/1",), None, 8.0)
    elif state is TaskState.FAILED:
        await store.task_failed(task_id, WHY)
    else:
        await store.unclear(task_id, WHY)


TASK_PATHS = {
    TaskState.PENDING: (),
    TaskState.SUBMITTING: (TaskState.SUBMITTING,),
    TaskState.RUNNING: (TaskState.SUBMITTING, TaskState.RUNNING),
    TaskState.COMPLETED: (TaskState.SUBMITTING, TaskState.RUNNING, TaskState.COMPLETED),
    TaskState.FAILED: (TaskState.FAILED,),
    TaskState.UNCLEAR: (TaskState.SUBMITTING, TaskState.UNCLEAR),
}


@pytest.mark.parametrize(("state", "target"), list(itertools.product(TaskState, TaskState)))
async def test_a_task_makes_only_the_moves_that_are_written(store: Store, state: TaskState, target: TaskState) -> None:
    job = await new_job(store)
    for step in TASK_PATHS[state]:
        await task_to(store, job.tasks[0].id, step)
    if target in TASK_MOVES.get(state, ()):
        await task_to(store, job.tasks[0].id, target)
    else:
        with pytest.raises(IllegalMove):
            await task_to(store, job.tasks[0].id, target)
    now = await store.job(job.id)
    assert now is not None
    assert now.tasks[0].state is (target if target in TASK_MOVES.get(state, ()) else state)


async def test_a_job_is_read_back_as_it_was_written(store: Store) -> None:
    references = tuple(
        Reference(position=n, name=f"image{n}", source_url=f"https://cdn.example/{n}", filename=f"{n}.png", size=n)
        for n in (1, 2)
    )
    wanted = order(count=2, references=references, resolution="2K", private=True, guild_id=None)
    job = (await store.accept(wanted, (1, 1), GENEROUS)).job
    assert await store.job(job.id) == job
    assert (job.place, job.request, job.references) == (wanted.place, wanted.request, references)
    assert [task.id for task in job.tasks] == [f"{job.id}-1", f"{job.id}-2"]


async def test_what_is_learned_on_the_way_is_read_back(store: Store) -> None:
    job = await new_job(store)
    await store.acknowledged(job.id, 77)
    task = job.tasks[0]
    await store.submitting(task.id)
    await store.running(task.id, "gateway-id")
    await store.completed(task.id, ("https://files.example/1",), 123.0, 8.0)
    await store.move(job.id, JobState.DELIVERING)
    current = await store.job(job.id)
    assert current is not None
    await store.delivering(current, Route.CHANNEL, None)
    ended = await store.end(job.id, JobState.DELIVERED, posted=Posted(message_id=9, channel_id=3))
    assert (ended.response_message_id, ended.message_id, ended.message_channel_id) == (77, 9, 3)
    assert ended.delivering_route is Route.CHANNEL
    assert ended.tasks[0].result_urls == ("https://files.example/1",)
    assert (ended.tasks[0].ask_id, ended.tasks[0].result_expires_at) == ("gateway-id", 123.0)
    assert ended.finished_at is not None


async def test_the_token_is_wiped_when_nothing_is_left_to_do(store: Store) -> None:
    job = await new_job(store)
    await store.tidied(job.id)
    wiped = await store.job(job.id)
    assert wiped is not None
    assert wiped.place.token is None


async def test_unfinished_is_what_is_in_flight_or_not_tidied(store: Store) -> None:
    flying, ended, tidied = [await new_job(store) for _ in range(3)]
    for job in (ended, tidied):
        await store.move(job.id, JobState.DELIVERING)
        await store.end(job.id, JobState.UNDELIVERABLE)
    await store.tidied(tidied.id)
    assert set(await store.unfinished()) == {flying.id, ended.id}


async def test_untold_is_what_was_undeliverable_for_this_person_until_it_is_told(store: Store) -> None:
    flying, first, second = [await new_job(store) for _ in range(3)]
    for job in (first, second):
        await store.move(job.id, JobState.DELIVERING)
        await store.end(job.id, JobState.UNDELIVERABLE)
    user_id = flying.place.user_id
    assert [job.id for job in await store.untold(user_id, 5)] == sorted([first.id, second.id])
    assert len(await store.untold(user_id, 1)) == 1
    assert await store.untold(user_id + 1, 5) == []
    await store.told([first.id])
    assert [job.id for job in await store.untold(user_id, 5)] == [second.id]


async def test_one_message_carries_one_outcome(store: Store) -> None:
    first, second = [await new_job(store) for _ in range(2)]
    for job in (first, second):
        await store.move(job.id, JobState.DELIVERING)
    await store.end(first.id, JobState.DELIVERED, posted=Posted(message_id=9, channel_id=3))
    with pytest.raises(Exception, match="UNIQUE"):
        await store.end(second.id, JobState.DELIVERED, posted=Posted(message_id=9, channel_id=3))


async def test_notes_are_kept_and_replaced(store: Store) -> None:
    assert await store.remembered("commands") is None
    await store.remember("commands", "one")
    await store.remember("commands", "two")
    assert await store.remembered("commands") == "two"


async def test_an_unknown_job_is_none(store: Store) -> None:
    assert await store.job("nonsense") is None


async def test_a_hundred_replays_of_one_interaction_make_one_job(store: Store) -> None:
    wanted = order()
    results = await asyncio.gather(*(store.accept(wanted, (1,), GENEROUS) for _ in range(100)))
    assert len({result.job.id for result in results}) == 1
    assert sum(result.created for result in results) == 1


def test_ids_are_unique_in_the_order_of_time_and_fit_a_nonce() -> None:
    ids = [new_job_id(1_700_000_000 + n / 1000) for n in range(2000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 2000
    assert {len(job_id) for job_id in ids} == {20}
    assert len(new_job_id(32_503_680_000)) == 20, "still in the year 3000"
    assert len({new_job_id(1_700_000_000.0) for _ in range(2000)}) == 2000


def test_texts_that_a_newer_version_dropped_are_read_as_a_general_one() -> None:
    assert str(Text.from_json({"key": "no.such", "values": {}})) == str(Text("internal"))
    assert Text.from_json(WHY.to_json()) == WHY


def test_requests_of_older_versions_are_read() -> None:
    assert ImageRequest.from_json({"model": "m", "prompt": "p"}) == ImageRequest(model="m", prompt="p")
