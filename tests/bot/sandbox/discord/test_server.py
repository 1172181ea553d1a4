"""Starting and stopping."""

import aiohttp
import pytest

from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.record import Record


async def test_after_a_stop_the_server_is_gone_and_comes_back_at_the_same_address() -> None:
    server = DiscordServer(World(), record=Record(), faults=Faults())
    await server.start()
    address = server.api_url
    assert server.world.cdn_url == server.cdn_url
    await server.stop()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{address}/gateway")
        await server.start()
        async with session.get(f"{address}/gateway") as response:
            assert await response.json() == {"url": server.gateway_url}
        await server.stop()
        await server.stop()


async def test_a_stalled_answer_does_not_keep_the_server_from_stopping() -> None:
    server = DiscordServer(World(), record=Record(), faults=Faults())
    server.faults.add(Fault(route="/gateway", stall_after=3))
    await server.start()
    async with aiohttp.ClientSession() as session, session.get(f"{server.api_url}/gateway") as response:
        assert await response.content.readexactly(3) == b'{"u'
        await server.stop()
