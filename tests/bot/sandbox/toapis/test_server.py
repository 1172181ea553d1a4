"""The stand-in as a server: its wording of errors, its record, its stopping and starting."""

import asyncio
import json

import aiohttp
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Envelope, Refusal, ToapisServer
from tests.bot.sandbox.toapis.caller import Caller

TASK = "/images/generations/{key}"
STATUSES = [
    Refusal(400, "invalid_request", "bad"),
    Refusal(401, "unauthorized", "bad"),
    Refusal(402, "insufficient_quota", "bad"),
    Refusal(403, "quota_not_enough", "bad"),
    Refusal(404, "task_not_exist", "bad"),
    Refusal(422, "content_policy_violation", "bad"),
    Refusal(429, "rate_limit_exceeded", "bad", retry_after=3),
    Refusal(500, "internal_error", "bad"),
    Refusal(503, "rate_limit_unavailable", "bad"),
]


@pytest.fixture
async def wide_open(caller: Caller) -> Caller:
    caller.gateway.limiter.set({})
    return caller


@pytest.mark.parametrize("envelope", Envelope)
async def test_every_error_can_come_in_every_envelope(wide_open: Caller, envelope: Envelope) -> None:
    gateway = wide_open.gateway
    gateway.envelope = envelope
    for refusal in STATUSES:
        gateway.refuse_next(TASK, refusal)
        answer = await wide_open.look_up("x")
        assert answer.status == refusal.status
        assert answer.headers.get("Retry-After") == (None if refusal.retry_after is None else "3")
        told = answer.raw.decode()
        assert refusal.message in told or refusal.code in told
    assert gateway.faults.pending == ()


@pytest.mark.parametrize(
    ("envelope", "body"),
    [
        (Envelope.ERROR, {"error": {"code": "task_not_found", "message": "gone", "type": "invalid_request_error"}}),
        (
            Envelope.NUMBERED,
            {"error": {"code": 404, "message": "task_not_found: gone", "type": "invalid_request_error"}},
        ),
        (Envelope.SUCCESS_FALSE, {"success": False, "message": "gone"}),
        (Envelope.MESSAGE, {"message": "task_not_found"}),
        (Envelope.TEXT, "task_not_found: gone"),
        (Envelope.HTML, "<html><head><title>404</title></head><body>gone</body></html>"),
    ],
)
def test_an_envelope_has_its_shape(envelope: Envelope, body: object) -> None:
    assert Refusal(404, "task_not_found", "gone").body(envelope) == body


def test_a_nested_error_holds_another_one_as_json() -> None:
    outer = Refusal(401, "unauthorized", "no", envelope=Envelope.NESTED).body()
    inner = json.loads(outer["error"]["message"])
    assert inner == {"error": {"code": "unauthorized", "message": "no", "type": "authentication_error"}}


@pytest.mark.parametrize(("envelope", "content_type"), [(Envelope.TEXT, "text/plain"), (Envelope.HTML, "text/html")])
async def test_errors_without_json_say_so(caller: Caller, envelope: Envelope, content_type: str) -> None:
    caller.gateway.envelope = envelope
    answer = await caller.look_up("x")
    assert (answer.status, answer.headers["Content-Type"]) == (404, f"{content_type}; charset=utf-8")


async def test_a_poll_can_meet_a_broken_proxy(caller: Caller) -> None:
    task = await caller.submitted()
    caller.gateway.faults.add(Fault(route=TASK, status=502, body="<html>502</html>"))
    assert [(await caller.look_up(task)).status for _ in range(2)] == [502, 200]


async def test_both_hosts_are_in_one_record(caller: Caller) -> None:
    await caller.painted()
    seen = [(exchange.service, exchange.route) for exchange in caller.gateway.record.exchanges]
    assert seen == [
        ("toapis", "/images/generations"),
        ("toapis", TASK),
        ("files", "/generated/{name}"),
    ]
    assert caller.gateway.record.exchanges[0].authorization == "Bearer …dbox"


async def test_a_stopped_gateway_refuses_connections_and_returns_unchanged(caller: Caller) -> None:
    gateway = caller.gateway
    task, address = await caller.submitted(), gateway.base_url
    await gateway.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await caller.look_up(task)
    await gateway.start()
    assert gateway.base_url == address
    assert (await caller.look_up(task)).status == 200


async def test_stopping_does_not_wait_for_a_hanging_request(caller: Caller) -> None:
    gateway = caller.gateway
    gateway.faults.add(Fault(route=TASK, moment="after", hold=asyncio.Event()))
    asking = asyncio.ensure_future(caller.look_up("x"))
    await gateway.record.wait_for(lambda exchange: exchange.route == TASK, 5)
    await gateway.stop()
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_two_gateways_live_side_by_side() -> None:
    async with ToapisServer() as one, ToapisServer() as other:
        assert len({one.base_url, one.files_url, other.base_url, other.files_url}) == 4
