import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.bot.sandbox.discord.gateway_client import Stand, running_gateway

ZLIB = "v=10&encoding=json&compress=zlib-stream"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with running_gateway() as stand:
        yield stand


async def test_an_unknown_session_cannot_be_resumed_and_the_socket_may_identify(stand: Stand) -> None:
    client = await stand.connect()
    await client.resume("nonsense", 1)
    assert await client.opcode(9) is False
    await client.identify()
    await client.event("READY")


async def test_a_sequence_from_the_future_is_closed_with_4007(stand: Stand) -> None:
    lost = await stand.lost(await stand.session())
    client = await stand.connect()
    await client.resume(lost.ready["session_id"], lost.sequence + 1)
    assert await client.close_code() == 4007


async def test_resuming_needs_the_token_too(stand: Stand) -> None:
    lost = await stand.lost(await stand.session())
    client = await stand.connect()
    client.token = "another"
    await client.resume(lost.ready["session_id"], lost.sequence)
    assert await client.close_code() == 4004


@pytest.mark.parametrize("query", [ZLIB, "v=10&encoding=json"])
async def test_everything_missed_is_replayed_in_order_before_resumed(stand: Stand, query: str) -> None:
    lost = await stand.lost(await stand.session(query=query))
    for number in range(3):
        stand.gateway.dispatch("INTERACTION_CREATE", {"id": str(number)})
    client = await stand.connect(query)
    await client.resume(lost.ready["session_id"], lost.sequence)
    await client.opcode(10)
    frames = [await client.receive() for _ in range(4)]
    assert [frame["t"] for frame in frames] == ["INTERACTION_CREATE"] * 3 + ["RESUMED"]
    assert [frame["s"] for frame in frames] == [lost.sequence + n for n in range(1, 5)]


async def test_events_a_client_has_seen_but_not_counted_are_replayed_again(stand: Stand) -> None:
    first = await stand.session()
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "1"})
    await first.events_until_quiet()
    await stand.lost(first)
    client = await stand.connect()
    await client.resume(first.ready["session_id"], first.sequence - 1)
    assert (await client.event("INTERACTION_CREATE"))["id"] == "1"


async def test_a_session_that_missed_more_than_is_kept_cannot_be_resumed(stand: Stand) -> None:
    stand.gateway.sessions.replay_events = 3
    lost = await stand.lost(await stand.session())
    for number in range(4):
        stand.gateway.dispatch("INTERACTION_CREATE", {"id": str(number)})
    client = await stand.connect()
    await client.resume(lost.ready["session_id"], lost.sequence)
    assert await client.opcode(9) is False


async def test_a_session_that_is_away_for_too_long_is_forgotten(stand: Stand) -> None:
    lost = await stand.lost(await stand.session())
    stand.clock += 301
    client = await stand.connect()
    await client.resume(lost.ready["session_id"], lost.sequence)
    assert await client.opcode(9) is False


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_says_goodbye_cannot_resume(stand: Stand, code: int) -> None:
    first = await stand.session()
    await first.socket.close(code=code)
    client = await stand.connect()
    await client.resume(first.ready["session_id"], first.sequence)
    assert await client.opcode(9) is False


async def test_a_session_that_is_resumed_elsewhere_leaves_its_old_socket(stand: Stand) -> None:
    old = await stand.session()
    new = await stand.connect()
    await new.resume(old.ready["session_id"], old.sequence)
    await new.event("RESUMED")
    assert await old.close_code() == 4000
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "1"})
    assert (await new.event("INTERACTION_CREATE"))["id"] == "1"


async def test_a_resumed_session_may_be_lost_and_resumed_again(stand: Stand) -> None:
    client = await stand.session()
    session_id = client.ready["session_id"]
    for round_ in range(3):
        client.ready = {"session_id": session_id}
        await stand.lost(client)
        stand.gateway.dispatch("INTERACTION_CREATE", {"id": str(round_)})
        sequence, client = client.sequence, await stand.connect()
        await client.resume(session_id, sequence)
        assert (await client.event("INTERACTION_CREATE"))["id"] == str(round_)
        await client.event("RESUMED")


async def test_reconnect_asks_for_a_new_socket_and_keeps_the_session(stand: Stand) -> None:
    client = await stand.session()
    stand.gateway.reconnect()
    await client.opcode(7)
    await stand.lost(client)
    again = await stand.connect()
    await again.resume(client.ready["session_id"], client.sequence)
    await again.event("RESUMED")


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalidated_session_can_be_resumed_only_if_that_was_said(stand: Stand, resumable: bool) -> None:
    client = await stand.session()
    stand.gateway.invalidate(resumable=resumable)
    assert await client.opcode(9) is resumable
    await client.socket.close(code=4000)
    again = await stand.connect()
    await again.resume(client.ready["session_id"], client.sequence)
    await again.opcode(10)
    answer = await again.receive()
    assert (answer["t"], answer["op"]) == (("RESUMED", 0) if resumable else (None, 9))


async def test_a_close_with_a_code_reaches_the_client_and_the_session_stays(stand: Stand) -> None:
    client = await stand.session()
    _, code = await asyncio.gather(stand.gateway.close(4000), client.close_code())
    assert code == 4000
    again = await stand.connect()
    await again.resume(client.ready["session_id"], client.sequence)
    await again.event("RESUMED")


async def test_an_aborted_connection_ends_without_a_closing_frame_and_the_session_stays(stand: Stand) -> None:
    client = await stand.session()
    stand.gateway.abort()
    assert await client.close_code() == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
    again = await stand.connect()
    await again.resume(client.ready["session_id"], client.sequence)
    await again.event("RESUMED")


async def test_muted_heartbeats_get_no_answer_until_they_are_answered_again(stand: Stand) -> None:
    client = await stand.session()
    stand.gateway.mute_heartbeats()
    await client.send(1, 1)
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "after the heartbeat"})
    assert (await client.receive())["t"] == "INTERACTION_CREATE"
    stand.gateway.mute_heartbeats(False)
    await client.send(1, 2)
    await client.opcode(11)


@pytest.mark.parametrize("same_sequence", [True, False])
async def test_the_next_event_of_a_name_comes_twice_when_told_and_only_that(stand: Stand, same_sequence: bool) -> None:
    client = await stand.session()
    stand.gateway.duplicate_next("INTERACTION_CREATE", same_sequence=same_sequence)
    stand.gateway.dispatch("TYPING_ELSEWHERE", {})
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "1"})
    stand.gateway.dispatch("INTERACTION_CREATE", {"id": "2"})
    frames = await client.events_until_quiet()
    assert [frame["d"].get("id") for frame in frames] == [None, "1", "1", "2"]
    assert (frames[1]["s"] == frames[2]["s"]) is same_sequence


async def test_a_gateway_that_went_away_refuses_connections_until_it_comes_back(stand: Stand) -> None:
    client = await stand.session()
    _, code = await asyncio.gather(stand.gateway.go_away(), client.close_code())
    assert code == 1001
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await stand.connect()
    assert refused.value.status == 503
    stand.gateway.come_back()
    again = await stand.connect()
    await again.resume(client.ready["session_id"], client.sequence)
    await again.event("RESUMED")
