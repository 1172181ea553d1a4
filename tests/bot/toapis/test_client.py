"""The client against servers that behave and misbehave."""

import asyncio
import json
from typing import Any

import pytest
from pydantic import SecretStr

from bot import errors
from bot.errors import GatewayError, Repeat
from bot.texts import Text
from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.client import ATTEMPTS, MAX_ANSWER, Timeouts, ToapisClient
from bot.toapis.schema import Balance, ImageRequest, RemoteState, TaskStatus, Uploaded
from tests.bot.toapis.conftest import KEY, Open
from tests.clocks import START, JumpClock
from tests.servers import HttpStub, Reply, raw_server, read_request

REQUEST = ImageRequest(model=NANO_BANANA_2.id, prompt="a fox 🦊", size="16:9", resolution="2K", count=3)
QUEUED = {"id": "task_1", "object": "generation.task", "status": "queued", "progress": 0, "created_at": 1703884800}
UPLOADED = {
    "success": True,
    "message": "",
    "data": {"id": "upload_1", "url": "https://files.example/1.png", "mime_type": "image/png", "size": 3},
}
BUSY = Reply(429, {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}, {"Retry-After": "7"})


async def submit(client: ToapisClient) -> TaskStatus:
    return await client.submit(REQUEST, count=2, image_urls=("https://files.example/1.png",), business_id="b/1 ü")


async def upload(client: ToapisClient) -> Uploaded:
    return await client.upload(b"abc", filename="image1.png", content_type="image/png")


# What goes wrong on the way.


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


async def test_a_busy_gateway_is_asked_again_after_the_pause_it_wants(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(BUSY, BUSY, Reply(200, UPLOADED))

    await upload(client)

    assert len(stub.asked) == 3
    assert START + 14 <= clock.now() <= START + 14 * 1.5


async def test_a_submit_is_sent_once_even_to_a_busy_gateway_since_its_person_may_withdraw_it(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(BUSY)

    with pytest.raises(errors.GatewayBusy) as caught:
        await submit(client)

    assert (caught.value.repeat, caught.value.retry_after) == (Repeat.SAFE, 7)
    assert (len(stub.asked), clock.waits) == (1, [])


async def test_a_submit_whose_turn_has_come_is_sent_at_once(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(Reply(200, QUEUED))
    turn = client.line_up()
    await turn.come()

    await client.submit(REQUEST, count=1, image_urls=(), business_id="b1", turn=turn)

    assert (len(stub.asked), clock.waits) == (1, [])


async def test_a_pause_that_the_gateway_asks_for_is_seen_by_those_who_line_up(
    client: ToapisClient, stub: HttpStub
) -> None:
    stub.will(BUSY, Reply(200, QUEUED))
    turn = client.line_up()
    assert not turn.paused
    with pytest.raises(errors.GatewayBusy):
        await submit(client)

    assert turn.paused
    await client.submit(REQUEST, count=1, image_urls=(), business_id="b1", turn=turn)
    assert not turn.paused


async def test_a_gateway_that_stays_busy_is_given_up_with_its_last_word(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(BUSY)

    with pytest.raises(errors.GatewayBusy) as caught:
        await upload(client)

    assert len(stub.asked) == ATTEMPTS
    assert caught.value.retry_after == 7
    assert caught.value.code == "rate_limit_exceeded"


async def test_a_pause_beyond_our_patience_is_passed_on_at_once(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(429, b"", {"Retry-After": "120"}))

    with pytest.raises(errors.GatewayBusy) as caught:
        await upload(client)

    assert caught.value.retry_after == 120
    assert len(stub.asked) == 1


async def test_a_busy_answer_holds_back_the_others_too(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    stub.will(Reply(429, b"", {"Retry-After": "120"}), Reply(200, QUEUED))
    with pytest.raises(errors.GatewayBusy):
        await client.status("task_1")

    await client.status("task_2")
    assert clock.now() == START + 120

    await submit(client)  # another budget
    assert clock.now() == START + 120


async def test_the_limits_told_in_headers_are_kept(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    told = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "30"}
    stub.will(Reply(200, QUEUED, told), Reply(200, QUEUED))

    await submit(client)
    await submit(client)
    assert clock.now() == START
    await submit(client)

    assert clock.now() == START + 30


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "30"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "nan"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "86400"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(START - 5)},
    ],
)
async def test_limits_that_make_no_sense_are_ignored(
    client: ToapisClient, stub: HttpStub, clock: JumpClock, headers: dict[str, str]
) -> None:
    stub.will(Reply(200, QUEUED, headers))

    await submit(client)
    await submit(client)

    assert clock.now() == START


async def test_a_limit_told_as_a_moment_is_understood(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    stub.will(Reply(200, QUEUED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START) + 20)}))

    await submit(client)
    await submit(client)

    assert clock.now() == START + 20


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


# The key.


async def test_the_key_goes_to_the_gateway_and_never_to_the_file_host(client: ToapisClient, stub: HttpStub) -> None:
    async with HttpStub().serving() as files, HttpStub().serving() as others:
        files.will(Reply(302, headers={"Location": f"{others.url}/2.png"}))
        others.will(Reply(200, b"picture"))
        stub.will(Reply(200, QUEUED))
        await submit(client)

        assert await client.download(f"{files.url}/1.png", limit=100, name="picture 1") == b"picture"

        assert stub.asked[0].headers["Authorization"] == f"Bearer {KEY}"
        for asked in files.asked + others.asked:
            assert "Authorization" not in asked.headers
            assert KEY not in str(asked)


async def test_a_redirect_of_the_gateway_does_not_carry_the_key_away(client: ToapisClient, stub: HttpStub) -> None:
    async with HttpStub().serving() as elsewhere:
        stub.will(Reply(307, headers={"Location": elsewhere.url}))
        for act in (submit(client), upload(client), client.status("x"), client.balance(), client.models()):
            with pytest.raises(GatewayError):
                await act
        assert elsewhere.asked == []


async def test_results_at_private_addresses_are_refused_unless_allowed(stub: HttpStub) -> None:
    async with ToapisClient(base_url=stub.url, api_key=SecretStr(KEY), clock=JumpClock()) as client:
        with pytest.raises(errors.DownloadForbidden):
            await client.download(f"{stub.url}/1.png", limit=100, name="picture 1")
    assert stub.asked == []


# What goes over the wire.


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", " "])
async def test_a_base_address_is_taken_with_and_without_its_version(
    stub: HttpStub, open_client: Open, ending: str
) -> None:
    stub.will(Reply(200, {"success": True, "remain_balance": 1}))
    async with open_client(stub.url + ending) as client:
        await client.balance()

    assert stub.asked[0].path == "/v1/balance"


async def test_a_submit_sends_json_once(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, QUEUED))

    status = await submit(client)

    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/v1/images/generations")
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json == {
        "model": NANO_BANANA_2.id,
        "prompt": "a fox 🦊",
        "n": 2,
        "size": "16:9",
        "image_urls": ["https://files.example/1.png"],
        "metadata": {"resolution": "2K"},
        "client_business_id": "b/1 ü",
    }
    assert status == TaskStatus(id="task_1", state=RemoteState.QUEUED, progress=0, created_at=1703884800.0)


async def test_an_upload_is_a_form_with_a_named_and_typed_file(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, UPLOADED))
    data = bytes(range(256)) * 4096 * 3  # more than aiohttp likes to send from one bytes object

    uploaded = await client.upload(data, filename="image1.png", content_type="image/png")

    assert uploaded == Uploaded(url="https://files.example/1.png", id="upload_1", content_type="image/png", size=3)
    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/v1/uploads/images")
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="purpose"' in asked.body
    assert b'name="file"; filename="image1.png"' in asked.body
    assert b"Content-Type: image/png\r\n" in asked.body
    assert data in asked.body


async def test_ids_are_quoted_in_paths(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"status": "in_progress"}))

    status = await client.status("a/b?c#d e/../ü%41")

    assert stub.asked[0].path == "/v1/images/generations/a%2Fb%3Fc%23d%20e%2F..%2F%C3%BC%2541"
    assert status.id == "a/b?c#d e/../ü%41"


async def test_image_models_are_asked_for_by_type(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"success": True, "object": "list", "data": [{"id": "m1"}, {"id": "m2", "x": 1}, 3, {}]}))

    assert await client.models() == ("m1", "m2")
    assert stub.asked[0].path == "/v1/models?type=image"


# What is read.


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        (
            {"success": True, "remain_balance": 10.5, "used_balance": 2.3, "unlimited_quota": False},
            Balance(remaining=10.5, used=2.3, unlimited=False),
        ),
        ({"remain_balance": -1, "used_balance": 2}, Balance(remaining=None, used=2.0, unlimited=True)),
        ({"remain_balance": 5, "unlimited_quota": True}, Balance(remaining=None, used=None, unlimited=True)),
        ({"remain_balance": "3.5", "used_balance": None}, Balance(remaining=3.5, used=None, unlimited=False)),
        ({"remain_balance": -0.5}, Balance(remaining=-0.5, used=None, unlimited=False)),
    ],
)
async def test_a_balance_is_limited_or_unlimited(
    client: ToapisClient, stub: HttpStub, body: dict[str, Any], balance: Balance
) -> None:
    stub.will(Reply(200, body))

    assert await client.balance() == balance


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "message": "no", "remain_balance": 3},
        {"success": True},
        {"success": True, "remain_balance": True},
        {"remain_balance": "much"},
        {"remain_balance": "nan"},
        [],
    ],
)
async def test_a_balance_that_is_not_told_is_an_error(client: ToapisClient, stub: HttpStub, body: Any) -> None:
    stub.will(Reply(200, body))

    with pytest.raises(GatewayError):
        await client.balance()


@pytest.mark.parametrize(
    "url", [None, "", 5, "ftp://x/1", "https://", "data:image/png;base64,AAAA", "http://[::1", "\n"]
)
async def test_an_upload_without_a_usable_address_is_an_error(client: ToapisClient, stub: HttpStub, url: Any) -> None:
    stub.will(Reply(200, {"success": True, "data": {"id": "upload_1", "url": url}}))

    with pytest.raises(errors.GatewayUnclear):
        await upload(client)


def completed(**fields: Any) -> dict[str, Any]:
    return {"id": "img_1", "status": "completed", "progress": 100, **fields}


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        (completed(result={"type": "image", "data": [{"url": "https://f/1.jpg"}]}), ("https://f/1.jpg",)),
        (
            completed(result={"data": [{"url": "https://f/1"}, {"url": "https://f/2"}, {"b64": "x"}, 3]}),
            ("https://f/1", "https://f/2"),
        ),
        (completed(url="https://f/1.jpg"), ("https://f/1.jpg",)),
        (completed(url="https://f/2", result={"data": [{"url": "https://f/1"}]}), ("https://f/1",)),
        (completed(url="https://f/2", result={"data": []}), ("https://f/2",)),
    ],
)
async def test_pictures_are_found_where_the_gateway_puts_them(
    client: ToapisClient, stub: HttpStub, body: dict[str, Any], urls: tuple[str, ...]
) -> None:
    stub.will(Reply(200, body))

    status = await client.status("img_1")

    assert (status.state, status.urls, status.failure) == (RemoteState.COMPLETED, urls, None)


@pytest.mark.parametrize("extra", [{}, {"result": None}, {"result": {"data": [{"url": ""}]}}, {"url": "javascript:0"}])
async def test_done_without_a_picture_is_a_failure(client: ToapisClient, stub: HttpStub, extra: dict[str, Any]) -> None:
    stub.will(Reply(200, completed(**extra)))

    status = await client.status("img_1")

    assert (status.state, status.error_code) == (RemoteState.FAILED, "no_picture")
    assert status.failure == Text("gateway.no_picture")


@pytest.mark.parametrize(
    ("error", "told", "text"),
    [
        (
            {"code": "generation_failed", "message": "call upstream API failed: upstream returned status 422"},
            ("generation_failed", "call upstream API failed: upstream returned status 422"),
            Text("gateway.failed", {"reason": "call upstream API failed: upstream returned status 422"}),
        ),
        (
            {"code": "content_policy_violation", "message": "no"},
            ("content_policy_violation", "no"),
            Text("gateway.content_refused"),
        ),
        (
            {"code": 500, "message": 'upstream: {"error": {"code": "content_policy_violation"}}'},
            ("content_policy_violation", "upstream"),
            Text("gateway.content_refused"),
        ),
        ("too dark", (None, "too dark"), Text("gateway.failed", {"reason": "too dark"})),
        (None, (None, None), Text("gateway.failed_unsaid")),
        ({"message": "<html>"}, (None, None), Text("gateway.failed_unsaid")),
    ],
)
async def test_a_failed_task_says_why(
    client: ToapisClient, stub: HttpStub, error: Any, told: tuple[str | None, str | None], text: Text
) -> None:
    stub.will(Reply(200, {"id": "img_1", "status": "failed", "progress": 0, "error": error}))

    status = await client.status("img_1")

    assert status.state is RemoteState.FAILED
    assert (status.error_code, status.error_message) == told
    assert status.failure == text


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", RemoteState.QUEUED),
        ("pending", RemoteState.QUEUED),
        ("submitted", RemoteState.QUEUED),
        ("in_progress", RemoteState.RUNNING),
        ("IN_PROGRESS", RemoteState.RUNNING),
        ("cancelled", RemoteState.RUNNING),
        ("", RemoteState.RUNNING),
        (None, RemoteState.RUNNING),
        (7, RemoteState.RUNNING),
    ],
)
async def test_every_status_that_is_not_final_is_still_under_way(
    client: ToapisClient, stub: HttpStub, word: Any, state: RemoteState
) -> None:
    stub.will(Reply(200, {"id": "img_1", "status": word}))

    assert (await client.status("img_1")).state is state


@pytest.mark.parametrize(
    ("progress", "percent"),
    [(50, 50), (0.5, 0), ("50", 50), ("50%", 50), (200, 100), (-3, 0), (None, None), ("half", None), (True, None)],
)
async def test_progress_is_a_percentage_or_nothing(
    client: ToapisClient, stub: HttpStub, progress: Any, percent: int | None
) -> None:
    stub.will(Reply(200, {"id": "img_1", "status": "in_progress", "progress": progress}))

    assert (await client.status("img_1")).progress == percent


async def test_moments_are_unix_seconds_whatever_the_gateway_counts_in(client: ToapisClient, stub: HttpStub) -> None:
    moments = {"created_at": 1768381010, "completed_at": 1768381063123, "expires_at": "1768467463"}
    stub.will(Reply(200, completed(url="https://f/1", client_business_id="b1", **moments)))

    status = await client.status("img_1")

    assert (status.created_at, status.completed_at, status.expires_at) == (1768381010, 1768381063.123, 1768467463)
    assert status.business_id == "b1"


async def test_a_submit_may_be_completed_at_once(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, completed(url="https://f/1")))

    assert (await submit(client)).urls == ("https://f/1",)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "accepted"},
        {"id": 7},
        {"id": "x" * 500},
        {"id": "bad\ud800"},
        {"object": "generation.task"},
        [QUEUED],
        "task_1",
        7,
        None,
    ],
)
async def test_a_submit_answer_that_names_no_task_must_be_asked_for(
    client: ToapisClient, stub: HttpStub, body: Any
) -> None:
    stub.will(Reply(200, json.dumps(body).encode()))

    with pytest.raises(errors.GatewayUnclear) as caught:
        await submit(client)

    assert caught.value.repeat is Repeat.ASK_FIRST
    assert len(stub.asked) == 1


async def test_an_error_that_carries_an_id_is_no_task(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"id": "request_5", "success": False, "message": "insufficient_quota"}))

    with pytest.raises(errors.OutOfBalance):
        await submit(client)


async def test_a_task_without_an_id_is_asked_for_under_our_own(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"status": "queued"}))

    assert (await submit(client)).id == "b/1 ü"
