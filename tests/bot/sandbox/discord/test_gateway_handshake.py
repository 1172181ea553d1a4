import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.bot.sandbox.discord.gateway_client import GUILDS, MESSAGE_CONTENT, Stand, running_gateway


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with running_gateway() as stand:
        yield stand


async def test_a_wrong_token_is_closed_with_4004(stand: Stand) -> None:
    client = await stand.connect()
    client.token = "another"
    await client.identify()
    assert await client.close_code() == 4004


async def test_a_client_without_intents_is_closed_with_4013(stand: Stand) -> None:
    client = await stand.connect()
    await client.send(2, {"token": client.token, "properties": {}})
    assert await client.close_code() == 4013


async def test_intents_that_do_not_exist_are_closed_with_4013(stand: Stand) -> None:
    client = await stand.connect()
    await client.identify(intents=1 << 40)
    assert await client.close_code() == 4013


async def test_a_privileged_intent_that_is_not_switched_on_is_closed_with_4014(stand: Stand) -> None:
    client = await stand.connect()
    await client.identify(intents=GUILDS | MESSAGE_CONTENT)
    assert await client.close_code() == 4014


async def test_a_privileged_intent_that_is_switched_on_is_accepted(stand: Stand) -> None:
    stand.world.application.privileged_intents = MESSAGE_CONTENT
    client = await stand.session(intents=GUILDS | MESSAGE_CONTENT)
    assert client.ready["application"]["flags"] & 1 << 19


@pytest.mark.parametrize("shard", [[2, 2], [-1, 2], [0], "0/1", [0, 0]])
async def test_a_shard_that_makes_no_sense_is_closed_with_4010(stand: Stand, shard: object) -> None:
    client = await stand.connect()
    await client.identify(shard=shard)
    assert await client.close_code() == 4010


@pytest.mark.parametrize("op", [99, 0, 7, 11, None, "2", [2]])
async def test_an_opcode_that_no_client_sends_is_closed_with_4001(stand: Stand, op: Any) -> None:
    client = await stand.connect()
    await client.send(op)
    assert await client.close_code() == 4001


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"op": 2, "d": 1}', json.dumps({"op": 1, "d": "x" * 4096})])
async def test_a_frame_that_cannot_be_read_is_closed_with_4002(stand: Stand, text: str) -> None:
    client = await stand.connect()
    await client.socket.send_str(text)
    assert await client.close_code() == 4002


async def test_bytes_that_are_no_text_are_closed_with_4002(stand: Stand) -> None:
    client = await stand.connect()
    await client.socket.send_bytes(b"\xff\xfe\x00")
    assert await client.close_code() == 4002


@pytest.mark.parametrize("op", [3, 4, 8])
async def test_a_client_that_has_not_identified_is_closed_with_4003(stand: Stand, op: int) -> None:
    client = await stand.connect()
    await client.send(op, {})
    assert await client.close_code() == 4003


async def test_identifying_twice_is_closed_with_4005(stand: Stand) -> None:
    client = await stand.session()
    await client.identify()
    assert await client.close_code() == 4005


async def test_resuming_on_an_identified_socket_is_closed_with_4005(stand: Stand) -> None:
    client = await stand.session()
    await client.resume(client.ready["session_id"], 1)
    assert await client.close_code() == 4005


async def test_an_older_version_of_the_gateway_is_closed_with_4012(stand: Stand) -> None:
    client = await stand.connect("v=6&encoding=json")
    assert await client.close_code() == 4012


@pytest.mark.parametrize("query", ["v=10&encoding=etf", "v=10&encoding=json&compress=lz4-stream"])
async def test_what_the_gateway_does_not_serve_it_refuses_in_words(stand: Stand, query: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stand.connect(query)
    assert refused.value.status == 501


async def test_more_than_120_frames_a_minute_are_closed_with_4008(stand: Stand) -> None:
    client = await stand.session()
    for _ in range(121):
        await client.send(3, {})
    assert await client.close_code() == 4008


async def test_the_next_minute_has_120_frames_of_its_own(stand: Stand) -> None:
    client = await stand.session()
    for _ in range(110):
        await client.send(3, {})
    await client.events_until_quiet()
    stand.clock += 60
    for _ in range(110):
        await client.send(3, {})
    assert await client.events_until_quiet() == []


async def test_a_client_that_stops_its_heartbeats_is_closed_with_4009_and_its_session_is_gone(stand: Stand) -> None:
    stand.gateway.manners.heartbeat_interval = 0.05
    client = await stand.session()
    assert await client.close_code() == 4009
    assert list(stand.gateway.sessions) == []


async def test_heartbeats_keep_a_socket_open_for_longer_than_one_without_them(stand: Stand) -> None:
    stand.gateway.manners.heartbeat_interval = 0.1
    beating, silent = await stand.session(), await stand.session()
    closing = asyncio.create_task(silent.close_code())
    while not (await asyncio.wait({closing}, timeout=0.03))[0]:
        await beating.events_until_quiet()
    assert closing.result() == 4009
    assert await beating.events_until_quiet() == []


async def test_moving_the_worlds_clock_does_not_time_a_client_out(stand: Stand) -> None:
    client = await stand.session()
    stand.clock += 3600
    assert await client.events_until_quiet() == []


async def test_hello_tells_the_heartbeat_interval_in_milliseconds(stand: Stand) -> None:
    stand.gateway.manners.heartbeat_interval = 12.5
    client = await stand.connect()
    assert await client.opcode(10) == {"heartbeat_interval": 12500}


async def test_heartbeats_are_acknowledged_before_identifying_too(stand: Stand) -> None:
    client = await stand.connect()
    await client.send(1, None)
    await client.opcode(11)


async def test_a_frame_may_come_as_bytes(stand: Stand) -> None:
    client = await stand.connect()
    data: dict[str, Any] = {"token": f"Bot {client.token}", "properties": {}, "intents": 0}
    await client.socket.send_bytes(json.dumps({"op": 2, "d": data}).encode())
    await client.event("READY")


async def test_ready_names_a_loopback_address_to_resume_at(stand: Stand) -> None:
    client = await stand.session()
    assert client.ready["resume_gateway_url"].startswith("ws://127.0.0.1:")


async def test_ready_announces_servers_and_guild_create_delivers_them_available(stand: Stand) -> None:
    guild = stand.world.add_guild("Painters")
    client = await stand.connect()
    await client.identify(intents=GUILDS)
    assert (await client.event("READY"))["guilds"] == [{"id": guild.id, "unavailable": True}]
    created = await client.event("GUILD_CREATE")
    assert created["id"] == guild.id
    assert created["unavailable"] is False


async def test_a_server_that_the_bot_joins_later_does_not_say_whether_it_is_available(stand: Stand) -> None:
    client = await stand.session()
    stand.world.add_guild("Newcomers")
    assert "unavailable" not in await client.event("GUILD_CREATE")


async def test_a_server_without_the_bot_is_not_announced(stand: Stand) -> None:
    stand.world.add_guild("Elsewhere", with_bot=False)
    client = await stand.session()
    assert client.ready["guilds"] == []


@pytest.mark.parametrize("query", ["v=10&encoding=json&compress=zlib-stream", "v=10&encoding=json"])
async def test_events_are_numbered_in_order_with_and_without_compression(stand: Stand, query: str) -> None:
    client = await stand.session(query=query)
    for number in range(50):
        stand.gateway.dispatch("INTERACTION_CREATE", {"id": str(number)})
    frames = await client.events_until_quiet()
    assert [(frame["s"], frame["d"]["id"]) for frame in frames] == [(2 + n, str(n)) for n in range(50)]


async def test_the_record_keeps_frames_and_events_but_not_the_token(stand: Stand) -> None:
    await stand.session()
    [identify] = stand.record.matching("SEND", "IDENTIFY", "gateway")
    assert identify.authorization == f"Bot …{stand.world.application.token[-4:]}"
    assert stand.world.application.token not in repr(stand.record.exchanges)
    assert len(stand.given("READY")) == 1


async def test_a_gateway_that_hangs_up_says_no_hello(stand: Stand) -> None:
    stand.gateway.manners.hangs_up = 4000
    assert await (await stand.connect()).close_code() == 4000
    stand.gateway.manners.hangs_up = None
    await (await stand.connect()).opcode(10)
