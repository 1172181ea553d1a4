"""The bot as a process of its own: killed, stopped, refused; and started again."""

import asyncio
import io
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY
from bot.sandbox.discord.people import Upload
from bot.sandbox.faults import Fault
from bot.texts import Text
from tests.processes import bot_process
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture, until

SUBMIT = "/images/generations"
LOOK_UP = "/images/generations/{key}"
UPLOAD = "/uploads/images"

pytestmark = [pytest.mark.exhaustive, pytest.mark.real_time]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, start=time.time()) as opened:
        yield opened


def registered(stage: Stage) -> object:
    return stage.record.matching("PUT", "/applications/{application_id}/commands")


async def connected(stage: Stage) -> None:
    """Wait until the bot has registered its commands and hears what people do."""
    await until(lambda: registered(stage) and list(stage.discord.gateway.sessions))


async def test_a_job_killed_while_running_is_finished_and_delivered_after_a_restart_once(
    stage: Stage, tmp_path: Path
) -> None:
    ada = stage.person("Ada")
    stage.gateway.next_task(seconds=2.0)
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        await ada.command(
            "imagine",
            prompt="a lighthouse at dusk",
            image1=Upload("red.png", picture("red")),
            image2=Upload("blue.png", picture("blue")),
        )
        await stage.record.wait_for(lambda exchange: exchange.route == LOOK_UP, timeout=20)
        await bot.kill()
    assert stage.asked("POST", MESSAGES) == ()
    async with bot_process(stage.settings, tmp_path) as bot:
        result = await ada.waits_for(lambda message: message.files, timeout=30)
        await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress message is gone", timeout=20)
        assert await bot.stop() == 0

    assert len(stage.record.matching("POST", SUBMIT)) == 1, "one submit"
    assert len(stage.asked("POST", MESSAGES)) == 1, "one message"
    assert len(stage.gateway.uploads) == 2
    (task,) = stage.gateway.tasks
    assert len(task.references) == 2
    assert Image.open(io.BytesIO(await ada.download(result.files[0]))).size[0] > 0
    assert ada.user.id in result.mentioned
    assert not stage.gateway.key_reached_file_host


@pytest.mark.parametrize("painting", [False, True], ids=["before it was sent", "while it is painted"])
async def test_a_job_killed_between_its_cancelling_and_the_edit_that_says_so_stays_cancelled(
    stage: Stage, tmp_path: Path, *, painting: bool
) -> None:
    ada = stage.person("Ada")
    stage.gateway.next_task(seconds=3.0)
    never = asyncio.Event()
    if not painting:
        stage.faults.add(Fault(route=UPLOAD, hold=never, drop=True))
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        handle = await ada.command("imagine", prompt="a lighthouse", image1=Upload("red.png", picture("red")))
        shown = await handle.answer()
        await until(lambda: written(tmp_path) == (("painting", "running") if painting else ("rehosting", "pending")))
        stage.faults.add(Fault(route=ORIGINAL, method="PATCH", hold=never, drop=True, times=0))
        await ada.press(shown, "Cancel")
        await until(lambda: written(tmp_path)[0] == "cancelled")
        await bot.kill()
    stage.faults.clear()
    (left,) = ada.sees()
    assert "Cancelled" not in left.content
    async with bot_process(stage.settings, tmp_path) as bot:
        await ada.waits_until(lambda: "Cancelled" in ada.sees()[0].content, "it to say so", timeout=30)
        await until(lambda: written(tmp_path) == ("cancelled", "completed" if painting else "failed"))
        assert await bot.stop() == 0

    (left,) = ada.sees()
    key = "cancelled.all_one" if painting else "cancelled.nothing"
    assert left.content == str(Text(key, {"prompt": "a lighthouse"}))
    assert left.files == ()
    assert len(stage.record.matching("POST", SUBMIT)) == len(stage.gateway.tasks) == int(painting)
    assert stage.asked("POST", MESSAGES) == ()


def leftovers(folder: Path) -> list[Path]:
    """What there is of a database."""
    return list(folder.glob("easel.db*"))


def written(folder: Path) -> tuple[str, str]:
    """The states of the only job and of its only task."""
    with sqlite3.connect(folder / "easel.db") as connection:
        (states,) = connection.execute("SELECT jobs.state, tasks.state FROM tasks JOIN jobs ON job_id = jobs.id")
    connection.close()
    return states


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_bot_cleanly_in_the_middle_of_a_job(
    stage: Stage, tmp_path: Path, how: signal.Signals
) -> None:
    ada = stage.person("Ada")
    stage.gateway.next_task(ending="never")
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        await ada.command("imagine", prompt="a lighthouse")
        await stage.record.wait_for(lambda exchange: exchange.route == LOOK_UP, timeout=20)
        begun = time.monotonic()
        assert await bot.stop(how) == 0
        assert time.monotonic() - begun < 9
        for forgotten in ("Traceback", "Exception ignored", "Warning", "never retrieved", "destroyed", "Unclosed"):
            assert forgotten not in bot.log
        assert bot.log.count(f"stopping, because of {how.name}") == 1
        assert bot.log.count("stopped; 1 jobs go on after the next start") == 1
    assert {path.name for path in leftovers(tmp_path)} == {"easel.db", "easel.db.lock"}, "it is closed"
    assert written(tmp_path) == ("painting", "running")


async def test_a_second_signal_ends_the_bot_at_once_and_nothing_is_lost(stage: Stage, tmp_path: Path) -> None:
    ada = stage.person("Ada")
    hold = asyncio.Event()
    stage.faults.add(Fault(route=SUBMIT, moment="after", hold=hold))
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        await ada.command("imagine", prompt="a lighthouse")
        await until(lambda: stage.gateway.tasks)
        bot.tell(signal.SIGTERM)
        answer = await (await ada.command("imagine", prompt="a tower")).answer()
        assert (answer.content, answer.ephemeral) == (str(Text("job.stopping")), True)
        begun = time.monotonic()
        assert await bot.stop() == 143
        assert time.monotonic() - begun < 3
    with sqlite3.connect(tmp_path / "easel.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert written(tmp_path) == ("painting", "submitting")
    hold.set()
    async with bot_process(stage.settings, tmp_path):
        await ada.waits_for(lambda message: message.files, timeout=30)
    assert len(stage.gateway.tasks) == 1


async def test_a_bot_that_is_told_to_stop_while_it_starts_does_so(stage: Stage, tmp_path: Path) -> None:
    stage.faults.add(Fault(route="/users/@me", hold=asyncio.Event()))
    async with bot_process(stage.settings, tmp_path) as bot:
        await until(lambda: not stage.faults.pending)
        assert await bot.stop() == 0
        assert "warning" not in bot.log.lower()
        assert "Traceback" not in bot.log
        assert "stopping, because of SIGTERM" in bot.log
        assert "stopped; 0 jobs go on after the next start" in bot.log


async def test_no_secret_is_in_the_log_even_at_its_most_talkative(stage: Stage, tmp_path: Path) -> None:
    stage.settings = stage.settings.model_copy(update={"log_level": "DEBUG"})
    ada = stage.person("Ada")
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        handle = await ada.command("imagine", prompt="a lighthouse")
        await ada.waits_for(lambda message: message.files, timeout=20)
        await bot.stop()
        log = bot.log
    interaction = next(each for each in stage.world.interactions.values() if each.id == handle.id)
    for secret in (stage.world.application.token, stage.gateway.key, interaction.token):
        assert secret not in log
    assert "lighthouse" in log or "job" in log, "there is a log"


async def test_a_first_start_logs_nothing_that_an_operator_need_not_know(stage: Stage, tmp_path: Path) -> None:
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        await bot.stop()
        assert "alembic" not in bot.log
        assert "voice" not in bot.log
        assert "warning" not in bot.log


async def test_a_name_that_is_almost_a_settings_is_a_warning_on_start(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("USER_IMAGE_PER_WINDOW=5\n")
    async with bot_process(stage.settings, tmp_path) as bot:
        await connected(stage)
        await bot.stop()
        assert "did you mean USER_IMAGES_PER_WINDOW?" in bot.log


async def test_a_missing_setting_is_one_line_and_exit_code_78(stage: Stage, tmp_path: Path) -> None:
    broken = stage.settings.model_copy(update={"bytes_in_flight_mib": "lots"})
    async with bot_process(broken, tmp_path) as bot:
        assert await bot.exit_code() == EXIT_SETTINGS
        assert len(bot.log.splitlines()) == 1
        assert "BYTES_IN_FLIGHT_MIB" in bot.log


async def test_a_wrong_token_is_one_line_and_exit_code_78(stage: Stage, tmp_path: Path) -> None:
    wrong = stage.settings.model_copy(update={"discord_token": stage.settings.toapis_api_key})
    async with bot_process(wrong, tmp_path) as bot:
        assert await bot.exit_code() == EXIT_SETTINGS
        assert "DISCORD_TOKEN" in bot.log.splitlines()[-1]
        assert "Traceback" not in bot.log


@pytest.mark.parametrize(
    ("status", "code", "words"), [(403, EXIT_TEMPORARY, "HTTP 403: not with [filtered]"), (200, 1, "a defect ended")]
)
async def test_what_ends_a_start_is_told_without_the_token(
    stage: Stage, tmp_path: Path, status: int, code: int, words: str
) -> None:
    token = stage.world.application.token
    stage.faults.add(Fault(route="/users/@me", status=status, body={"code": 0, "message": f"not with {token}"}))
    async with bot_process(stage.settings, tmp_path) as bot:
        assert await bot.exit_code() == code
        assert words in bot.log.splitlines()[-1]
        assert token not in bot.log


async def test_a_second_bot_on_the_same_database_is_refused(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    by_another_way = stage.settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{tmp_path}/link/easel.db"})
    async with bot_process(stage.settings, tmp_path) as first:
        await connected(stage)
        async with bot_process(by_another_way, tmp_path) as second:
            assert await second.exit_code() == EXIT_TEMPORARY
            assert "another Easel is running" in second.log
        async with bot_process(by_another_way, tmp_path, "check") as check:
            assert await check.exit_code() == 0
            assert "is in use by a running Easel" in check.log
        await first.kill()
    async with bot_process(by_another_way, tmp_path, "check") as check:
        assert await check.exit_code() == 0
        assert "opens and is up to date" in check.log


async def test_a_check_shows_a_table_and_no_secret(stage: Stage, tmp_path: Path) -> None:
    async with bot_process(stage.settings, tmp_path, "check") as checking:
        assert await checking.exit_code() == 0
        lines = checking.log.splitlines()
    assert [line[0] for line in lines] == ["✓"] * 5
    assert all(line[18:20] == "  " and line[20] != " " for line in lines), "the columns are aligned"
    assert stage.gateway.key not in "\n".join(lines)
    assert stage.world.application.token not in "\n".join(lines)


async def test_a_check_says_what_is_wrong_and_exits_with_1(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("USER_IMAGE_PER_WINDOW=5\n")
    stage.gateway.balance.credit = 0.0
    wrong = stage.settings.model_copy(update={"discord_token": stage.settings.toapis_api_key})
    async with bot_process(wrong, tmp_path, "check") as checking:
        assert await checking.exit_code() == 1
        assert "did you mean USER_IMAGES_PER_WINDOW?" in checking.log
        marks = {line[3:].split("  ")[0]: line[0] for line in checking.log.splitlines()}
    assert marks == {
        "Settings": "✓",
        "Database": "✓",
        "Discord token": "✗",
        "Gateway key": "✓",
        "Gateway balance": "✗",
    }
