"""Every row of the gateway's faults, run by the engine's workshop at the pace and with the limits of production."""

from pathlib import Path

import pytest

from tests.faults.gateway import ROWS
from tests.faults.matrix import Judge, Row, Seen
from tests.workshop import open_workshop


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_fault(row: Row, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_workshop(tmp_path, seconds=3.0, speed=1.0, **row.settings) as shop:
        judge = Judge(shop)
        await judge.look()
        for script in row.scripts:
            shop.gateway.next_task(script)
        for fault in row.faults:
            shop.gateway.faults.add(fault)
        job = await shop.ended(await shop.accept(**row.order))
        outcome = shop.post_of(job).outcome
        seen = Seen(pictures=len(outcome.pictures), says=outcome.failure.key if outcome.failure else None)
        assert await judge.complaints(job, row.expected, seen, shop.board.operator, caplog.records) == []
