"""An engine as most tests of it need one; others make their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workshop import Workshop, open_workshop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path) as workshop:
        yield workshop
