"""The clocks that tests use keep the promises of `bot.clock.Clock`, and so does the real one."""

import asyncio

import pytest

from bot.clock import Clock, SystemClock
from tests.clocks import START, FastClock, JumpClock


@pytest.mark.parametrize("clock", [SystemClock(), FastClock(), FastClock(speed=1000), JumpClock()])
async def test_a_wait_for_a_past_moment_or_a_set_event_ends_at_once(clock: Clock) -> None:
    event = asyncio.Event()
    event.set()

    assert not await clock.wait(None, clock.now() - 1)
    assert not await clock.wait(asyncio.Event(), clock.now() - 1)
    assert await clock.wait(event, clock.now() + 1e6)


@pytest.mark.parametrize("clock", [SystemClock(), FastClock(), FastClock(speed=1000)])
async def test_an_event_ends_the_wait_before_its_time(clock: Clock) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(clock.wait(event, clock.now() + 1e6))
    await asyncio.sleep(0)

    event.set()

    assert await waiting


@pytest.mark.real_time
@pytest.mark.parametrize("clock", [SystemClock(), FastClock(speed=100), JumpClock()])
async def test_a_wait_ends_when_its_time_has_come(clock: Clock) -> None:
    until = clock.now() + 0.01

    assert not await clock.wait(asyncio.Event(), until)
    assert not await clock.wait(None, until)
    assert clock.now() >= until - 0.002  # the real clock may step


async def test_advancing_wakes_only_those_whose_time_has_come() -> None:
    clock = FastClock()
    early = asyncio.create_task(clock.wait(None, START + 5))
    late = asyncio.create_task(clock.wait(None, START + 50))
    await clock.until_waiting(2)

    clock.advance(10)
    await early

    assert clock.now() == START + 10
    assert not late.done()
    clock.advance(40)
    assert not await late


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    clock = FastClock()
    waiting = asyncio.create_task(clock.wait(asyncio.Event(), START + 5))
    await clock.until_waiting()

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_jump_clock_remembers_what_was_waited_for() -> None:
    clock = JumpClock()

    await clock.wait(None, START + 7)
    await clock.wait(None, START + 10)

    assert clock.waits == [7, 3]
    assert clock.now() == START + 10
