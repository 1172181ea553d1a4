"""The judge of exchanges, judged: it must see what is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from bot.sandbox.record import Exchange
from tests.openapi import OpenApiJudge, openapi_judge

USER = {
    "id": "1",
    "username": "easel",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "public_flags": 0,
    "flags": 0,
    "primary_guild": None,
}
MESSAGE: dict[str, Any] = {
    "id": "1",
    "channel_id": "1",
    "author": USER,
    "content": "hi",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "tts": False,
    "mention_everyone": False,
    "mentions": list[Any](),
    "mention_roles": list[Any](),
    "attachments": list[Any](),
    "pinned": False,
    "type": 0,
    "embeds": list[Any](),
    "flags": 0,
    "components": list[Any](),
}
GOOD = Exchange(
    number=1,
    at=0.0,
    service="discord",
    method="POST",
    path="/api/v10/channels/1/messages",
    route="/channels/{channel_id}/messages",
    query={},
    authorization="Bot …abcd",
    content_type="application/json",
    body={"content": "hi", "attachments": [{"id": 0}], "message_reference": {"message_id": 5}},
    files=(),
    status=200,
    answer=MESSAGE,
    acted=True,
)
REFUSED = replace(
    GOOD,
    body={"content": "x" * 9999},
    status=400,
    answer={
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer."}]}},
    },
)


@pytest.fixture
def judge() -> OpenApiJudge:
    return openapi_judge()


@pytest.mark.parametrize(
    "exchange", [GOOD, REFUSED, replace(GOOD, status=502, answer=None), replace(GOOD, acted=False)]
)
def test_a_right_exchange_gives_no_cause_for_complaint(judge: OpenApiJudge, exchange: Exchange) -> None:
    assert judge.complaints(exchange) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"answer": {**MESSAGE, "content": 5}}, "answer at ['content']"),
        ({"answer": {**MESSAGE, "author": {}}}, "answer at ['author']"),
        ({"body": {"content": "x" * 4001}}, "request at ['content']"),
        ({"body": {"attachments": [{"filename": "a"}]}}, "request at ['attachments', 0]"),
        ({"content_type": "text/plain"}, "content type text/plain"),
        ({"status": 201}, "does not answer with this status"),
        ({"status": 400, "answer": {"message": "no"}}, "answer at []"),
        ({"route": "/channels/{channel_id}/songs"}, "has no such route"),
        ({"route": "/channels/{channel_id}/songs", "status": 404, "answer": {}}, "answer at []"),
        ({"method": "GET", "route": "/users/@me", "answer": USER}, "a body where there is none to be"),
        (
            {"method": "DELETE", "route": "/channels/{channel_id}/messages/{message_id}", "body": None, "status": 204},
            "an answer with a body where there is none to be",
        ),
    ],
)
def test_what_differs_from_the_description_is_told(
    judge: OpenApiJudge, changes: dict[str, Any], complaint: str
) -> None:
    found = judge.complaints(replace(GOOD, **changes))
    assert any(complaint in each for each in found), found
    assert all(each.startswith("1. ") for each in found)
