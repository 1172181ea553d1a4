import asyncio

from bot.ui.handlers import Handlers
from tests.clocks import FastClock


async def test_the_end_waits_for_who_is_still_answering() -> None:
    handlers, clock, gate = Handlers(), FastClock(), asyncio.Event()
    done: list[str] = []

    async def answer() -> None:
        handlers.follow()
        await gate.wait()
        done.append("answered")

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0)
    ending = asyncio.create_task(handlers.finish(clock, clock.now() + 5))
    await clock.until_waiting()
    assert not ending.done()
    gate.set()
    await ending
    assert done == ["answered"]
    await answering


async def test_who_hangs_is_cut_off_in_the_end() -> None:
    handlers, clock = Handlers(), FastClock()

    async def hang() -> None:
        handlers.follow()
        await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0)
    ending = asyncio.create_task(handlers.finish(clock, clock.now() + 5))
    await clock.until_waiting()
    clock.advance(6)
    await ending
    assert hanging.cancelled()


async def test_whoever_asks_for_the_end_does_not_wait_for_themselves() -> None:
    handlers, clock = Handlers(), FastClock()
    handlers.follow()
    await handlers.finish(clock, clock.now() + 5)
