from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server with the bot in it, connected."""
    async with open_stage(tmp_path) as stage:
        await stage.start_bot()
        yield stage
