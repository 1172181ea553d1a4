"""Every answer in the gateway's error table, in every envelope, for every call: which error, and may it be repeated."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot import errors
from bot.errors import GatewayError, Repeat
from bot.toapis.client import ToapisClient
from tests.bot.toapis.failures import ACTS, CALLS, expected_repeat, failure
from tests.servers import HttpStub, Reply


@dataclass(frozen=True)
class Row:
    """A row of the table: what came, and what it is; `paid` says what it is for a submit, if that differs."""

    status: int
    code: str
    kind: type[GatewayError]
    paid: type[GatewayError] | None = None


ROWS = [
    Row(400, "invalid_request", errors.RequestRejected),
    Row(401, "unauthorized", errors.GatewayUnauthorized),
    Row(402, "insufficient_quota", errors.OutOfBalance),
    Row(403, "insufficient_quota", errors.OutOfBalance),
    Row(403, "insufficient_user_quota", errors.OutOfBalance),
    Row(403, "quota_not_enough", errors.OutOfBalance),
    Row(413, "too_large", errors.RequestRejected),
    Row(422, "content_policy_violation", errors.ContentRefused),
    Row(429, "rate_limit_exceeded", errors.GatewayBusy),
    Row(500, "internal_error", errors.GatewayUnclear),
    Row(502, "bad_gateway", errors.GatewayUnclear),
    Row(503, "rate_limit_unavailable", errors.GatewayBusy),
    Row(503, "model_not_found", errors.GatewayUnclear, paid=errors.ModelUnavailable),
    Row(503, "service_unavailable", errors.GatewayUnclear),
    Row(504, "gateway_timeout", errors.GatewayUnclear),
    Row(524, "timeout", errors.GatewayUnclear),
    # Other answers with the codes of the table, where the status leaves it open.
    Row(400, "insufficient_quota", errors.OutOfBalance),
    Row(400, "content_policy_violation", errors.ContentRefused),
    Row(409, "rate_limit_exceeded", errors.GatewayBusy),
    Row(400, "unauthorized", errors.GatewayUnauthorized),
    Row(400, "model_not_found", errors.ModelUnavailable),
    Row(200, "insufficient_quota", errors.OutOfBalance),
    Row(200, "invalid_request", errors.RequestRejected),
    # The status has the last word: a code that speaks of something else does not make a 5xx certain.
    Row(500, "rate_limit_unavailable", errors.GatewayUnclear),
    Row(500, "insufficient_quota", errors.GatewayUnclear),
    Row(408, "timeout", errors.GatewayUnclear),
]
Envelope = Callable[[Row], Any]
ENVELOPES: dict[str, Envelope] = {
    "code is a word": lambda row: {"error": {"code": row.code, "message": "Sorry.", "type": "api_error"}},
    "code is a number": lambda row: {"error": {"code": row.status, "message": "Sorry.", "type": row.code}},
    "code is empty": lambda row: {"error": {"code": "", "message": row.code, "type": "", "param": None}},
    "code heads the message": lambda row: {"error": {"code": row.status, "message": f"{row.code}: sorry.", "type": ""}},
    "code on top": lambda row: {"success": False, "code": row.code, "message": "Sorry."},
    "success is false": lambda row: {"success": False, "message": row.code},
    "error is text": lambda row: {"error": row.code},
    "nested in the message": lambda row: {
        "error": {"code": row.status, "message": json.dumps({"error": {"code": row.code, "message": "Sorry."}})}
    },
    "nested twice after words": lambda row: {
        "success": False,
        "message": "upstream: " + json.dumps({"message": json.dumps({"error": {"type": row.code}})}),
    },
}
MESSAGE_ONLY: dict[str, Envelope] = {
    "message alone": lambda row: {"message": row.code}
}  # says only by its status that it is an error


@CALLS
@pytest.mark.parametrize("row", ROWS, ids=[f"{row.status} {row.code}" for row in ROWS])
async def test_every_row_in_every_envelope(client: ToapisClient, stub: HttpStub, row: Row, call: str) -> None:
    kind = (row.paid or row.kind) if call == "submit" else row.kind
    for name, envelope in (ENVELOPES | (MESSAGE_ONLY if row.status >= 400 else {})).items():
        stub.will(Reply(row.status, envelope(row)))

        error = await failure(client, call)

        assert type(error) is kind, name
        assert error.repeat is expected_repeat(kind, call), name
        assert error.status == row.status, name
        assert str(error.text), name


PROXY_PAGES = {
    "HTML": "<html><head><title>502 Bad Gateway</title></head><body>rate_limit_unavailable</body></html>",
    "plain text": b"task_not_found rate_limit_unavailable model_not_found",
    "one code as text": b"rate_limit_unavailable",
    "JSON text": b'"rate_limit_unavailable"',
    "nothing": b"",
    "no UTF-8": b"\xff\xfe\x00",
    "an array": [{"error": {"code": "rate_limit_unavailable"}}],
}


@CALLS
@pytest.mark.parametrize(
    "told",
    [
        (400, errors.RequestRejected),
        (401, errors.GatewayUnauthorized),
        (402, errors.RequestRejected),
        (403, errors.RequestRejected),
        (405, errors.RequestRejected),
        (413, errors.RequestRejected),
        (422, errors.ContentRefused),
        (429, errors.GatewayBusy),
        (500, errors.GatewayUnclear),
        (502, errors.GatewayUnclear),
        (503, errors.GatewayUnclear),
        (504, errors.GatewayUnclear),
        (524, errors.GatewayUnclear),
        (200, errors.GatewayUnclear),
    ],
)
async def test_a_proxys_page_counts_by_its_status_alone(
    client: ToapisClient, stub: HttpStub, told: tuple[int, type[GatewayError]], call: str
) -> None:
    status, kind = told
    if call == "status" and status in {402, 403}:
        kind = errors.GatewayUnclear  # the task may be well
    for name, page in PROXY_PAGES.items():
        stub.will(Reply(status, page))

        error = await failure(client, call)

        assert type(error) is kind, name
        assert error.repeat is expected_repeat(kind, call), name
        assert "<" not in str(error.text), name


@pytest.mark.parametrize(
    ("status", "call", "kind"),
    [
        (402, "submit", errors.OutOfBalance),
        (402, "upload", errors.OutOfBalance),
        (402, "status", errors.OutOfBalance),
        (403, "submit", errors.OutOfBalance),
        (403, "balance", errors.OutOfBalance),
        (403, "status", errors.GatewayUnclear),
        (403, "upload", errors.RequestRejected),
        (403, "models", errors.RequestRejected),
    ],
)
async def test_a_refusal_in_the_gateways_shape_without_a_known_code_is_about_money_where_money_is_asked_for(
    client: ToapisClient, stub: HttpStub, status: int, call: str, kind: type[GatewayError]
) -> None:
    stub.will(Reply(status, {"error": {"code": "forbidden", "message": "Sorry.", "type": "api_error"}}))

    assert type(await failure(client, call)) is kind


@CALLS
async def test_a_403_with_another_known_code_is_what_the_code_says(
    client: ToapisClient, stub: HttpStub, call: str
) -> None:
    stub.will(Reply(403, {"error": {"code": "content_policy_violation", "message": "Sorry."}}))

    assert type(await failure(client, call)) is errors.ContentRefused


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "task_not_found", "message": "x", "type": "y"}},
        {"error": {"code": "task_not_exist"}},
        {"error": {"code": 404, "message": "task not found", "type": "not_found"}},
        {"error": {"code": 404, "message": "Task task_img_abc123 does not exist", "type": ""}},
        {"error": {"code": 404, "message": "no such task"}},
        {"success": False, "message": "task_not_exist"},
        {"message": "task_not_exist"},
        {"message": "任务不存在"},
        {"error": {"code": 404, "message": '{"error": {"code": "task_not_found"}}'}},
    ],
)
@pytest.mark.parametrize("status", [404, 400])
async def test_the_gateways_own_word_makes_a_task_unknown(
    client: ToapisClient, stub: HttpStub, body: Any, status: int
) -> None:
    stub.will(Reply(status, body))

    error = await failure(client, "status")

    assert type(error) is errors.TaskUnknown
    assert error.repeat is Repeat.NEVER


@pytest.mark.parametrize(
    "body",
    [
        "<html><h1>404 Not Found</h1>task_not_found</html>",
        b"404 page not found",
        b"task_not_found",
        b"",
        {"error": {"message": "Invalid URL (GET /v1/v1/images/generations/x)", "type": "invalid_request_error"}},
        {"error": {"code": 404, "message": "Not Found"}},
        {"detail": "Not Found"},
        {"message": "no Route matched with those values"},
        ["task_not_found"],
    ],
)
async def test_a_404_that_does_not_name_the_task_proves_nothing(
    client: ToapisClient, stub: HttpStub, body: Any
) -> None:
    stub.will(Reply(404, body))

    error = await failure(client, "status")

    assert type(error) is errors.GatewayUnclear
    assert error.repeat is Repeat.SAFE


@pytest.mark.parametrize("call", [call for call in ACTS if call != "status"])
async def test_a_404_elsewhere_is_a_rejection(client: ToapisClient, stub: HttpStub, call: str) -> None:
    stub.will(Reply(404, {"error": {"code": "task_not_found", "message": "task not found"}}))

    assert type(await failure(client, call)) is errors.RequestRejected


async def test_a_prompt_quoted_in_a_message_decides_nothing(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(503, {"error": {"code": 503, "message": "no luck with “rate_limit_unavailable model_not_found”"}}))

    assert type(await failure(client, "submit")) is errors.GatewayUnclear
    assert len(stub.asked) == 1


@CALLS
async def test_a_redirect_is_not_followed(client: ToapisClient, stub: HttpStub, call: str) -> None:
    async with HttpStub().serving() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            stub.will(Reply(status, headers={"Location": f"{elsewhere.url}/v1/there"}))

            error = await failure(client, call)

            assert type(error) is (errors.GatewayUnclear if call == "status" else errors.RequestRejected)
        assert elsewhere.asked == []
