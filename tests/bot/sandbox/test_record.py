import asyncio
import hashlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.record import Exchange, redact
from tests.bot.sandbox.small_service import LARGEST_BODY, START, SmallService


@pytest.fixture
async def service() -> AsyncIterator[SmallService]:
    async with SmallService().serving() as service:
        yield service


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nnever ends',
        b"--x\r\nnot a header\r\n\r\nabc\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nabc\r\n--y--\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"a": \r\n--x--\r\n',
    ],
)
async def test_a_broken_multipart_body_reaches_the_handler_as_malformed(service: SmallService, body: bytes) -> None:
    await service.ask("POST", "/things/1", data=body, headers=MULTIPART)
    assert service.record.exchanges[0].answer["malformed"] is True


async def test_a_multipart_body_without_a_boundary_is_malformed(service: SmallService) -> None:
    await service.ask("POST", "/things/1", data=b"abc", headers={"Content-Type": "multipart/form-data"})
    assert service.record.exchanges[0].answer["malformed"] is True


async def test_broken_json_is_malformed_and_recorded_without_a_body(service: SmallService) -> None:
    await service.ask("POST", "/things/1", data=b"{", headers={"Content-Type": "application/json"})
    [exchange] = service.record.exchanges
    assert (exchange.answer["malformed"], exchange.body, exchange.status) == (True, None, 200)


@pytest.mark.parametrize("multipart", [False, True])
async def test_a_body_over_the_limit_is_answered_like_a_proxy_and_never_acted_on(
    service: SmallService, multipart: bool
) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"a" * (LARGEST_BODY + 1), filename="a.png")
    data = form if multipart else b"a" * (LARGEST_BODY + 1)
    answer = await service.ask("POST", "/things/1", data=data)
    [exchange] = service.record.exchanges
    assert (answer.status, answer.content_type) == (413, "text/html; charset=utf-8")
    assert (exchange.status, exchange.acted, service.acted) == (413, False, 0)


async def test_a_route_nobody_serves_is_recorded_under_its_path(service: SmallService) -> None:
    await service.ask("GET", "/nothing/here?a=1")
    [exchange] = service.record.exchanges
    assert (exchange.route, exchange.status, exchange.query) == ("/nothing/here", 404, {"a": "1"})


async def test_an_error_that_a_handler_raises_is_recorded_with_its_body(service: SmallService) -> None:
    answer = await service.ask("GET", "/teapot")
    assert (answer.status, answer.body) == (409, b'{"why": "teapot"}')
    assert service.record.exchanges[0].answer == {"why": "teapot"}


async def test_a_failing_handler_is_recorded_as_500(service: SmallService) -> None:
    assert (await service.ask("GET", "/bug")).status == 500
    assert service.record.exchanges[0].status == 500


async def test_a_client_that_leaves_while_it_sends_is_recorded_without_an_answer(service: SmallService) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(b"POST /v1/things/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    exchange = await service.record.wait_for(lambda exchange: exchange.method == "POST", 5)
    assert (exchange.status, exchange.acted) == (None, False)


async def test_an_exchange_tells_all_about_a_json_request(service: SmallService) -> None:
    headers = {"Authorization": "Bearer sk-secret-1234"}
    await service.ask("POST", "/things/a%2Fb?x=y", json={"prompt": "cat"}, headers=headers)
    assert service.record.exchanges == (
        Exchange(
            number=1,
            at=START,
            service="toapis",
            method="POST",
            path="/v1/things/a%2Fb",
            route="/things/{id}",
            query={"x": "y"},
            authorization="Bearer …1234",
            content_type="application/json",
            body={"prompt": "cat"},
            files=(),
            status=200,
            answer={"body": {"prompt": "cat"}, "fields": {}, "files": [], "malformed": False},
            acted=True,
        ),
    )


async def test_a_multipart_request_is_parsed_once_for_handler_and_record(service: SmallService) -> None:
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "hi"}', content_type="application/json")
    form.add_field("files[0]", b"abc", filename="a.png", content_type="image/png")
    await service.ask("POST", "/things/1", data=form)
    [exchange] = service.record.exchanges
    assert exchange.answer["files"] == [["files[0]", "a.png", "image/png", "abc"]]
    assert exchange.body == {"content": "hi"}
    [info] = exchange.files
    assert (info.field, info.filename, info.content_type, info.size) == ("files[0]", "a.png", "image/png", 3)
    assert info.sha256 == hashlib.sha256(b"abc").hexdigest()


async def test_an_answer_is_in_the_record_before_the_client_has_it(service: SmallService) -> None:
    for number in range(1, 4):
        await service.ask("POST", "/things/1", json={})
        assert service.record.exchanges[-1].number == number


async def test_matching_selects_by_method_route_and_service(service: SmallService) -> None:
    await service.ask("POST", "/things/1", json={})
    await service.ask("GET", "/plain")
    record = service.record
    assert [exchange.route for exchange in record.matching("GET")] == ["/plain"]
    assert [exchange.method for exchange in record.matching(route="/things/{id}")] == ["POST"]
    assert (len(record.matching(service="toapis")), record.matching(service="files")) == (2, ())


async def test_waiting_finds_what_happened_before_and_what_happens_later(service: SmallService) -> None:
    later = asyncio.ensure_future(service.record.wait_for(lambda exchange: exchange.route == "/plain", 5))
    await service.ask("POST", "/things/1", json={})
    assert not later.done()
    await service.ask("GET", "/plain")
    assert (await later).number == 2
    assert (await service.record.wait_for(lambda exchange: exchange.method == "POST", 0)).number == 1


async def test_waiting_in_vain_ends_with_a_time_out(service: SmallService) -> None:
    with pytest.raises(TimeoutError):
        await service.record.wait_for(lambda _: True, 0.01)


@pytest.mark.parametrize(
    ("header", "kept"), [(None, None), ("Bot abc.def.wxyz", "Bot …wxyz"), ("wxyz-9876", "…9876"), ("", "…")]
)
def test_an_authorization_is_kept_by_scheme_and_last_four_characters(header: str | None, kept: str | None) -> None:
    assert redact(header) == kept
