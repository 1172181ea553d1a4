"""What is told of allowances: what is used, and whether there is room."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.jobs.store import Store
from tests.bot.limits.ledger import accept, deliver, refusals
from tests.clocks import FastClock
from tests.orders import GENEROUS, order


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
