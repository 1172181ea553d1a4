import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

import aiohttp
import pytest

from bot.sandbox.faults import Fault, Faults
from tests.bot.sandbox.small_service import BIG, SmallService

THING = "/things/{id}"


@pytest.fixture
async def service() -> AsyncIterator[SmallService]:
    async with SmallService().serving() as service:
        yield service


@pytest.mark.parametrize(("moment", "acted"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_gives_the_client_nothing(
    service: SmallService, moment: Literal["before", "after"], acted: int
) -> None:
    service.faults.add(Fault(route=THING, moment=moment, drop=True))
    answer = await service.ask("POST", "/things/1", json={"a": 1})
    [exchange] = service.record.exchanges
    assert (answer.status, answer.broken) == (None, True)
    assert (exchange.status, exchange.acted, exchange.body, service.acted) == (None, bool(acted), {"a": 1}, acted)


@pytest.mark.parametrize(("moment", "acted"), [("before", 0), ("after", 1)])
async def test_another_answer_takes_the_place_of_the_real_one(
    service: SmallService, moment: Literal["before", "after"], acted: int
) -> None:
    service.faults.add(Fault(route=THING, moment=moment, status=502, body="<html>bad gateway</html>"))
    answer = await service.ask("POST", "/things/1", json={})
    assert (answer.status, answer.body, answer.content_type) == (502, b"<html>bad gateway</html>", "text/html")
    assert (service.record.exchanges[0].acted, service.acted) == (bool(acted), acted)


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        ({"a": 1}, b'{"a": 1}', "application/json"),
        ([1], b"[1]", "application/json"),
        ("<p>", b"<p>", "text/html"),
        (b"\x00", b"\x00", "application/octet-stream"),
        (None, b"", "text/plain"),
    ],
)
async def test_a_fault_sends_its_body_by_its_kind(
    service: SmallService, body: Any, sent: bytes, content_type: str
) -> None:
    service.faults.add(Fault(route=THING, status=503, body=body, headers={"Retry-After": "7"}))
    answer = await service.ask("POST", "/things/1", json={})
    assert (answer.status, answer.body, answer.content_type) == (503, sent, content_type)
    assert answer.headers["Retry-After"] == "7"


async def test_a_fault_with_a_body_only_answers_200(service: SmallService) -> None:
    service.faults.add(Fault(route=THING, body={"success": False}))
    assert (await service.ask("POST", "/things/1", json={})).status == 200
    assert service.acted == 0


async def test_a_header_of_the_fault_replaces_the_usual_one(service: SmallService) -> None:
    service.faults.add(Fault(route=THING, body={}, headers={"content-type": "application/problem+json"}))
    assert (await service.ask("POST", "/things/1", json={})).content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/plain", "/streamed"])
@pytest.mark.parametrize("stall_after", [0, 5, BIG // 2 + 1])
async def test_a_stalled_answer_promises_all_and_stops_half_way(
    service: SmallService, path: str, stall_after: int
) -> None:
    service.faults.add(Fault(route=path, stall_after=stall_after))
    async with aiohttp.ClientSession() as session:
        answer = await session.get(service.url + path)
        assert (answer.status, answer.content_length) == (200, BIG)
        if stall_after:
            await answer.content.readexactly(stall_after)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await answer.content.readany()
        answer.close()
    exchange = await service.record.wait_for(lambda exchange: exchange.route == path, 5)
    assert exchange.acted


@pytest.mark.parametrize("path", ["/plain", "/streamed"])
async def test_an_answer_that_is_cut_half_way_arrives_up_to_there(service: SmallService, path: str) -> None:
    service.faults.add(Fault(route=path, stall_after=300_001, drop=True))
    answer = await service.ask("GET", path)
    assert (answer.status, len(answer.body), answer.broken) == (200, 300_001, True)


async def test_a_stall_behind_the_end_of_the_body_changes_nothing(service: SmallService) -> None:
    service.faults.add(Fault(route="/plain", stall_after=BIG))
    answer = await service.ask("GET", "/plain")
    assert (len(answer.body), answer.broken) == (BIG, False)


async def test_a_replaced_answer_can_be_stalled_too(service: SmallService) -> None:
    service.faults.add(Fault(route="/plain", moment="after", body=b"12345", stall_after=2, drop=True))
    answer = await service.ask("GET", "/plain")
    assert (answer.status, answer.body, answer.broken) == (200, b"12", True)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_held_request_goes_on_when_it_is_let_go(
    service: SmallService, moment: Literal["before", "after"]
) -> None:
    event = asyncio.Event()
    service.faults.add(Fault(route=THING, moment=moment, hold=event))
    asking = asyncio.ensure_future(service.ask("POST", "/things/1", json={}))
    if moment == "after":
        await service.record.wait_for(lambda exchange: exchange.acted, 5)
    else:
        await asyncio.sleep(0.05)
        assert service.acted == 0
    assert not asking.done()
    event.set()
    assert (await asking).status == 200
    assert service.acted == 1


async def test_a_client_that_gives_up_on_a_slow_server_was_served_all_the_same(service: SmallService) -> None:
    service.faults.add(Fault(route=THING, delay=0.1))
    answer = await service.ask("POST", "/things/1", json={}, timeout=aiohttp.ClientTimeout(total=0.03))
    assert answer.status is None
    assert (await service.record.wait_for(lambda exchange: exchange.route == THING, 5)).acted


async def test_a_delayed_answer_is_the_real_one(service: SmallService) -> None:
    service.faults.add(Fault(route=THING, moment="after", delay=0.01))
    answer = await service.ask("POST", "/things/1", json={})
    assert (answer.status, service.record.exchanges[0].acted) == (200, True)


async def test_the_nth_request_from_now_suffers_and_only_that(service: SmallService) -> None:
    await service.ask("POST", "/things/0", json={})
    service.faults.add(Fault(route=THING, nth=2, status=500))
    statuses = [(await service.ask("POST", f"/things/{number}", json={})).status for number in range(3)]
    assert statuses == [200, 500, 200]
    assert service.faults.pending == ()


def statuses_taken(faults: Faults, count: int, route: str = THING) -> list[int | None]:
    taken = [faults.take("toapis", "POST", route) for _ in range(count)]
    return [None if fault is None else fault.status for fault in taken]


def test_a_fault_strikes_as_often_as_it_was_told() -> None:
    faults = Faults()
    faults.add(Fault(route=THING, nth=2, times=2, status=500))
    assert statuses_taken(faults, 5) == [None, 500, 500, None, None]


def test_a_fault_with_zero_times_strikes_until_it_is_cleared() -> None:
    faults = Faults()
    fault = faults.add(Fault(route=THING, times=0, status=500))
    assert statuses_taken(faults, 3) == [500, 500, 500]
    assert faults.pending == (fault,)
    faults.clear()
    assert statuses_taken(faults, 1) == [None]


def test_faults_due_together_strike_one_after_the_other() -> None:
    faults = Faults()
    faults.add(Fault(route=THING, status=500))
    faults.add(Fault(route=THING, status=502))
    faults.add(Fault(route=THING, nth=2, status=503))
    assert statuses_taken(faults, 4) == [500, 502, 503, None]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route="/other", status=500),
        Fault(route=THING, method="GET", status=500),
        Fault(route=THING, service="files", status=500),
    ],
)
def test_a_fault_leaves_other_requests_alone(fault: Fault) -> None:
    faults = Faults()
    faults.add(fault)
    assert statuses_taken(faults, 2) == [None, None]


def test_a_fault_for_any_route_strikes_them_all() -> None:
    faults = Faults()
    faults.add(Fault(route="*", times=0, status=500))
    assert statuses_taken(faults, 1) + statuses_taken(faults, 1, "/plain") == [500, 500]
