"""Moments at which an outcome that is there could be lost, or something be left beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from tests.stage import ORIGINAL, Stage, open_stage

RESULT = "/generated/{name}"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        await opened.start_bot()
        yield opened


async def test_a_private_outcome_that_is_there_is_not_written_over_by_the_next_start(stage: Stage) -> None:
    ada = stage.person("Ada")
    stage.fault(ORIGINAL, method="PATCH", moment="after", silent=True)
    await ada.command("imagine", prompt="a lighthouse", private=True)
    shown = await stage.result(ada)
    await stage.stop_bot()
    stage.fault(RESULT, times=0, status=404)
    stage.clock.advance(3.0)
    await stage.start_bot()
    job = await stage.tidied(await stage.newest_job())
    assert job.state is JobState.DELIVERED
    (there,) = ada.sees()
    assert (there.id, len(there.files), there.edited) == (shown.id, 1, shown.edited)
