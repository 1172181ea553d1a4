import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from bot.client import invite_link
from bot.config import Settings
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


def test_the_invitation_asks_for_exactly_the_permissions_that_are_used() -> None:
    (written,) = re.findall(r"https://discord\.com/oauth2/authorize\?\S+", README)
    assert set(written.partition("?")[2].replace("YOUR_APPLICATION_ID", "1").split("&")) == set(
        invite_link(1).partition("?")[2].split("&")
    )


def test_every_option_of_the_command_stands_in_the_readme() -> None:
    for parameter in Imagine.imagine.parameters:
        assert f"`{parameter.name}`" in README or parameter.name in {"prompt", "image2", "image3"}, parameter.name
    assert "`/imagine prompt`" in README


def test_every_model_stands_in_the_readme_with_its_limits() -> None:
    for model in MODELS:
        row = next(line for line in README.splitlines() if line.startswith(f"| {model.name} |"))
        assert f"| {len(model.ratios)}, " in row
        assert row.endswith(f"| {model.references} |")
        assert (f"{model.prompt_limit} characters" if model.prompt_limit else "any length") in row
        assert all(resolution in row for resolution in model.resolutions)


def test_every_file_that_the_map_names_is_there() -> None:
    code = README.partition("The code, in reading order:")[2].partition("## Working on it")[0]
    folder = ROOT
    for name in re.findall(r"`([\w/.]+(?:\.py|/))`", code):
        path = ROOT / name if name.startswith(("bot/", "cogs/", "tests/")) else folder / name
        assert path.exists(), name
        folder = path.parent


def test_the_pictures_of_the_readme_are_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).is_file(), path
