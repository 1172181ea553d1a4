"""The Discord stand-in for tests of its REST side."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults
from bot.sandbox.record import Record
from tests.bot.sandbox.discord.rest_client import Rest
from tests.clocks import FastClock
from tests.openapi import DESCRIPTION, openapi_judge


@pytest.fixture
async def rest() -> AsyncIterator[Rest]:
    """The stand-in; at the end every exchange is compared with Discord's own description, where that is at hand."""
    clock = FastClock()
    world = World(clock.now)
    guild = world.add_guild("Atelier")
    channel = guild.add_channel("paintings")
    person = world.add_user("ann")
    guild.join(person)
    server = DiscordServer(world, record=Record(), faults=Faults(), now=clock.now)
    await server.start()
    async with aiohttp.ClientSession() as session:
        rest = Rest(server, clock, session, world, guild, channel, person)
        dispatch = world.outbox

        def listen(event: str, data: dict[str, object]) -> None:
            rest.events.append((event, data))
            dispatch(event, data)

        world.outbox = listen
        yield rest
    await server.stop()
    assert [exchange for exchange in server.record.exchanges if exchange.status == 500] == []
    if DESCRIPTION.is_file():
        judge = openapi_judge()
        assert [each for exchange in server.record.exchanges for each in judge.complaints(exchange)] == []
