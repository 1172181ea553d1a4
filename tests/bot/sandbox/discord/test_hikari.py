"""The stand-in and a client that none of us had in mind: hikari, in an environment of its own.

Its exact pins differ from ours. `EASEL_HIKARI_PYTHON` names an interpreter that has it:
`uv venv V && uv pip install --python V/bin/python hikari==2.7.0`.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.discord.people import Person, Upload
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults
from bot.sandbox.record import Record
from tests.openapi import DESCRIPTION, openapi_judge

INTERPRETER = os.environ.get("EASEL_HIKARI_PYTHON")
PATIENCE = 30.0

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.hikari,
    pytest.mark.skipif(not INTERPRETER, reason="EASEL_HIKARI_PYTHON names no interpreter that has hikari"),
]


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    world = World()
    server = DiscordServer(world, record=Record(), faults=Faults())
    await server.start()
    yield server
    await server.stop()
    assert [exchange for exchange in server.record.exchanges if exchange.status == 500] == []
    if DESCRIPTION.is_file():
        judge = openapi_judge()
        assert [each for exchange in server.record.exchanges for each in judge.complaints(exchange)] == []


@pytest.fixture
async def alice(server: DiscordServer) -> Person:
    guild = server.world.add_guild("Painters")
    alice = server.world.add_user("alice")
    guild.join(alice)
    return Person(server.world, alice, guild.add_channel("general"), record=server.record)


@pytest.fixture
async def hikari(server: DiscordServer) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        str(INTERPRETER),
        str(Path(__file__).with_name("hikari_client.py")),
        server.api_url,
        env={**os.environ, "DISCORD_TOKEN": server.world.application.token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await server.record.wait_for(lambda exchange: exchange.method == "PUT" and exchange.status == 200, PATIENCE)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.usefixtures("hikari")
async def test_hikari_answers_a_command_downloads_a_file_and_uploads_one(alice: Person) -> None:
    assert await alice.suggestions("shout", focused="ending", typed="l") == {"Loud": "!", "Louder": "!!!"}
    use = await alice.command("shout", file=Upload("in.txt", b"hello"), ending="!")
    answer = await use.answer(PATIENCE)
    assert answer.content == "done"
    assert await alice.download(answer.files[0]) == b"HELLO!"
    await alice.waits_until(lambda: use.private_text == "for you alone", "the follow-up", PATIENCE)
    pressed = await alice.press(answer, "Again")
    assert (await pressed.answer(PATIENCE)).content == "pressed"


async def test_hikari_resumes_after_being_asked_to_reconnect(
    server: DiscordServer, alice: Person, hikari: asyncio.subprocess.Process
) -> None:
    server.gateway.reconnect()
    use = await alice.command("shout", file=Upload("in.txt", b"while away"))
    await server.record.wait_for(lambda exchange: exchange.route == "RESUMED", PATIENCE)
    assert await alice.download((await use.answer(PATIENCE)).files[0]) == b"WHILE AWAY"
    assert hikari.returncode is None


async def test_hikari_finds_nothing_to_warn_of(
    server: DiscordServer, alice: Person, hikari: asyncio.subprocess.Process
) -> None:
    use = await alice.command("shout", file=Upload("in.txt", b"hello"))
    await alice.waits_until(lambda: use.private_text, "the follow-up", PATIENCE)
    hikari.terminate()
    assert hikari.stdout
    assert (await hikari.stdout.read()).decode() == ""
    refused = [exchange for exchange in server.record.exchanges if exchange.status and exchange.status >= 400]
    assert refused == []
