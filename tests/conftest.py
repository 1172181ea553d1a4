import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from tests.loops import PatientLoop, count_database_errands
from tests.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server with the bot in it, connected."""
    async with open_stage(tmp_path) as stage:
        await stage.start_bot()
        yield stage


def pytest_configure() -> None:
    """Let time wait for the database in all tests."""
    count_database_errands()


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests with other processes need real time; for all others time waits."""
    if item.get_closest_marker("real_time"):
        return {"real time": asyncio.SelectorEventLoop}
    return {"patient": PatientLoop}
