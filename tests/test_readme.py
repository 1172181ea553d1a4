import re
import signal
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from bot.__main__ import INTERRUPTED
from bot.cli import run_command
from bot.client import account_link, invite_link
from bot.config import Settings
from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY
from bot.sandbox.demo.options import EXIT_USAGE
from bot.stopping import KILLED_BY
from bot.toapis.catalog import MODELS
from cogs.imagine import Imagine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(default: object) -> str:
    if default is PydanticUndefined:
        return "**required**"
    if default in (None, ""):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_stands_in_the_readme_with_its_default_and_its_sentence() -> None:
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|(.*?)\| (.+?) \|$", README, re.MULTILINE)
    expected = [
        (name.upper(), shown(field.default), field.description) for name, field in Settings.model_fields.items()
    ]
    assert [(name, default.strip(), sentence) for name, default, sentence in rows] == expected


def test_the_links_into_servers_and_accounts_are_those_that_are_made() -> None:
    written = re.findall(r"https://discord\.com/oauth2/authorize\?(\S+)", README.replace("YOUR_APPLICATION_ID", "1"))
    used = [link(1).partition("?")[2] for link in (invite_link, account_link)]
    assert [set(link.split("&")) for link in written] == [set(link.split("&")) for link in used]


def test_every_option_of_the_command_stands_in_the_readme() -> None:
    for parameter in Imagine.imagine.parameters:
        assert f"`{parameter.name}`" in README or parameter.name in {"prompt", "image2", "image3"}, parameter.name
    assert "`/imagine prompt`" in README


def test_every_model_stands_in_the_readme_with_its_limits() -> None:
    for model in MODELS:
        row = next(line for line in README.splitlines() if line.startswith(f"| {model.name} |"))
        assert f"| {len(model.ratios)}, " in row
        assert row.endswith(f"| {model.references} |")
        assert (f"{model.prompt_limit} characters" if model.prompt_limit else "6000 characters (Disc") in row
        assert all(resolution in row for resolution in model.resolutions)


def test_the_number_of_pictures_that_the_command_takes_stands_in_the_readme() -> None:
    pictures = [parameter for parameter in Imagine.imagine.parameters if parameter.name.startswith("image")]
    assert f"up to {len(pictures)} with `/imagine`" in README


def test_every_exit_code_stands_in_the_readme() -> None:
    rows = set(re.findall(r"^\| (\d+) \|", README, re.MULTILINE))
    assert rows == {
        str(code) for code in (0, 1, EXIT_USAGE, EXIT_TEMPORARY, EXIT_SETTINGS, INTERRUPTED, KILLED_BY + signal.SIGTERM)
    }


def test_every_command_stands_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == EXIT_USAGE
    (commands,) = set(re.findall(r"\{([\w,]+)\}", capsys.readouterr().err))
    assert re.findall(r"^\| `easel (\w+)` \|", README, re.MULTILINE) == commands.split(",")


def places_in_the_map() -> list[Path]:
    code = README.partition("The code, in reading order:")[2].partition("## Working on it")[0]
    places: list[Path] = []
    folder = ROOT
    for name in re.findall(r"`([\w/.]+(?:\.py|/))`", code):
        from_root = name.startswith(("bot/", "cogs/", "tests/"))
        places.append(ROOT / name if from_root else folder / name)
        if from_root:
            folder = ROOT / name[: name.rindex("/")]
    return places


def test_every_file_that_the_map_names_is_there() -> None:
    for path in places_in_the_map():
        assert path.exists(), path


def test_every_file_of_the_code_is_in_the_map_or_its_folder_is() -> None:
    places = places_in_the_map()
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/*.py")]:
        assert path.name == "__init__.py" or any(place in {path, *path.parents} for place in places), path


def test_the_pictures_of_the_readme_are_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
