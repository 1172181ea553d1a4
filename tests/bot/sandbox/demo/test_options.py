from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartupError
from bot.sandbox.demo import DemoOptions


def complaint(**chosen: Any) -> str:
    with pytest.raises(StartupError) as caught:
        DemoOptions(**chosen).prepare()
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    "part", [{"ratio": "16:9"}, {"model": "x"}, {"resolution": "2K"}, {"count": 2}, {"images": (Path("x"),)}]
)
def test_a_request_without_words_is_told_what_is_missing(part: dict[str, Any]) -> None:
    assert "--prompt" in complaint(**part)


def test_more_pictures_than_the_command_takes_are_counted() -> None:
    assert "you gave 5" in complaint(prompt="x", images=(Path("cat.png"),) * 5)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    assert complaint(prompt="x", images=(tmp_path,)) == f"The picture {tmp_path} cannot be read: is a directory."


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    assert complaint(folder=tmp_path / "taken").startswith(f"Pictures cannot be saved in {tmp_path / 'taken'}: ")


def test_the_tour_needs_nothing_but_its_folder(tmp_path: Path) -> None:
    options = DemoOptions(folder=tmp_path / "new" / "folder")
    options.prepare()
    assert not options.is_own_request
    assert options.folder.is_dir()


@pytest.mark.parametrize(("name", "value"), [("prompt", ""), ("prompt", " \n"), ("model", ""), ("ratio", " ")])
def test_an_empty_option_is_refused_as_discord_refuses_it(name: str, value: str) -> None:
    assert complaint(**{"prompt": "x", name: value}) == f"--{name} is empty, which Discord does not let anyone send."


def test_a_log_that_cannot_be_written_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "easel.log").mkdir()
    assert complaint(folder=tmp_path) == f"Pictures cannot be saved in {tmp_path}: is a directory."
