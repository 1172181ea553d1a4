"""An engine that is quick enough to see jobs to their end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=300.0, toapis_request_timeout=2) as workshop:
        yield workshop
