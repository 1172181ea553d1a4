"""Secrets stay secret, whatever goes wrong: in the log at its most talkative, in what people see, in the database."""

import asyncio
import io
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import log
from bot.sandbox.discord.people import Upload
from tests.stage import CALLBACK, FOLLOW_UP, MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture, until

EVERY_CALL = (
    CALLBACK,
    ORIGINAL,
    FOLLOW_UP,
    MESSAGES,
    "/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}",
    "/uploads/images",
    "/images/generations",
    "/images/generations/{key}",
    "/generated/{name}",
    "/balance",
    "/users/@me/channels",
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log at its most talkative."""
    root = logging.getLogger()
    handlers, level = root.handlers.copy(), root.level
    stream = io.StringIO()
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for library in ("aiosqlite", "PIL", "asyncio", "alembic"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.fixture
async def stage(tmp_path: Path, written: io.StringIO) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        log.configure(
            level="DEBUG", form="json", secrets=(opened.world.application.token, opened.gateway.key), stream=written
        )
        await opened.start_bot()
        yield opened


def secrets_of(stage: Stage) -> dict[str, str]:
    """What must never be read, by what it is; an interaction's token opens its answers for a quarter of an hour."""
    of_interactions = {f"token of {each.id}": each.token for each in stage.world.interactions.values()}
    return {"the bot's token": stage.world.application.token, "the gateway's key": stage.gateway.key} | of_interactions


def found(stage: Stage, text: str) -> list[str]:
    """Which of them, or a half of which, stand in a text."""
    halves = {
        name: (secret[: len(secret) // 2], secret[len(secret) // 2 :]) for name, secret in secrets_of(stage).items()
    }
    return [name for name, parts in halves.items() if any(len(part) > 5 and part in text for part in parts)]


def seen_by_people(stage: Stage) -> str:
    """Everything that the bot sent to be shown to somebody."""
    return "\n".join(str(exchange.body) for exchange in stage.record.exchanges if exchange.service == "discord")


def in_the_files(stage: Stage) -> str:
    """The database, byte by byte, with its log of writes."""
    return "".join(path.read_bytes().decode("latin-1") for path in stage.folder.glob("easel.db*"))


def careless(stage: Stage, route: str, status: int) -> dict[str, Any]:
    """What somebody answers who repeats what they were sent."""
    toapis = route.startswith(("/images", "/uploads", "/balance"))
    sent = f"Bearer {stage.gateway.key}" if toapis else f"Bot {stage.world.application.token}"
    message = f"Authorization: {sent} is no good, Incorrect key provided: {sent.split()[1]}"
    return {"status": status, "body": {"message": message, "code": 0, "error": {"message": message, "code": "x"}}}


KINDS: dict[str, int | dict[str, Any]] = {
    "a server that fails": {"status": 500, "body": "<html>no</html>"},
    "a connection that breaks": {"drop": True},
    "a refusal": 400,
    "a refusal of who asks": 401,
    "a limit": 429,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
async def test_a_failure_at_every_outside_call_tells_no_secret(
    stage: Stage, written: io.StringIO, kind: int | dict[str, Any]
) -> None:
    ada = stage.person()
    for route in EVERY_CALL:
        stage.fault(route, times=2, **(careless(stage, route, kind) if isinstance(kind, int) else kind))
    for _ in range(2):
        await ada.command("imagine", prompt="a lighthouse", image1=Upload("red.png", picture("red")))
        await over(stage)
    told = [record for record in stage.record.exchanges if record.service == "discord" and record.status == kind]
    assert told or not isinstance(kind, int)
    assert len(written.getvalue().splitlines()) > 50, "there is a log"
    assert found(stage, written.getvalue()) == []
    assert found(stage, seen_by_people(stage)) == []


async def over(stage: Stage) -> None:
    """Wait for the end of all jobs."""
    left = True
    async with asyncio.timeout(4000):
        while left:
            await asyncio.sleep(1)
            left = bool(await stage.services.store.unfinished())


@pytest.mark.parametrize("statement", ["INSERT ON jobs", "UPDATE ON jobs"])
async def test_a_database_that_refuses_a_row_tells_no_secret(
    stage: Stage, written: io.StringIO, statement: str
) -> None:
    ada = stage.person()
    stage.gateway.next_task(seconds=600)
    shown = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    await stage.submitted()
    with closing(sqlite3.connect(stage.folder / "easel.db")) as other:
        other.execute(f"CREATE TRIGGER no BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'no'); END")
    await (await ada.command("imagine", prompt="a tower")).answer()
    await (await ada.press(shown, "Cancel")).answer()
    assert "sqlite3.IntegrityError: no" in written.getvalue()
    assert found(stage, written.getvalue()) == []
    assert found(stage, seen_by_people(stage)) == []


async def test_a_token_is_wiped_from_the_file_and_its_log_of_writes_once_its_job_has_ended(stage: Stage) -> None:
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await over(stage)
    token = stage.world.interactions[handle.id].token
    assert token in in_the_files(stage), "in the log of writes, as long as nobody empties it"
    stage.clock.advance(901)
    await until(lambda: token not in in_the_files(stage))


@pytest.mark.exhaustive
async def test_no_token_outlives_the_bot_once_its_job_has_ended(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    delivered = await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    stage.gateway.next_task(ending="failed")
    failed = await ada.command("imagine", prompt="a tower")
    await over(stage)
    stage.gateway.next_task(seconds=30)
    cancelled = await ada.command("imagine", prompt="a bridge")
    pressed = await ada.press(await cancelled.answer(), "Cancel")
    await over(stage)
    for route in (MESSAGES, ORIGINAL, "/users/@me/channels"):
        stage.fault(route, status=403, body={"code": 50013, "message": "Missing Permissions"}, times=0)
    undeliverable = await ada.command("imagine", prompt="a boat", private=True)
    await over(stage)
    stage.faults.clear()
    stage.gateway.next_task(seconds=1000)
    under_way = await bob.command("imagine", prompt="a fish")
    await under_way.answer()
    with stage.written() as rows:
        states = [state for (state,) in rows("SELECT state FROM jobs ORDER BY created_at")]
    assert states[:4] == ["delivered", "failed", "cancelled", "undeliverable"]
    await stage.stop_bot()
    left = in_the_files(stage)
    for over_now in (delivered, failed, cancelled, pressed, undeliverable):
        assert stage.world.interactions[over_now.id].token not in left
    assert stage.world.interactions[under_way.id].token in left, "it is needed after the next start"

    stage.clock.advance(2000)
    await stage.start_bot()
    await over(stage)
    await stage.stop_bot()
    assert found(stage, in_the_files(stage)) == []


async def test_a_token_is_forgotten_when_it_is_over_even_if_the_progress_could_not_be_taken_away(stage: Stage) -> None:
    ada = stage.person()
    for route in (ORIGINAL, "/channels/{channel_id}/messages/{message_id}"):
        stage.fault(route, method="DELETE", drop=True, times=0)
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    with stage.written() as rows:
        await until(lambda: stage.asked("DELETE", ORIGINAL))
        assert rows("SELECT tidied, token IS NULL FROM jobs") == [(0, 0)]
        stage.clock.advance(1000)
        await until(lambda: rows("SELECT tidied, token IS NULL FROM jobs") == [(0, 1)])
