"""Every row of Discord's REST faults: several share a stage, and each has a person and a channel of its own."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.databases import watched_commits
from tests.faults.discord import DiscordRow
from tests.faults.discord_outcomes import OUTCOMES
from tests.faults.discord_progress import PROGRESS
from tests.faults.life import Life
from tests.stage import open_stage

_MOST = 12  # rows of one test


def groups() -> list[tuple[str, list[DiscordRow]]]:
    """The rows of each call, in as many parts as keep a test short."""
    parts: list[tuple[str, list[DiscordRow]]] = []
    for name, rows in {**OUTCOMES, **PROGRESS}.items():
        parts += [(f"{name} {start}", list(rows[start : start + _MOST])) for start in range(0, len(rows), _MOST)]
    return parts


@pytest.mark.parametrize(("name", "rows"), groups(), ids=[name for name, _ in groups()])
async def test_faults(name: str, rows: Sequence[DiscordRow], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    del name
    complaints: dict[str, list[str]] = {}
    async with open_stage(tmp_path) as stage:
        stage.discord.gateway.manners.heartbeat_interval = 1e6  # hours pass, and discord.py's heart beats in real time
        with watched_commits() as commits:
            await stage.start_bot()
            for row in rows:
                complaints[row.name] = await Life(stage, commits, row, caplog.records).run()
    assert "\n".join(f"{name}: {each}" for name, found in complaints.items() for each in found) == ""
