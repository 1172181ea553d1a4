"""Client-side pacing under the account's rate limits."""

import asyncio
from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis.pacing import MARGIN, Pacer, Turn, Window, windows
from tests.clocks import START, FastClock, JumpClock


async def passed_at(clock: JumpClock, pacer: Pacer, calls: int) -> list[float]:
    moments: list[float] = []
    for _ in range(calls):
        await pacer.turn()
        moments.append(clock.now() - START)
    return moments


def most_within(moments: list[float], seconds: float) -> int:
    return max(bisect_right(moments, moment + seconds) - first for first, moment in enumerate(moments))


@pytest.mark.parametrize(("per_minute", "burst"), [(300, 50), (3000, 500), (5, 1)])
async def test_the_gateways_limits_are_kept_in_every_window(per_minute: int, burst: int) -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(per_minute))

    moments = await passed_at(clock, pacer, per_minute * 2 + 1)

    assert most_within(moments, 60) <= per_minute
    assert most_within(moments, 10) <= burst
    assert moments[burst - 1] == 0  # a burst is let through at once
    assert moments[-1] < 60 * 2 + 10 * (1 + 12 * MARGIN)  # and no more is withheld than the limits ask for


@given(
    st.lists(st.floats(0, 30), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(1, 10), st.floats(0.5, 60)), min_size=1, max_size=3),
)
async def test_no_rhythm_of_calls_breaks_a_window(pauses: list[float], limits: list[tuple[int, float]]) -> None:
    clock = JumpClock()
    pacer = Pacer(clock, tuple(Window(calls, seconds) for calls, seconds in limits))
    moments: list[float] = []

    for pause in pauses:
        clock.time += pause
        await pacer.turn()
        moments.append(clock.now())

    for calls, seconds in limits:
        assert most_within(moments, seconds) <= calls


async def test_callers_pass_in_the_order_in_which_they_came() -> None:
    clock = FastClock()
    pacer = Pacer(clock, (Window(1, 10),))
    order: list[int] = []

    async def call(number: int) -> None:
        await pacer.turn()
        order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(call(number))
        for _ in range(3):
            await clock.until_waiting()
            clock.advance(10 + MARGIN)
            await asyncio.sleep(0.001)

    assert order == [0, 1, 2, 3]


async def test_a_cancelled_caller_uses_nothing_up_and_blocks_nobody() -> None:
    clock = FastClock()
    pacer = Pacer(clock, (Window(1, 10),))
    await pacer.turn()
    waiting = [asyncio.create_task(pacer.turn()) for _ in range(3)]
    await clock.until_waiting()

    waiting[0].cancel()
    waiting[1].cancel()
    await asyncio.gather(*waiting[:2], return_exceptions=True)
    await clock.until_waiting()
    clock.advance(10 + MARGIN)

    assert await waiting[2] == 2


async def test_a_pause_holds_everybody_back_and_is_never_shortened() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))

    pacer.pause(30)
    pacer.pause(5)

    assert await passed_at(clock, pacer, 2) == [30, 30]


async def test_a_pause_that_grows_while_someone_waits_is_waited_out() -> None:
    clock = FastClock()
    pacer = Pacer(clock, windows(300))
    pacer.pause(10)
    waiting = asyncio.create_task(pacer.turn())
    await clock.until_waiting()

    pacer.pause(60)
    clock.advance(10)
    await asyncio.sleep(0.001)
    assert not waiting.done()
    await clock.until_waiting()
    clock.advance(50)

    assert await waiting == 1


async def test_what_the_gateway_says_is_left_is_not_exceeded() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))
    turn = await pacer.turn()

    pacer.adjust(turn, 2, START + 40)

    assert await passed_at(clock, pacer, 3) == [0, 0, 40]


async def test_calls_under_way_count_against_what_is_left() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))
    turns = [await pacer.turn() for _ in range(3)]

    pacer.adjust(turns[0], 3, START + 40)  # it did not know of the two others yet

    assert await passed_at(clock, pacer, 2) == [0, 40]


async def test_a_late_answer_about_the_same_time_raises_nothing() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))
    turns = [await pacer.turn() for _ in range(2)]

    pacer.adjust(turns[1], 0, START + 40)
    pacer.adjust(turns[0], 200, START + 39.5)
    pacer.adjust(turns[0], 200, START + 12)

    assert await passed_at(clock, pacer, 1) == [40]


async def test_a_new_window_of_the_gateway_replaces_the_old_one() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))
    turn = await pacer.turn()

    pacer.adjust(turn, 0, START + 40)
    pacer.adjust(turn, 10, START + 100)

    assert await passed_at(clock, pacer, 1) == [0]


async def test_whoever_waits_can_tell_how_many_are_before_them() -> None:
    clock = FastClock()
    pacer = Pacer(clock, (Window(1, 10),))
    turns = [Turn(pacer) for _ in range(4)]
    assert [turn.ahead for turn in turns] == [0, 0, 0, 0], "who has not lined up has nobody ahead"
    await turns[0].come()
    waiting = [asyncio.create_task(turn.come()) for turn in turns[1:]]
    await clock.until_waiting()
    assert [turn.ahead for turn in turns] == [0, 0, 1, 2]

    waiting[1].cancel()
    await asyncio.gather(waiting[1], return_exceptions=True)
    assert turns[3].ahead == 1, "who leaves the line is not before anybody"
    clock.advance(10 + MARGIN)
    await waiting[0]
    assert turns[3].ahead == 0
    waiting[2].cancel()


async def test_a_pause_is_told_while_it_lasts() -> None:
    clock = JumpClock()
    pacer = Pacer(clock, windows(300))
    turn = Turn(pacer)
    assert not turn.paused
    pacer.pause(30)
    assert turn.paused
    await turn.come()
    assert not turn.paused
    assert not pacer.paused
