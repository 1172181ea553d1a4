import asyncio
import gc
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import share_compiled_statements
from tests.folders import memory
from tests.fuzz.mutations import LONG
from tests.loops import PatientLoop, count_database_errands
from tests.stage import Stage, open_stage

_TESTS = itertools.count()
_LONGEST = ("tests/crash/", "tests/soak/", "tests/wording/", "tests/faults/")

settings.register_profile(LONG)  # what it means, `tests.fuzz.mutations.fuzzed` says


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server with the bot in it, connected."""
    async with open_stage(tmp_path) as stage:
        await stage.start_bot()
        yield stage


def pytest_configure() -> None:
    """Let time wait for the database in all tests, and no test for a disk, where there is room in memory."""
    if "TMPDIR" not in os.environ and (folder := memory()) is not None:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    count_database_errands()
    share_compiled_statements()


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what lives as long as the process: a third of a test's time."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol() -> None:
    """The same from time to time, for caches and for what is imported late: a tenth of a test's time."""
    if next(_TESTS) % 50 == 0:
        gc.collect()
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Have each worker begin to read a folder at another place.

    Reading a test's module for the first time takes three times as long as the next time, for its assertions are
    rewritten. Workers that all begin at the same file all do that for every one; so each does it for its share.
    """
    report = yield
    if isinstance(collector, pytest.Dir) and report.result:
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        first = len(report.result) * number // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        report.result = report.result[first:] + report.result[:first]
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no worker is left alone with it; all in the same order."""
    items.sort(key=lambda item: (not item.nodeid.startswith(_LONGEST), item.path))


def pytest_xdist_auto_num_workers() -> int:
    """Three for two processors: fewer leave one idle where a test waits, and more are in each other's way."""
    processors = os.cpu_count() or 1
    return processors + (processors + 1) // 2


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell at how many points the bot was killed."""
    told = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "crash"
    ]
    if not told:
        return
    terminalreporter.section("the bot was killed at")
    for story in dict.fromkeys(name for name, *_ in told):
        points, seconds = (
            sum(numbers) for numbers in zip(*(part for name, *part in told if name == story), strict=True)
        )
        terminalreporter.line(f"{story}: {points} points, each in a replay of its own, {seconds:.0f} s")


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests with other processes need real time; for all others time waits."""
    if item.get_closest_marker("real_time"):
        return {"real time": asyncio.SelectorEventLoop}
    return {"patient": PatientLoop}
