"""What is refused because an allowance is used up, exactly, under any load, and in words that say when it is not."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import limits as limits_module
from bot.database import open_database
from bot.errors import Refusal
from bot.jobs.job import ACTIVE_JOBS, OPEN_TASKS, Job
from bot.jobs.store import Store
from bot.limits import DAY, Limits
from tests.bot.limits.ledger import accept, deliver, fail, refusals
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import GENEROUS, NANO_BANANA_PRO, order


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
