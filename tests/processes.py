"""The bot as a process of its own, between the stand-ins of a stage; it can be killed like any other."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from pydantic import SecretStr

from bot.config import Settings

ROOT = Path(__file__).parents[1]
_INHERITED = ("PATH", "HOME", "LANG", "SYSTEMROOT", "SSL_CERT_FILE")


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that makes a process read these settings, and nothing of ours besides."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    values = {
        name.upper(): _written(value)
        for name in Settings.model_fields
        if (value := getattr(settings, name)) is not None
    }
    # Something that was not closed is told on standard error.
    return inherited | values | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "always::ResourceWarning"}


def _written(value: object) -> str:
    """A setting as it stands in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return ",".join(f"{name}={wanted}" for name, wanted in cast("Mapping[str, str]", value).items())
    return str(value)


class BotProcess:
    """A running `easel run`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    async def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        await self._process.wait()

    def tell(self, how: signal.Signals) -> None:
        """Tell it something, and do not wait for what it does."""
        self._process.send_signal(how)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self._process.send_signal(how)
        return await self._process.wait()

    async def exit_code(self) -> int:
        """Wait for its end."""
        return await self._process.wait()


@asynccontextmanager
async def bot_process(settings: Settings, folder: Path, command: str = "run") -> AsyncGenerator[BotProcess]:
    """Start the bot in `folder`; on leaving it is killed, if it still runs."""
    log = folder / "bot.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            command,
            cwd=folder,
            env=environment_of(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield BotProcess(process, log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
