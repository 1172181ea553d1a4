from importlib.metadata import version

import pytest

from bot.cli import run_command


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
