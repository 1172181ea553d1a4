"""What is read from the gateway's answers."""

import json
from typing import Any

import pytest

from bot import errors
from bot.errors import GatewayError, Repeat
from bot.texts import Text
from bot.toapis.client import ToapisClient
from bot.toapis.schema import Balance, RemoteState
from tests.bot.toapis.calls import QUEUED, submit, upload
from tests.bot.toapis.conftest import KEY
from tests.servers import HttpStub, Reply


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


async def test_a_gateway_that_repeats_the_key_does_not_bring_it_before_people(
    client: ToapisClient, stub: HttpStub
) -> None:
    stub.will(Reply(400, {"error": {"code": "invalid_request", "message": f"api_key_{KEY} is for other models"}}))
    with pytest.raises(GatewayError) as refused:
        await submit(client)
    assert "api_key_[filtered] is for other models" in str(refused.value.text)
    assert KEY not in str(refused.value)
