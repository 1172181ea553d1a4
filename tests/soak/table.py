"""A report as a table."""

from bot.jobs.job import JobState
from tests.soak.report import READINGS, Report
from tests.soak.vitals import Vitals

_SHOWN = 20  # breaches
_MIB = 1024 * 1024


def table(report: Report) -> str:
    """What came of a soak, for the terminal."""
    plan = report.plan
    struck = sum(report.struck.values())
    lines = [
        f"{plan.jobs} jobs, {plan.failures:.1%} failures, seed {plan.seed}",
        "",
        "outcomes",
        *(_row(name, count) for name, count in sorted(report.outcomes.items())),
        f"  {_accepted(report)} of {plan.jobs} that were accepted are accounted for",
        f"  {report.spent:>7}  pictures of cancelled jobs, painted all the same",
        "",
        f"failures: {struck} of {report.exchanges} exchanges",
        *(_row(f"{service}, {kind}", count) for (service, kind), count in sorted(report.struck.items())),
        "",
        "     at    jobs    memory  files  tasks  threads  database  processor",
        *(_reading(percent, vitals) for percent, vitals in zip(READINGS, report.readings, strict=False)),
        f"  end: {_left(report)}",
        "",
        "errors logged",
        *(_row(message, count) for message, count in report.logged.most_common()),
        "",
        f"{report.seconds:.0f} s, in which {report.passed:.0f} s of the bot's time passed",
        "",
        f"promises broken: {len(report.broken)}",
        *(f"  {breach}" for breach in report.broken[:_SHOWN]),
    ]
    return "\n".join(lines)


def _accepted(report: Report) -> int:
    return sum(count for name, count in report.outcomes.items() if name in set(JobState))


def _left(report: Report) -> str:
    names = ", ".join(f"{count} {name}" for name, count in sorted(report.left.items()))
    return f"left are {names}" if names else "no file, no task and no thread is left"


def _row(name: str, count: int) -> str:
    return f"  {count:>7}  {name}"


def _reading(percent: int, vitals: Vitals) -> str:
    return (
        f"  {percent:>3} % {vitals.jobs:>7} {vitals.memory / _MIB:>5.1f} MiB {vitals.files:>6} {vitals.tasks:>6}"
        f" {vitals.threads:>8} {vitals.database / _MIB:>5.1f} MiB {vitals.processor:>8.1f} s"
    )
