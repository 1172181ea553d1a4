"""The bot as a process of its own, which knows nothing but what it is told here."""

import asyncio
import contextlib
import os
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

_PROGRAM = Path(__file__).resolve().parents[3]  # the folder that holds the packages `bot` and `cogs`
_TETHER = Path(__file__).with_name("tether.py")
_GRACE = 8.0
_TAIL = 12  # lines of its log that are shown when it dies
# What Python itself may need. Everything else stays out, above all the token and the key of a real bot.
_INHERITED = ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP")

Result = TypeVar("Result")


class BotDied(Exception):
    """The bot's process ended although nobody asked it to."""

    def __init__(self, exit_code: int, last_lines: list[str]) -> None:
        # The operating system's convention: a negative code is the signal that ended it.
        self.how = f"exit code {exit_code}" if exit_code >= 0 else f"signal {-exit_code}"
        super().__init__(f"the bot ended with {self.how}")
        self.last_lines = last_lines


class BotProcess:
    """The running bot, which writes to `log` and has `grace` seconds to end when it is asked to."""

    def __init__(self, process: Process, log: Path, grace: float = _GRACE) -> None:
        self._process = process
        self._log = log
        self._grace = grace

    @property
    def id(self) -> int:
        """The process id."""
        return self._process.pid

    async def while_alive(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do `work`, unless the bot dies before it is done.

        Raises:
            BotDied: it did.
        """
        working = asyncio.create_task(work)
        dying = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise BotDied(dying.result(), self._last_lines())
        finally:
            working.cancel()
            dying.cancel()
            await asyncio.gather(working, dying, return_exceptions=True)

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not, or if there is no time to wait because we are cancelled."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), self._grace)
        except TimeoutError:
            pass  # it had its time
        finally:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def _last_lines(self) -> list[str]:
        return self._log.read_text("utf-8", errors="replace").splitlines()[-_TAIL:]


@asynccontextmanager
async def bot_process(settings: Mapping[str, str], log: Path, at_once: ExitStack) -> AsyncGenerator[BotProcess]:
    """Run the bot in a temporary folder, where no `.env` is; on leaving, end it and leave nothing of it but the log.

    Args:
        settings: its whole environment but for what Python needs.
        log: what it writes is added here.
        at_once: is given what must be done if there is no time to leave in order.
    """
    with TemporaryDirectory(prefix="easel-demo-", ignore_cleanup_errors=True) as home:
        at_once.callback(shutil.rmtree, home, ignore_errors=True)
        bot = BotProcess(await _start(settings, home, log), log)
        at_once.callback(bot.kill)
        try:
            yield bot
        finally:
            await bot.stop()


async def _start(settings: Mapping[str, str], home: str, log: Path) -> Process:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(_TETHER), home),  # -P: the modules beside it are no top-level ones
            env={**inherited, "PYTHONPATH": str(_PROGRAM), "PYTHONUTF8": "1", **settings},
            cwd=home,
            stdin=PIPE,  # closed with this process, by which the bot learns that the demo is gone
            stdout=output,
            stderr=STDOUT,
            start_new_session=True,  # Ctrl-C on the terminal reaches the demo alone, which then ends the bot in order
        )
