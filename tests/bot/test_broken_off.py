"""One call to Discord that is cancelled while it waits, and those that come after it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from discord.webhook import async_

from tests.stage import MESSAGES, Stage, open_stage
from tests.workshop import until

EVERYBODY = {"message": "You are being rate limited.", "retry_after": 20.0, "global": True}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        await opened.start_bot()
        yield opened


def limited_channel(stage: Stage) -> discord.PartialMessageable:
    """A channel where the next message meets a limit that holds for all that the bot does."""
    headers = {"Via": "1.1 google", "Retry-After": "20", "X-RateLimit-Global": "true"}
    stage.fault(MESSAGES, method="POST", status=429, headers=headers, body=EVERYBODY)
    return stage.bot.get_partial_messageable(int(stage.channel.id))


async def test_a_limit_for_all_ends_although_the_call_that_met_it_is_broken_off(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    channel = limited_channel(stage)
    first = asyncio.create_task(channel.send("first"))
    await until(lambda: stage.asked("POST", MESSAGES))
    began = loop.time()
    await asyncio.sleep(1.0)
    first.cancel()
    await asyncio.wait({first})
    async with asyncio.timeout(60):
        await channel.send("second")
    assert 19 < loop.time() - began < 32, "it is kept while it lasts"


async def test_a_limit_for_all_that_is_waited_for_ends_when_it_is_over(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await limited_channel(stage).send("first")
    assert 19 < loop.time() - began < 21


@pytest.mark.usefixtures("stage")
async def test_an_edit_that_is_broken_off_at_its_end_gives_the_next_its_turn() -> None:
    turn = asyncio.Lock()

    async def edit(pause: float) -> None:
        async with async_.AsyncDeferredLock(turn) as deferred:
            deferred.delay_by(pause)

    first = asyncio.create_task(edit(20.0))
    await asyncio.sleep(1.0)
    assert turn.locked()
    first.cancel()
    await asyncio.wait({first})
    async with asyncio.timeout(60):
        await edit(1.0)
    assert not turn.locked()
