"""Starts that are killed on the way."""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event

from bot import backup
from bot.database import open_database
from tests.bot.database.conftest import url_of

_OUTSIDE = {"open", "close", "execute", "fsync", "rename", "unlink", "stat", "scandir"}
"""Calls of the operating system and of SQLite."""


def migrate_and_die(path: Path, fatal: int) -> bool:
    """Open the database in a child that kills itself at the `fatal`-th point; False: none was left.

    The points are before each statement and commit of SQLAlchemy's, before each call that `bot.backup` makes of the
    operating system or of SQLite, directly or not, and after all that.
    """
    child = os.fork()
    if child == 0:
        points = iter(range(1, sys.maxsize))

        def point(*_: object) -> None:
            if next(points) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        def profiled(frame: FrameType, what: str, called: Any) -> None:
            if what == "c_call" and called.__name__ in _OUTSIDE and _is_within(frame, backup.__file__):
                point()

        event.listen(Engine, "before_cursor_execute", point)
        event.listen(Engine, "commit", point)
        threading.setprofile(profiled)

        async def migrate() -> None:
            async with open_database(url_of(path)):
                point()

        try:
            asyncio.run(migrate())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _is_within(frame: FrameType | None, file: str) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == file:
            return True
        frame = frame.f_back
    return False
