from pathlib import Path

import pytest

from tests.darkrooms import shared_darkroom
from tests.soak.report import Plan, Report
from tests.soak.soaking import soak
from tests.soak.table import table


async def soaked(folder: Path, **plan: float) -> Report:
    wanted = Plan(jobs=int(plan["jobs"]), failures=plan["failures"], seed=int(plan["seed"]))
    return await soak(folder, wanted, shared_darkroom())


@pytest.mark.exhaustive
async def test_jobs_among_failures_keep_every_promise(tmp_path: Path) -> None:
    report = await soaked(tmp_path, jobs=24, failures=0.06, seed=7)
    assert not report.broken, table(report)
    assert sum(report.outcomes.values()) - report.outcomes["not accepted"] >= 24
    assert report.struck, "nothing failed"
    assert report.spent, "nothing was cancelled too late"


@pytest.mark.exhaustive
async def test_without_failures_every_job_that_is_not_cancelled_or_made_to_fail_is_delivered(tmp_path: Path) -> None:
    report = await soaked(tmp_path, jobs=6, failures=0.0, seed=7)
    assert not report.broken, table(report)
    assert not report.struck
    assert set(report.outcomes) <= {"delivered", "cancelled", "not accepted"}
