"""The bot is killed at every request and every commit of its stories; nothing is lost and nothing happens twice.

The two shortest stories are told with every run of the tests; all of them with `uv run pytest -m exhaustive`.
"""

import sys
import time
from collections.abc import Callable
from zlib import crc32

import pytest

from tests.crash.replays import points_of, replay
from tests.crash.stories import STORIES, Story

PARTS = 4  # so that several workers share a story

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows can neither fork nor kill like this"),
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "story",
    [
        pytest.param(story, id=story.name, marks=() if story in STORIES[:2] else pytest.mark.exhaustive)
        for story in STORIES
    ],
)
def test_wherever_the_bot_dies_nothing_is_lost_and_nothing_happens_twice(
    story: Story, part: int, record_property: Callable[[str, object], None]
) -> None:
    begun = time.monotonic()
    points = [point for point in points_of(story) if crc32(str(point).encode()) % PARTS == part]
    for point in points:
        replay(story, point)
    record_property("crash", (story.name, len(points), time.monotonic() - begun))
