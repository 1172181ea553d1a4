"""A gateway that says impossible things: each job ends with one outcome, and the next is none the worse for it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.job import Job
from bot.sandbox.faults import Fault
from tests.orders import NANO_BANANA_2
from tests.workshop import Workshop, open_workshop

STATUS = "/images/generations/{key}"
LONG = 600.0  # seconds


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=5.0, speed=600.0) as shop:
        yield shop


def says(shop: Workshop, **fields: Any) -> None:
    """What the gateway answers to the next question."""
    shop.gateway.faults.add(Fault(route=STATUS, method="GET", body={"id": "task_1", "status": "completed", **fields}))


async def painted(shop: Workshop) -> Job:
    return await shop.ended(await shop.accept())


class TestADurationThatCannotBe:
    async def test_teaches_nothing(self, shop: Workshop) -> None:
        shop.files.files["1"] = b""
        for created, completed in [(1, 10**11), (1_700_000_000, 1_700_000_000_000_000), (5, 4), (1, 1e300)] * 3:
            says(shop, created_at=created, completed_at=completed, result={"data": [{"url": f"{shop.files.url}/1"}]})
            await painted(shop)
        assert shop.services.engine._durations.usual(NANO_BANANA_2, None) < LONG
        await shop.restart()
        learned = await shop.services.store.durations()
        assert len(learned) == 12
        assert max(duration.seconds for duration in learned) < LONG
