"""What the process takes of the machine."""

import asyncio
import contextlib
import gc
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_STATUS, _FILES = Path("/proc/self/status"), Path("/proc/self/fd")


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """One reading.

    Attributes:
        jobs: how many were settled by then.
        memory: resident bytes; 0 where the system does not tell.
        files: open files and sockets; 0 where the system does not tell.
        tasks: of the event loop.
        database: bytes of its files.
        processor: seconds since the process began.
    """

    jobs: int
    memory: int
    files: int
    tasks: int
    threads: int
    database: int
    processor: float


def read_vitals(folder: Path, jobs: int) -> Vitals:
    """Measure now; `folder` holds the database."""
    gc.collect()
    return Vitals(
        jobs=jobs,
        memory=_resident(),
        files=len(open_files()),
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
        database=sum(path.stat().st_size for path in folder.glob("easel.db*")),
        processor=time.process_time(),
    )


def open_files() -> list[str]:
    """What this process has open, files by their names; nothing where the system does not tell."""
    found: list[str] = []
    for descriptor in _FILES.iterdir() if _FILES.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # the one that listed them
            found.append(str(descriptor.readlink()))
    return found


def _resident() -> int:
    if not _STATUS.is_file():
        return 0
    (line,) = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024
