import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from bot import limits as limits_module
from bot.database import open_database
from bot.errors import Refusal
from bot.jobs.engine import split
from bot.jobs.job import ACTIVE_JOBS, OPEN_TASKS, Job, JobState
from bot.jobs.order import Order
from bot.jobs.outcome import Posted
from bot.jobs.store import Store
from bot.limits import DAY, Limits
from bot.texts import Text
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import GENEROUS, NANO_BANANA_PRO, order

WHY = Text("gateway.failed", {"reason": "a test"})


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FastClock) -> AsyncIterator[Store]:
    async with open_database(new_database(tmp_path)) as database:
        yield Store(database, clock)


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


async def test_a_hundred_parallel_requests_with_an_allowance_of_ten_make_ten_jobs(store: Store) -> None:
    limits = replace(GENEROUS, user_images=10)
    results = await asyncio.gather(*(accept(store, order(), limits) for _ in range(100)), return_exceptions=True)
    assert sum(isinstance(result, Job) for result in results) == 10
    assert sum(isinstance(result, Refusal) for result in results) == 90


async def test_the_refusal_says_exactly_when_there_is_room_again(store: Store, clock: FastClock) -> None:
    limits = replace(GENEROUS, user_images=3, window_seconds=3600)
    first_at = clock.now()
    await accept(store, order(), limits)
    clock.advance(100)
    await accept(store, order(count=2), limits)
    clock.advance(100)
    one = (await refusals(store, order(), limits))["limits.user"]
    two = (await refusals(store, order(count=2), limits))["limits.user"]
    assert one.values["again_at"] == int(first_at + 3600) + 1
    assert two.values["again_at"] == int(first_at + 100 + 3600) + 1
    clock.advance(int(one.values["again_at"]) - clock.now())
    await accept(store, order(), limits)


async def test_just_before_that_moment_it_is_still_refused(store: Store, clock: FastClock) -> None:
    limits = replace(GENEROUS, user_images=1, window_seconds=3600)
    await accept(store, order(), limits)
    clock.advance(3599)
    await refusals(store, order(), limits)
    clock.advance(2)
    await accept(store, order(), limits)


async def test_one_persons_pictures_are_not_anothers(store: Store) -> None:
    limits = replace(GENEROUS, user_images=1)
    await accept(store, order(user_id=1), limits)
    await accept(store, order(user_id=2), limits)
    await refusals(store, order(user_id=1), limits)


async def test_more_than_the_whole_allowance_is_never_possible(store: Store) -> None:
    limits = replace(GENEROUS, user_images=3, bot_images_per_day=3)
    found = await refusals(store, order(count=4), limits)
    assert set(found) == {"limits.user_never", "limits.bot_never"}
    assert "4 pictures" in str(found["limits.user_never"])


async def test_all_limits_in_the_way_are_named_at_once(store: Store) -> None:
    limits = Limits(user_images=1, window_seconds=60, user_jobs=1, bot_images_per_day=1, bot_tasks_in_flight=1)
    await accept(store, order(), limits)
    found = await refusals(store, order(), limits)
    assert set(found) == {"limits.user", "limits.user_jobs", "limits.bot", "limits.bot_tasks"}
    assert all(str(text) for text in found.values())


class TestRoom:
    """How many of the wanted pictures could be had at once."""

    @pytest.mark.parametrize(
        ("used", "count", "key"),
        [
            (2, 4, "limits.user_room_several"),
            (3, 4, "limits.user_room_several"),
            (4, 4, "limits.user_room_one"),
            (4, 2, "limits.user_room_one"),
            (5, 4, "limits.user"),
            (5, 1, "limits.user"),
        ],
    )
    async def test_is_told_of_a_persons_window_unless_there_is_none(
        self, store: Store, used: int, count: int, key: str
    ) -> None:
        limits = replace(GENEROUS, user_images=5)
        for _ in range(used):
            await accept(store, order(), limits)
        ((found, text),) = (await refusals(store, order(count=count), limits)).items()
        assert found == key
        assert text.values.get("room", 0) == 5 - used
        assert (await store.usage(limits, 1)).left == 5 - used
        if used < 5:
            await accept(store, order(count=5 - used), limits)

    @pytest.mark.parametrize(
        ("used", "key"), [(1, "limits.bot_room_several"), (3, "limits.bot_room_one"), (4, "limits.bot")]
    )
    async def test_is_told_of_everyones_window(self, store: Store, used: int, key: str) -> None:
        limits = replace(GENEROUS, bot_images_per_day=4)
        for _ in range(used):
            await accept(store, order(user_id=1), limits)
        assert set(await refusals(store, order(user_id=2, count=4), limits)) == {key}

    @pytest.mark.parametrize(
        ("user_images", "bot_images", "keys"),
        [
            (5, 4, {"limits.user_room_one", "limits.bot_room_one"}),
            (4, 5, {"limits.user_room_one", "limits.bot_room_one"}),
            (5, 3, {"limits.user", "limits.bot_never"}),
            (6, 9, {"limits.user_room_several"}),
        ],
    )
    async def test_is_what_both_windows_have(
        self, store: Store, user_images: int, bot_images: int, keys: set[str]
    ) -> None:
        await accept(store, order(count=3), GENEROUS)
        limits = replace(GENEROUS, user_images=user_images, bot_images_per_day=bot_images)
        assert set(await refusals(store, order(count=4), limits)) == keys

    @pytest.mark.parametrize(
        ("limit", "key"), [({"user_jobs": 1}, "limits.user_jobs"), ({"bot_tasks_in_flight": 1}, "limits.bot_tasks")]
    )
    async def test_is_not_promised_where_nothing_is_taken_at_all(
        self, store: Store, limit: dict[str, int], key: str
    ) -> None:
        limits = replace(GENEROUS, user_images=4, **limit)
        await accept(store, order(), limits)
        assert set(await refusals(store, order(count=4), limits)) == {"limits.user", key}

    async def test_comes_back_with_what_leaves_the_window(self, store: Store, clock: FastClock) -> None:
        limits = replace(GENEROUS, user_images=3, window_seconds=3600)
        await accept(store, order(), limits)
        clock.advance(60)
        await accept(store, order(count=2), limits)
        clock.advance(3541)
        text = (await refusals(store, order(count=2), limits))["limits.user_room_one"]
        assert (text.values["used"], text.values["room"]) == (2, 1)
        clock.advance(int(text.values["again_at"]) - clock.now())
        await accept(store, order(count=2), limits)

    async def test_is_nothing_where_more_is_used_than_may_be(self, store: Store) -> None:
        await accept(store, order(count=4), GENEROUS)
        limits = replace(GENEROUS, user_images=2)
        assert set(await refusals(store, order(), limits)) == {"limits.user"}
        assert (await store.usage(limits, 1)).left == 0


async def test_jobs_in_flight_are_limited_until_one_ends(store: Store) -> None:
    limits = replace(GENEROUS, user_jobs=2)
    first = await accept(store, order(), limits)
    await accept(store, order(), limits)
    assert set(await refusals(store, order(), limits)) == {"limits.user_jobs"}
    await deliver(store, first)
    await accept(store, order(), limits)


async def test_everyones_pictures_count_against_the_bots_day(store: Store, clock: FastClock) -> None:
    limits = replace(GENEROUS, bot_images_per_day=2)
    first_at = clock.now()
    await accept(store, order(user_id=1), limits)
    clock.advance(60)
    await accept(store, order(user_id=2), limits)
    text = (await refusals(store, order(user_id=3), limits))["limits.bot"]
    assert text.values["again_at"] == int(first_at + DAY) + 1


async def test_tasks_in_flight_count_each_task_of_a_model_that_makes_one_at_a_time(store: Store) -> None:
    limits = replace(GENEROUS, bot_tasks_in_flight=4)
    await accept(store, order(model=NANO_BANANA_PRO, count=4), limits)
    assert set(await refusals(store, order(), limits)) == {"limits.bot_tasks"}


async def test_more_tasks_than_there_may_ever_be_are_never_possible(store: Store) -> None:
    limits = replace(GENEROUS, bot_tasks_in_flight=3)
    assert set(await refusals(store, order(model=NANO_BANANA_PRO, count=4), limits)) == {"limits.bot_tasks_never"}


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


async def test_usage_is_what_the_limits_see(store: Store, clock: FastClock) -> None:
    limits = replace(GENEROUS, user_images=10, window_seconds=3600)
    nothing = await store.usage(limits, 1)
    assert (nothing.images, nothing.jobs, nothing.next_at) == (0, 0, None)
    began = clock.now()
    await accept(store, order(count=3), limits)
    clock.advance(10)
    await deliver(store, await accept(store, order(count=2), limits))
    usage = await store.usage(limits, 1)
    assert (usage.images, usage.jobs, usage.next_at, usage.all_at) == (5, 1, began + 3600, began + 10 + 3600)
    assert usage.limits == limits


async def test_whether_everyone_together_has_room_is_what_the_next_job_would_meet(store: Store) -> None:
    limits = replace(GENEROUS, bot_images_per_day=2)
    await accept(store, order(user_id=1), limits)
    assert (await store.usage(limits, 7)).room
    await accept(store, order(user_id=2), limits)
    assert not (await store.usage(limits, 7)).room
    assert set(await refusals(store, order(user_id=7), limits)) == {"limits.bot"}
    busy = replace(GENEROUS, bot_tasks_in_flight=2)
    assert not (await store.usage(busy, 7)).room
    assert set(await refusals(store, order(user_id=7), busy)) == {"limits.bot_tasks"}


@settings(max_examples=15, deadline=None)
@given(
    wishes=st.lists(
        st.tuples(st.integers(1, 4), st.floats(0, 50), st.sampled_from(["deliver", "fail", "wait"])), max_size=12
    )
)
def test_no_window_ever_holds_more_than_the_allowance(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[int, float, str]]
) -> None:
    limits = replace(GENEROUS, user_images=5, window_seconds=60)

    async def story() -> None:
        clock = FastClock()
        kept: list[tuple[float, int]] = []
        async with open_database(new_database(tmp_path_factory.mktemp("limits"))) as database:
            store = Store(database, clock)
            for count, pause, fate in wishes:
                clock.advance(pause)
                in_window = sum(n for at, n in kept if at > clock.now() - 60)
                try:
                    job = await accept(store, order(count=count), limits)
                except Refusal:
                    assert in_window + count > 5
                    continue
                assert in_window + count <= 5
                if fate == "fail":
                    await fail(store, job)
                    continue
                kept.append((job.created_at, count))
                if fate == "deliver":
                    await deliver(store, job)

    asyncio.run(story())


def test_what_is_in_flight_is_in_flight_for_the_engine_too() -> None:
    assert set(limits_module._ACTIVE) == ACTIVE_JOBS
    assert set(limits_module._OPEN) == OPEN_TASKS


async def test_however_long_the_history_no_question_about_allowances_walks_through_it(
    store: Store, tmp_path: Path
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await accept(store, order(user_id=1), GENEROUS)
        await store.usage(GENEROUS, 1)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with sqlite3.connect(tmp_path / "easel.db") as connection:
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {each}", values).fetchall() for each, values in asked]
    connection.close()
    steps = [step for plan in plans for *_, step in plan]
    assert len(plans) > 10
    assert [step for step in steps if step.startswith("SCAN")] == []
