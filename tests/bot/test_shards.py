import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from bot.client import EaselBot
from tests.stage import Stage


async def never_ends(_: EaselBot) -> None:
    await asyncio.Event().wait()


async def ends_while_the_bot_closes(bot: EaselBot) -> None:
    while not bot.is_closed():  # noqa: ASYNC110 - a flag of the library, which tells of no change
        await asyncio.sleep(0)


def hearts() -> set[threading.Thread]:
    """The threads that send heartbeats."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("keep-alive-handler")}


@pytest.mark.parametrize("pause", [never_ends, ends_while_the_bot_closes])
async def test_a_bot_that_stops_while_it_identifies_again_leaves_no_heart_beating(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, pause: Callable[[EaselBot], Awaitable[None]]
) -> None:
    async def before_identify(*_: object, **__: object) -> None:  # discord.py's own waits for five seconds
        greeted.set()
        await pause(stage.bot)

    before, greeted = hearts(), asyncio.Event()
    monkeypatch.setattr(stage.bot, "before_identify_hook", before_identify)
    stage.discord.gateway.invalidate(resumable=False)
    await asyncio.wait_for(greeted.wait(), 60)
    made = hearts() - before
    assert made
    await stage.stop_bot()
    for heart in made:
        heart.join(5.0)
    assert not [heart for heart in made if heart.is_alive()]
