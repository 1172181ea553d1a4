"""A story told once to find its points, and once more for each of them."""

import asyncio
import tempfile
from pathlib import Path

from bot.sandbox.toapis.tasks import Script
from tests.crash.company import LeaderLoop
from tests.crash.judge import complaints
from tests.crash.play import Play, open_play
from tests.crash.points import Moment, Point
from tests.crash.stories import SECONDS, Story
from tests.databases import new_database

_TELLINGS = 3  # parallel work now and then takes another way, which leaves out a message about its progress
_MOMENTS: tuple[Moment, Moment] = ("before", "after")


def points_of(story: Story) -> list[Point]:
    """Tell a story in which nobody dies; every moment of it at which the bot can.

    Raises:
        AssertionError: not even then does everything hold that must.
    """
    seen = _tell(story, None).counting.seen
    return [
        Point(key, nth, moment) for key, count in seen.items() for nth in range(1, count + 1) for moment in _MOMENTS
    ]


def replay(story: Story, point: Point, down_for: float) -> None:
    """Tell a story in which the bot dies at this point, and is started again after so many seconds.

    Raises:
        AssertionError: the point was not reached, or something does not hold that must.
    """
    for _ in range(_TELLINGS):
        if _tell(story, point, down_for).deaths:
            return
    raise AssertionError(f"{story.name}: never came to {point}")


def _tell(story: Story, fatal: Point | None, down_for: float = 0.0) -> Play:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=LeaderLoop) as runner:
        return runner.run(_told(story, fatal, down_for, Path(folder)))


async def _told(story: Story, fatal: Point | None, down_for: float, folder: Path) -> Play:
    if not story.fresh:
        new_database(folder)
    async with open_play(folder, fatal, down_for, **story.settings) as play:
        play.stage.gateway.every_task(Script(seconds=SECONDS))
        ada = play.stage.person("ada")
        await story.tell(play, ada)
        await play.settled()
        history = ""
        if play.rows("SELECT 1 FROM jobs WHERE state = 'undeliverable'"):
            history = (await (await ada.command("history")).answer()).text
    found = complaints(play, story, ada, history)
    assert not found, "\n".join([f"{story.name}: the bot dies {fatal}", *found, play.report()])
    return play
