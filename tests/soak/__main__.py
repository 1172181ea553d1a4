"""The command: `python -m tests.soak`."""

import argparse
import asyncio
import secrets
import sys
import tempfile
from pathlib import Path

from tests.folders import memory
from tests.loops import PatientLoop, count_database_errands
from tests.soak.report import Plan, Report
from tests.soak.soaking import soak
from tests.soak.table import table


def main() -> int:
    """Soak, print, and say whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Push jobs through the bot.")
    parser.add_argument("--jobs", type=int, default=10_000, help="how many; the default is %(default)s")
    parser.add_argument("--failures", type=float, default=2.0, help="percent of all exchanges; %(default)s")
    parser.add_argument("--seed", type=int, default=None, help="of everything drawn at random; another each time")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)  # noqa: T201 - a command speaks
    report = _soaked(Plan(jobs=options.jobs, failures=options.failures / 100, seed=seed))
    print(table(report))  # noqa: T201 - as above
    return 1 if report.broken else 0


def _soaked(plan: Plan) -> Report:
    count_database_errands()
    with (
        tempfile.TemporaryDirectory(prefix="easel-soak-", dir=memory()) as folder,
        asyncio.Runner(loop_factory=PatientLoop) as runner,
    ):
        return runner.run(soak(Path(folder), plan))


if __name__ == "__main__":
    sys.exit(main())
