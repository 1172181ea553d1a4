"""What a bot could leave behind or say beside its work: open files, tasks, temporary files, errors in its log."""

import asyncio
import gc
import logging
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from typing_extensions import override

from tests.soak.report import Report
from tests.soak.vitals import open_files

_OF_DARKROOM = ("pipe", "darkroom")  # files and threads by which its processes are spoken to
_NOTICED_WITHIN = 120  # seconds, until a stand-in that was slow or stalled notices that its client has left


async def left_behind(idle: Counter[str], *, shared: bool) -> Counter[str]:
    """What the process holds more than while the bot did not run yet, once the stand-ins have had time to notice.

    Args:
        idle: what it held then.
        shared: whether others use the darkroom, too, whose processes then go on.
    """
    left = Counter[str]()
    for _ in range(_NOTICED_WITHIN):
        await asyncio.sleep(1.0)
        if not (left := await held(shared=shared) - idle):
            break
    return left


async def held(*, shared: bool) -> Counter[str]:
    """The tasks, threads and files of this process, by their names; without those of a darkroom that is `shared`."""
    loop = asyncio.get_running_loop()
    await loop.shutdown_default_executor()
    vars(loop).update(_executor_shutdown_called=False, _default_executor=None)  # it is needed again
    gc.collect()
    tasks = [str(task.get_coro()).split(" at ")[0] for task in asyncio.all_tasks()]
    threads = [thread.name for thread in threading.enumerate()]
    files = [name.partition(":")[0] for name in open_files()]
    names = Counter([*tasks, *threads, *files])
    return Counter({name: count for name, count in names.items() if not (shared and name.startswith(_OF_DARKROOM))})


@contextmanager
def temporary_files(folder: Path) -> Generator[Path]:
    """Have temporary files made in a folder of ours."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    variable = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        if variable is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = variable


@contextmanager
def errors(report: Report) -> Generator[None]:
    """Count the errors that are logged. What the log itself calls a defect breaks a promise."""

    class Handler(logging.Handler):
        @override
        def emit(self, record: logging.LogRecord) -> None:
            cause = record.exc_info[1] if record.exc_info else None
            report.logged[f"{record.name}: {record.msg}" + (f" ({type(cause).__name__})" if cause else "")] += 1
            if "defect" in str(record.msg) or record.name == "asyncio":
                report.broken.append(logging.Formatter().format(record))

    handler = Handler(logging.ERROR)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
