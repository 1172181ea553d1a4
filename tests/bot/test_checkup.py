import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.checkup import check
from bot.database import open_database
from tests.servers import raw_server
from tests.stage import Stage, open_stage

ROWS = ["Settings", "Database", "Discord token", "Gateway key", "Gateway balance"]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        yield opened


def rows_of(printed: str) -> dict[str, tuple[str, str]]:
    """Each row's mark and detail."""
    return {line[3:18].strip(): (line[0], line[20:]) for line in printed.splitlines()}


async def checked(
    capsys: pytest.CaptureFixture[str], stage: Stage, patience: float = 15, **changes: Any
) -> tuple[int, dict[str, tuple[str, str]]]:
    code = await check(stage.settings.model_copy(update=changes), patience=patience)
    rows = rows_of(capsys.readouterr().out)
    assert sorted(rows) == sorted(ROWS)
    assert all(detail.strip() for _, detail in rows.values())
    assert "Error" not in str(rows)
    return code, rows


async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_services_that_never_answer_fail_after_a_rows_time(
    capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
    async with raw_server(say_nothing) as url:
        code, rows = await checked(capsys, stage, patience=0.2, discord_api_url=url, toapis_base_url=url)
    assert code == 1
    assert rows["Discord token"] == (
        "✗",
        "Discord cannot be reached (no answer within 0.2 s): the network, or DISCORD_API_URL where it is set",
    )
    assert rows["Gateway key"] == (
        "✗",
        "127.0.0.1 cannot be reached (no answer within 0.2 s): TOAPIS_BASE_URL, or the network",
    )
    assert rows["Gateway balance"] == ("–", "not tried")


async def test_a_row_is_printed_before_the_next_one_is_known(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    async with raw_server(say_nothing) as url:
        settings = stage.settings.model_copy(update={"discord_api_url": url})
        checking = asyncio.create_task(check(settings, patience=30))
        printed = ""
        async with asyncio.timeout(20):
            while "Gateway balance" not in printed:
                await asyncio.sleep(0.01)
                printed += capsys.readouterr().out
        assert "Discord token" not in printed
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "refuses it: copy TOAPIS_API_KEY anew"),
        (404, "does not answer as the gateway does (HTTP 404): TOAPIS_BASE_URL, or a proxy before it"),
        (403, "does not answer as the gateway does (HTTP 403): TOAPIS_BASE_URL, or a proxy before it"),
    ],
)
async def test_a_gateway_that_refuses_names_the_setting(
    capsys: pytest.CaptureFixture[str], stage: Stage, status: int, words: str
) -> None:
    stage.fault("/models", status=status, body="<html>no</html>", times=0)
    code, rows = await checked(capsys, stage)
    assert (code, rows["Gateway key"]) == (1, ("✗", f"127.0.0.1 {words}"))
    assert rows["Gateway balance"] == ("–", "not tried")


async def test_a_discord_where_nobody_listens_is_told_with_the_reason(
    capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        code, rows = await checked(capsys, stage, discord_api_url=url)
    assert code == 1
    assert "(connection refused)" in rows["Discord token"][1]


async def test_a_database_that_is_not_there_is_not_made(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    path = stage.folder / "new" / "easel.db"
    code, rows = await checked(capsys, stage, database_url=f"sqlite+aiosqlite:///{path}")
    assert (code, rows["Database"]) == (0, ("✓", f"{path} will be made by the first run"))
    assert not path.parent.exists()


async def test_a_database_that_cannot_be_made_is_told(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    (stage.folder / "file").write_text("")
    path = stage.folder / "file" / "easel.db"
    code, rows = await checked(capsys, stage, database_url=f"sqlite+aiosqlite:///{path}")
    assert code == 1
    assert rows["Database"][1].startswith("DATABASE_URL: ")


async def test_a_database_in_use_is_no_fault(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    async with open_database(stage.settings.database_url):
        code, rows = await checked(capsys, stage)
    assert (code, rows["Database"]) == (0, ("✓", f"{stage.folder / 'easel.db'} is in use by a running Easel"))
    code, rows = await checked(capsys, stage)
    assert (code, rows["Database"]) == (0, ("✓", f"{stage.folder / 'easel.db'} opens and is up to date"))


async def test_an_empty_balance_is_a_fault(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    stage.gateway.balance.credit = 0.0
    code, rows = await checked(capsys, stage)
    assert (code, rows["Gateway key"][0], rows["Gateway balance"][0]) == (1, "✓", "✗")


async def test_a_misspelt_name_stands_in_the_row_of_the_settings(
    capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
    assert await check(stage.settings, ["LOG_LEVLE in .env is not known; did you mean LOG_LEVEL?"]) == 0
    assert "LOG_LEVLE" in rows_of(capsys.readouterr().out)["Settings"][1]


async def test_a_discord_that_repeats_the_token_does_not_bring_it_into_the_table(
    capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
    token = stage.world.application.token
    stage.fault("/users/@me", status=403, body={"code": 0, "message": f"not with {token}"})
    code, rows = await checked(capsys, stage)
    assert (code, rows["Discord token"]) == (1, ("✗", "Discord refuses the connection (HTTP 403: not with [filtered])"))


async def test_the_ways_into_servers_and_accounts_are_told(capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    application = stage.world.application.id
    _, rows = await checked(capsys, stage)
    mark, told = rows["Discord token"]
    assert mark == "✓"
    assert f"client_id={application}&scope=bot+applications.commands&permissions=" in told
    assert told.endswith(f"client_id={application}&scope=applications.commands&integration_type=1")


async def test_where_people_cannot_add_it_to_their_accounts_the_page_to_look_at_is_told(
    capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
    stage.world.application.for_accounts = False
    code, rows = await checked(capsys, stage)
    assert code == 0
    assert "tick User Install on the application's Installation page" in rows["Discord token"][1]
    assert "integration_type" not in rows["Discord token"][1]
