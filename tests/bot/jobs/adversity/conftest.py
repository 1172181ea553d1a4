"""An engine whose gateway is quick."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=2.0, speed=200.0) as workshop:
        yield workshop
