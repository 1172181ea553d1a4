"""Every row of the gateway's faults, run by the engine's workshop at the pace and with the limits of production."""

import tempfile
from pathlib import Path

import pytest

from bot import download
from bot.jobs.job import ACTIVE_JOBS, Job, TaskState
from tests.faults.gateway import ROWS
from tests.faults.matrix import Judge, Row, Seen
from tests.faults.run import STAND_IN, begin
from tests.workshop import Workshop, open_workshop


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_fault(
    row: Row, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = {"allow_private_addresses": not row.guarded, **row.settings}
    if row.guarded:
        monkeypatch.setattr(download, "is_public", STAND_IN.__eq__)
    async with open_workshop(tmp_path, seconds=3.0, speed=1.0, **settings) as shop:
        judge = Judge(shop)
        await judge.look()
        job = await _run(row, shop, judge)
        outcome = shop.post_of(job).outcome
        says = outcome.failure.key if outcome.failure else None
        seen = Seen(pictures=len(outcome.pictures), says=says, missing=outcome.missing)
        assert await judge.complaints(job, row.expected, seen, shop.board.operator, caplog.records) == []


async def _run(row: Row, shop: Workshop, judge: Judge) -> Job:
    """The job of a row at its end, once the bot takes requests again."""
    for script in row.scripts:
        shop.gateway.next_task(script)
    for fault in row.faults:
        shop.gateway.faults.add(fault)
    references = tuple(shop.files.reference(number, data) for number, data in enumerate(row.references, start=1))
    outage = await begin(row.outage, shop)
    accepted = await shop.accept(references=references, **row.order)
    await judge.look_meanwhile(await shop.written(accepted, _is_at_the_gateway_or_over))
    job = await shop.ended(accepted)
    await outage
    while shop.services.engine.closed is not None:
        await shop.clock.wait(None, shop.clock.now() + 1)
    return job


def _is_at_the_gateway_or_over(job: Job) -> bool:
    return job.state not in ACTIVE_JOBS or any(task.state is TaskState.RUNNING for task in job.tasks)
