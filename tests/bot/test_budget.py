"""The budget for bytes in memory."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget import ByteBudget, MoreNeeded


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Holder:
    """Holds a share until it is told to let go."""

    def __init__(self, budget: ByteBudget, count: int, on_start: Callable[[], None] = lambda: None) -> None:
        self.started = self.holds = False
        self.release = asyncio.Event()
        self._on_start = on_start
        self.task = asyncio.create_task(self._run(budget, count))

    async def _run(self, budget: ByteBudget, count: int) -> None:
        async with budget.hold(count):
            self.started = self.holds = True
            self._on_start()
            try:
                await self.release.wait()
            finally:
                self.holds = False


async def has_free(budget: ByteBudget, count: int) -> bool:
    """Whether `count` bytes can be had at once, and not one byte more."""
    these, one_more = Holder(budget, count), Holder(budget, 1)
    await settle()
    had = these.started, one_more.started
    for holder in (these, one_more):
        holder.task.cancel()
    await settle()
    return had == (True, False)


async def test_more_than_the_total_can_still_be_had_alone() -> None:
    budget = ByteBudget(10)

    async with budget.hold(1000):
        assert not await has_free(budget, 1)

    assert await has_free(budget, 10)


async def test_who_does_not_fit_waits_and_is_not_overtaken() -> None:
    budget = ByteBudget(10)
    first, large, small = Holder(budget, 6), Holder(budget, 8), Holder(budget, 1)
    await settle()
    assert (first.started, large.started, small.started) == (True, False, False)

    first.release.set()
    await settle()

    assert (large.started, small.started, await has_free(budget, 1)) == (True, True, True)
    large.release.set()
    small.release.set()
    await settle()
    assert await has_free(budget, 10)


async def test_a_failure_inside_gives_the_bytes_back() -> None:
    budget = ByteBudget(10)

    with pytest.raises(ZeroDivisionError):
        async with budget.hold(5):
            raise ZeroDivisionError

    assert await has_free(budget, 10)


async def test_cancelling_the_one_at_the_head_lets_those_behind_in() -> None:
    budget = ByteBudget(10)
    first, large, small = Holder(budget, 6), Holder(budget, 8), Holder(budget, 1)
    await settle()

    large.task.cancel()
    await settle()

    assert small.started
    first.release.set()
    small.release.set()
    await settle()
    assert await has_free(budget, 10)


async def test_cancelling_one_who_was_just_granted_loses_no_byte() -> None:
    budget = ByteBudget(10)
    first, second = Holder(budget, 10), Holder(budget, 10)
    await settle()

    first.release.set()
    first.task.cancel()  # leaves its `async with`, which grants the second one
    second_was_granted = asyncio.Event()
    asyncio.get_running_loop().call_soon(lambda: (second.task.cancel(), second_was_granted.set()))
    await settle()

    assert second_was_granted.is_set()
    assert await has_free(budget, 10)


@given(st.lists(st.tuples(st.integers(0, 25), st.booleans()), max_size=12))
async def test_whatever_is_asked_and_cancelled_the_total_is_kept(asked: list[tuple[int, bool]]) -> None:
    budget = ByteBudget(10)
    order: list[int] = []
    holders = [Holder(budget, count, lambda i=i: order.append(i)) for i, (count, _) in enumerate(asked)]
    for holder, (_, cancelled) in zip(holders, asked, strict=True):
        await asyncio.sleep(0)
        held = [min(count, 10) for held, (count, _) in zip(holders, asked, strict=True) if held.holds]
        assert sum(held) <= 10
        if cancelled:
            holder.task.cancel()
    for holder in holders:
        holder.release.set()
    await asyncio.gather(*(holder.task for holder in holders), return_exceptions=True)

    assert await has_free(budget, 10)
    assert order == sorted(order)
    assert {i for i, (_, cancelled) in enumerate(asked) if not cancelled} <= set(order)


async def test_work_that_takes_more_is_begun_anew_with_as_much_as_it_takes() -> None:
    budget = ByteBudget(10)
    rooms: list[int] = []

    async def work(room: int) -> str:
        rooms.append(room)
        assert await has_free(budget, max(0, 10 - room))
        if room < 7:
            raise MoreNeeded(7)
        return "done"

    assert await budget.spend(2, work) == "done"
    assert rooms == [2, 7]
    assert await has_free(budget, 10)


async def test_two_that_both_take_more_than_they_thought_do_not_wait_for_each_other() -> None:
    budget = ByteBudget(10)

    async def work(room: int) -> int:
        await settle()
        if room < 10:
            raise MoreNeeded(10)
        return room

    assert await asyncio.gather(budget.spend(5, work), budget.spend(5, work)) == [10, 10]


async def test_work_to_which_nothing_is_enough_is_not_begun_for_ever() -> None:
    async def work(room: int) -> None:
        raise MoreNeeded(room)

    with pytest.raises(MoreNeeded):
        await ByteBudget(10).spend(5, work)
