import logging
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.cli import _say_what_is_left, run_command
from bot.database import open_database
from bot.jobs.store import Store
from tests.bot.database.conftest import url_of
from tests.clocks import FastClock


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 2
    told = capsys.readouterr().err
    assert all(command in told for command in ("run", "check", "demo"))


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"easel {version('easel')}\n"


def test_the_help_of_the_check_says_what_its_exit_code_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_command(["check", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "0 if a run would start, or is running already, and 1 if not" in told


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(["paint"])
    assert ended.value.code == 2
    assert "paint" in capsys.readouterr().err


async def test_a_database_that_cannot_say_what_goes_on_does_not_hold_up_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.cli")
    async with open_database(url_of(tmp_path / "easel.db")) as database:
        await _say_what_is_left(Store(database, FastClock()))
        assert caplog.messages == ["stopped; 0 jobs go on after the next start"]
        with closing(sqlite3.connect(tmp_path / "easel.db")) as other:
            other.execute("ALTER TABLE jobs RENAME TO lost")
        await _say_what_is_left(Store(database, FastClock()))
    (told,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert told.getMessage() == "stopped; how many jobs go on after the next start cannot be read"
