from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simcord_story import Story, open_story


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """A server of SimCord's with the bot in it, and an allowance of three pictures."""
    async with open_story(tmp_path, user_images_per_window=3) as story:
        yield story
