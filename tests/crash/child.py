"""The bot as a child that can be killed: forked from a process that has imported everything and runs nothing."""

import asyncio
import gc
import multiprocessing
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, Pool, event

from bot import log
from bot.cli import run
from bot.client import EXTENSIONS
from bot.config import Settings
from tests.clocks import FastClock
from tests.crash.company import MemberLoop
from tests.crash.points import Counting, Point, described
from tests.loops import count_database_errands

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, *EXTENSIONS])

_NEVER = 1e6  # seconds; discord.py's heartbeats come from a thread that knows nothing of the time that is shared here


@dataclass(frozen=True, kw_only=True)
class Life:
    """One life of the bot.

    Attributes:
        now: when it begins, in seconds since the Unix epoch.
        loop_now: the same on the loop's clock.
        fatal: the commit at which it ends, if it is one.
        log: where it writes what it has to say.
        scratch: where it may put temporary files.
    """

    settings: Settings
    now: float
    loop_now: float
    fatal: Point | None
    log: Path
    scratch: Path


def live(line: Connection, life: Life) -> None:
    """Be the bot until somebody ends it; tells the leader every commit as its key."""
    with life.log.open("a") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    gc.freeze()  # what was imported is never garbage
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed(0)  # pauses vary at random; here they are to vary in the same way each time
    tempfile.tempdir = str(life.scratch)
    log.configure(level="INFO", form="json")
    count_database_errands()

    def make_loop() -> MemberLoop:
        loop = MemberLoop(line)
        loop.let_pass(life.loop_now - loop.time())
        watch_commits(Counting(life.fatal), loop.tell)
        return loop

    async def main() -> int:
        clock = FastClock(speed=1.0, start=life.now)
        clock.now()  # from here on it follows the loop
        return await run(life.settings, clock, heartbeat_timeout=_NEVER, guild_ready_timeout=0.05)

    with asyncio.Runner(loop_factory=make_loop) as runner:
        code = runner.run(main())
    sys.stdout.flush()
    sys.exit(code)


def watch_commits(counting: Counting, tell: Callable[[str], None]) -> None:
    """Tell of every commit before it happens; die there if that is the point, or once it has happened."""

    def executed(connection: sqlalchemy.Connection, _cursor: object, statement: str, *_: object) -> None:
        if what := described(statement):
            connection.info.setdefault("written", []).append(what)

    def committing(connection: sqlalchemy.Connection) -> None:
        if written := connection.info.pop("written", None):
            migrating = any("alembic_version" in what for what in written)
            key = f"commit: {'migration' if migrating else ', '.join(dict.fromkeys(written))}"
            nth = counting.next(key)
            tell(key)
            if counting.is_fatal(key, nth, "before"):
                os.kill(os.getpid(), signal.SIGKILL)
            connection.info["committed"] = key, nth

    def returned(_connection: Any, record: Any) -> None:
        record.info.pop("written", None)  # what was rolled back
        if committed := record.info.pop("committed", None):
            key, nth = committed
            if counting.is_fatal(key, nth, "after"):
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committing)
    event.listen(Pool, "checkin", returned)
