import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bot.sandbox.demo.bot_process import BotDied, BotProcess

STUBBORN = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that a process can ignore"),
]


async def stubborn_process() -> Process:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STUBBORN, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    return process


async def test_a_bot_that_does_not_end_when_asked_is_ended(tmp_path: Path) -> None:
    process = await stubborn_process()
    await BotProcess(process, tmp_path / "log", grace=0.05).stop()
    assert process.returncode == -9


async def test_a_stop_that_is_cancelled_leaves_no_bot_behind(tmp_path: Path) -> None:
    process = await stubborn_process()
    stopping = asyncio.create_task(BotProcess(process, tmp_path / "log", grace=60).stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert process.returncode == -9


async def test_work_that_fails_raises_its_own_error_and_leaves_the_bot_alone(tmp_path: Path) -> None:
    process = await stubborn_process()
    bot = BotProcess(process, tmp_path / "log", grace=0.05)

    async def fails() -> None:
        raise LookupError("of the work")

    with pytest.raises(LookupError, match="of the work"):
        await bot.while_alive(fails())
    assert process.returncode is None
    await bot.stop()


async def test_a_bot_that_ends_of_itself_is_told_with_its_exit_code(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(f"line {number}" for number in range(50)), "utf-8")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(78)")
    with pytest.raises(BotDied) as caught:
        await BotProcess(process, log).while_alive(asyncio.Event().wait())
    assert caught.value.how == "exit code 78"
    assert caught.value.last_lines[-1] == "line 49"
    assert len(caught.value.last_lines) < 50
