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

# Started again at once, and when Discord has forgotten nonces: what an earlier life posted is then looked for.
DOWN = {"started at once": 0.0, "started five minutes later": 300.0}
PARTS = 4  # so that several workers share a story

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows can neither fork nor kill like this"),
    pytest.mark.timeout(600),
]


def _told_always(story: Story, down_for: float) -> bool:
    return story in STORIES[:2] and not down_for


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("story", "down_for"),
    [
        pytest.param(
            story,
            down_for,
            id=f"{story.name}, {down}",
            marks=() if _told_always(story, down_for) else pytest.mark.exhaustive,
        )
        for story in STORIES
        for down, down_for in DOWN.items()
    ],
)
def test_wherever_the_bot_dies_nothing_is_lost_and_nothing_happens_twice(
    story: Story, down_for: float, part: int, record_property: Callable[[str, object], None]
) -> None:
    begun = time.monotonic()
    points = [point for point in points_of(story) if crc32(str(point).encode()) % PARTS == part]
    for point in points:
        replay(story, point, down_for)
    record_property("crash", (story.name, len(points), time.monotonic() - begun))
