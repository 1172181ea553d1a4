from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simcord_story import Story, open_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A server of SimCord's with the bot in it."""
    async with open_story(tmp_path) as story:
        yield story
