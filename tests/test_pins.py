import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def project(request: pytest.FixtureRequest) -> dict[str, Any]:
    return tomllib.loads((request.config.rootpath / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins(project: dict[str, Any]) -> dict[str, str]:
    """The exact versions that hold on this platform, by normalised name."""
    constraints = [Requirement(line) for line in project["tool"]["uv"]["constraint-dependencies"]]
    return {
        canonicalize_name(pin.name): str(pin.specifier)
        for pin in constraints
        if pin.marker is None or pin.marker.evaluate()
    }


def installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # another group's, such as lint
        return None


def needed(requirement: Requirement, seen: set[tuple[str, str]]) -> Iterator[str]:
    """The names of all installed distributions that `requirement` brings, itself included."""
    name = canonicalize_name(requirement.name)
    if installed_version(name) is None:
        return
    yield name
    for extra in {"", *requirement.extras}:
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for line in distribution(name).requires or ():
            further = Requirement(line)
            if further.marker is None or further.marker.evaluate({"extra": extra}):
                yield from needed(further, seen)


def test_what_is_installed_has_the_pinned_version(pins: dict[str, str]) -> None:
    found = {name: f"=={there}" for name in pins if (there := installed_version(name)) is not None}
    assert found == {name: pins[name] for name in found}


def test_everything_that_is_needed_is_pinned(project: dict[str, Any], pins: dict[str, str]) -> None:
    groups = project["dependency-groups"].values()
    direct = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    seen: set[tuple[str, str]] = set()
    names = {name for line in direct for name in needed(Requirement(line), seen)}
    assert {"discord-py", "aiohttp", "pytest", "pluggy", "greenlet"} <= names
    assert names - set(pins) == set()


@pytest.mark.parametrize("key", ["constraint-dependencies", "build-constraint-dependencies"])
def test_every_pin_is_one_exact_version(project: dict[str, Any], key: str) -> None:
    for line in project["tool"]["uv"][key]:
        specifiers = list(Requirement(line).specifier)
        assert [specifier.operator for specifier in specifiers] == ["=="], line
        assert "*" not in specifiers[0].version, line


def test_the_build_backend_is_pinned(project: dict[str, Any]) -> None:
    pinned = {Requirement(line).name for line in project["tool"]["uv"]["build-constraint-dependencies"]}
    assert {Requirement(line).name for line in project["build-system"]["requires"]} <= pinned


def test_the_installer_is_pinned_in_one_place(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    lines = [line for line in (root / ".ci" / "uv.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    (pin,) = map(Requirement, lines)
    assert (pin.name, [each.operator for each in pin.specifier]) == ("uv", ["=="])
    for user in (".ci/run", "Dockerfile"):
        text = (root / user).read_text(encoding="utf-8")
        assert re.search(r"pip install .*--requirement \S*uv\.txt", text), user
        assert not re.search(r"uv==\d", text), user


@pytest.mark.parametrize("file", ["pyproject.toml", ".ci/hikari.txt", ".ci/uv.txt"])
def test_no_pin_names_a_registry(request: pytest.FixtureRequest, file: str) -> None:
    assert "://" not in (request.config.rootpath / file).read_text(encoding="utf-8")
