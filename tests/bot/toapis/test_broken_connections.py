"""What goes wrong on the way to the gateway and back, and what may be sent again then."""

import asyncio
import json
from typing import Any

import pytest

from bot import errors
from bot.errors import Repeat
from bot.toapis.client import ATTEMPTS, MAX_ANSWER, Timeouts, ToapisClient
from tests.bot.toapis.calls import QUEUED, UPLOADED, submit, upload
from tests.bot.toapis.conftest import KEY, Open
from tests.clocks import JumpClock
from tests.servers import HttpStub, Reply, raw_server, read_request


async def test_a_refused_connection_was_not_accepted_and_what_is_free_is_tried_a_few_times(
    open_client: Open, clock: JumpClock
) -> None:
    async with raw_server(_never) as url:
        pass  # nobody listens there any more
    async with open_client(url) as client:
        for act, waits in ((submit, 0), (upload, ATTEMPTS - 1)):
            clock.waits.clear()
            with pytest.raises(errors.GatewayUnreachable) as caught:
                await act(client)
            assert caught.value.repeat is Repeat.SAFE
            assert len(clock.waits) == waits
        clock.waits.clear()
        for ask in (client.status("x"), client.balance(), client.models()):
            with pytest.raises(errors.GatewayUnreachable):
                await ask
        assert clock.waits == []


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    raise NotImplementedError


@pytest.mark.parametrize("address", ["http://", "nonsense", "http://no-such-host.invalid"])
async def test_an_address_that_leads_nowhere_was_not_accepted(open_client: Open, address: str) -> None:
    async with open_client(address) as client:
        with pytest.raises(errors.GatewayUnreachable):
            await client.balance()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id": "task_1"',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"not HTTP at all\r\n\r\n",
    ],
)
async def test_a_submit_whose_answer_breaks_off_must_be_asked_for_and_is_never_repeated(
    open_client: Open, clock: JumpClock, answer: bytes
) -> None:
    bodies: list[Any] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _, body = (await read_request(reader)).partition(b"\r\n\r\n")
        bodies.append(json.loads(body) if head.startswith(b"POST") else None)
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as url, open_client(url) as client:
        with pytest.raises(errors.GatewayUnclear) as caught:
            await submit(client)
        assert caught.value.repeat is Repeat.ASK_FIRST
        assert [body["client_business_id"] for body in bodies] == ["b/1 ü"]

        with pytest.raises(errors.GatewayUnclear) as caught:
            await client.status("task_1")
        assert caught.value.repeat is Repeat.SAFE
    assert clock.waits == []


async def test_a_submit_that_is_never_answered_must_be_asked_for(clock: JumpClock) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        asked.append(await read_request(reader))
        await reader.read()  # till the client leaves

    async with (
        raw_server(talk) as url,
        ToapisClient(base_url=url, api_key=KEY, clock=clock, timeouts=Timeouts(request=0.1)) as client,
    ):
        with pytest.raises(errors.GatewayUnclear) as caught:
            await submit(client)

    assert caught.value.repeat is Repeat.ASK_FIRST
    assert len(asked) == 1


async def test_a_submit_on_a_kept_connection_that_drops_is_not_sent_again_by_the_library(
    open_client: Open, clock: JumpClock
) -> None:
    posts = 0
    balance = b'{"success": true, "remain_balance": 1}'

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal posts
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(balance), balance))
        posts += (await read_request(reader)).startswith(b"POST")

    async with raw_server(talk) as url, open_client(url) as client:
        await client.balance()
        with pytest.raises(errors.GatewayUnclear) as caught:
            await submit(client)

    assert caught.value.repeat is Repeat.ASK_FIRST
    assert (posts, clock.waits) == (1, [])


async def test_a_connection_that_drops_during_an_upload_costs_nothing_and_is_tried_again(
    open_client: Open, clock: JumpClock
) -> None:
    connections = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            await reader.readexactly(10)
            writer.transport.abort()
            return
        await read_request(reader)
        body = json.dumps(UPLOADED).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    async with raw_server(talk) as url, open_client(url) as client:
        assert (await upload(client)).url == "https://files.example/1.png"

    assert len(clock.waits) == 1


async def test_an_answer_larger_than_any_of_the_gateways_is_not_understood(
    client: ToapisClient, stub: HttpStub
) -> None:
    stub.will(Reply(200, json.dumps(QUEUED).encode() + b" " * MAX_ANSWER))

    with pytest.raises(errors.GatewayUnclear) as caught:
        await submit(client)

    assert caught.value.repeat is Repeat.ASK_FIRST


async def test_an_endless_answer_is_left_early(open_client: Open) -> None:
    sent = 0
    client_left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b" " * 65536)
                await writer.drain()
                sent += 65536
        finally:
            client_left.set()

    async with raw_server(talk) as url, open_client(url) as client:
        with pytest.raises(errors.GatewayUnclear):
            await client.balance()
        await client_left.wait()

    assert sent < 30 * MAX_ANSWER  # what the sockets hold comes on top


async def test_a_compressed_answer_is_not_unpacked(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"}))

    with pytest.raises(errors.GatewayUnclear):
        await client.balance()
    assert stub.asked[0].headers["Accept-Encoding"] == "identity"


async def test_a_closed_client_says_so() -> None:
    client = ToapisClient(base_url="http://127.0.0.1:9", api_key=KEY, clock=JumpClock())

    with pytest.raises(RuntimeError):
        await client.balance()
