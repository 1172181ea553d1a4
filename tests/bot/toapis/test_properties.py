"""Whatever comes over the wire, the client raises our errors or returns a well-formed value."""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import GatewayBusy, GatewayError, GatewayUnclear, GatewayUnreachable, Repeat
from bot.texts import Text
from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.client import Timeouts, ToapisClient
from bot.toapis.envelope import parse_json, read_complaint
from bot.toapis.schema import Balance, ImageRequest, RemoteState, TaskStatus, Uploaded
from tests.clocks import JumpClock
from tests.servers import HttpStub, Reply, raw_server, read_request

Act = Callable[[ToapisClient], Awaitable[object]]
ACTS: dict[str, Act] = {
    "submit": lambda client: client.submit(
        ImageRequest(model=NANO_BANANA_2.id, prompt="p"), count=1, image_urls=(), business_id="b1"
    ),
    "status": lambda client: client.status("task_1"),
    "upload": lambda client: client.upload(b"png", filename="a.png", content_type="image/png"),
    "balance": lambda client: client.balance(),
    "models": lambda client: client.models(),
}
calls = st.sampled_from(sorted(ACTS))
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# JSON that looks like the gateway's, with anything at all in its places.
words = st.sampled_from(
    ["queued", "completed", "failed", "in_progress", "task_not_found", "rate_limit_unavailable", "https://f/1", "-1"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | words | st.just(10**4000)
names = st.sampled_from(
    [
        "id",
        "status",
        "progress",
        "result",
        "data",
        "url",
        "error",
        "code",
        "message",
        "type",
        "success",
        "remain_balance",
        "used_balance",
        "unlimited_quota",
        "created_at",
        "expires_at",
        "completed_at",
        "size",
        "client_business_id",
        "mime_type",
    ]
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | st.text(max_size=3), inner, max_size=6)
        | inner.map(lambda value: json.dumps(value)[:4000])
    ),
    max_leaves=20,
)
urls = st.just("https://f/1") | anything
tasks = st.fixed_dictionaries(
    {"status": st.sampled_from(["queued", "completed", "failed"]) | anything},
    optional={
        "id": st.just("task_1") | anything,
        "progress": anything,
        "url": urls,
        "result": st.fixed_dictionaries({"data": st.lists(st.fixed_dictionaries({"url": urls}), max_size=3)})
        | anything,
        "error": anything,
        "expires_at": anything,
        "success": st.booleans(),
    },
)
uploads = st.fixed_dictionaries({"data": st.fixed_dictionaries({"url": urls, "size": anything})})
balances = st.fixed_dictionaries({"remain_balance": leaves, "used_balance": leaves, "unlimited_quota": st.booleans()})
likely = tasks | uploads | balances | st.dictionaries(names, anything, min_size=1, max_size=8)
statuses = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 404, 409, 422, 429, 500, 503, 524])


def check_error(error: GatewayError, call: str) -> None:
    assert str(error.text)
    assert len(str(error.text)) < 600
    assert error.retry_after is None or 0 <= error.retry_after <= 300
    if isinstance(error, GatewayUnclear):
        assert error.repeat is (Repeat.ASK_FIRST if call == "submit" else Repeat.SAFE)
    else:
        assert (error.repeat is Repeat.SAFE) == isinstance(error, GatewayBusy | GatewayUnreachable)


def check_value(value: object) -> None:
    match value:
        case TaskStatus():
            assert value.id
            assert bool(value.urls) == (value.state is RemoteState.COMPLETED)
            assert (value.failure is not None) == (value.state is RemoteState.FAILED)
            assert value.failure is None or str(value.failure)
            assert value.progress is None or 0 <= value.progress <= 100
            assert all(url.startswith(("http://", "https://")) for url in value.urls)
            for moment in (value.created_at, value.completed_at, value.expires_at):
                assert moment is None or (math.isfinite(moment) and moment > 0)
        case Uploaded():
            assert value.url.startswith(("http://", "https://"))
        case Balance():
            assert value.unlimited == (value.remaining is None)
            assert value.remaining is None or math.isfinite(value.remaining)
        case _:
            assert isinstance(value, tuple)
    f"{value}".encode()  # fit for logs and the database: no lone surrogates


async def try_out(client: ToapisClient, call: str) -> None:
    try:
        value = await ACTS[call](client)
    except GatewayError as error:
        check_error(error, call)
    else:
        check_value(value)


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[ToapisClient]:
    timeouts = Timeouts(connect=5, request=5, stall=5, transfer=5)
    async with ToapisClient(base_url=url, api_key="sk-x", clock=JumpClock(), timeouts=timeouts) as client:
        yield client


@many
@given(calls, statuses, likely | anything)
async def test_any_json_under_any_status(call: str, status: int, body: Any) -> None:
    async with HttpStub().serving() as stub, opened(stub.url) as client:
        stub.will(Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"}))
        await try_out(client, call)


@many
@given(calls, statuses, st.binary(max_size=200))
async def test_any_bytes_as_a_body(call: str, status: int, body: bytes) -> None:
    async with HttpStub().serving() as stub, opened(stub.url) as client:
        stub.will(Reply(status, body))
        await try_out(client, call)


header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


@many
@given(
    calls,
    st.sampled_from([200, 429, 503]),
    st.fixed_dictionaries(
        {},
        optional={
            "Retry-After": header_values | st.integers().map(str) | st.datetimes().map(str),
            "X-RateLimit-Remaining": header_values | st.integers().map(str),
            "X-RateLimit-Reset": header_values | st.floats().map(str) | st.integers().map(str),
            "Content-Type": header_values,
            "Location": header_values,
            "Set-Cookie": header_values,
        },
    ),
)
async def test_any_words_in_the_headers(call: str, status: int, headers: dict[str, str]) -> None:
    async with HttpStub().serving() as stub, opened(stub.url) as client:
        stub.will(Reply(status, {"id": "task_1", "status": "queued"}, headers))
        await try_out(client, call)


status_lines = st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 999 \r\n", b"HTTP/1.0 404 X\r\n", b"HTTP/1.1 ", b""])
header_lines = st.lists(
    st.sampled_from(
        [
            b"Content-Length: 5\r\n",
            b"Content-Length: -5\r\n",
            b"Content-Length: 99999999999999999999\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Encoding: gzip\r\n",
            b"Content-Type: application/json; charset=nonsense\r\n",
            b"Location: \xff\xfe://\r\n",
            b"Set-Cookie: a=b; Domain=x; Expires=never\r\n",
            b"Retry-After: \xe2\x82\xac\r\n",
            b"broken\r\n",
        ]
    )
    | st.binary(max_size=30).map(lambda line: line + b"\r\n"),
    max_size=4,
)
answers = st.tuples(status_lines, header_lines, st.binary(max_size=60)).map(
    lambda parts: parts[0] + b"".join(parts[1]) + b"\r\n" + parts[2]
)


@many
@given(calls, answers | st.binary(max_size=200))
async def test_any_bytes_on_the_wire(call: str, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as url, opened(url) as client:
        await try_out(client, call)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"error":' * 100_000, b"9" * 10_000, b'"\\ud800"', b"NaN"])
async def test_json_made_to_hurt(body: bytes) -> None:
    async with HttpStub().serving() as stub, opened(stub.url) as client:
        for status in (200, 400):
            stub.will(Reply(status, body))
            for call in ACTS:
                await try_out(client, call)


@given(anything)
def test_a_complaint_is_read_from_anything(data: Any) -> None:
    complaint = read_complaint(data, b"")

    assert complaint.reason is None or (complaint.reason.isprintable() and len(complaint.reason) <= 300)
    assert complaint.reason is None or "<html" not in complaint.reason
    assert str(Text("gateway.rejected", {"reason": complaint.reason or ""}))


@given(st.binary())
def test_bytes_are_json_or_nothing(body: bytes) -> None:
    parse_json(body)
