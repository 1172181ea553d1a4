"""What can go wrong with an upload, which costs nothing and is tried again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.sandbox.faults import Fault
from bot.sandbox.toapis.envelopes import Envelope, Refusal
from tests.faults.matrix import UPLOAD, Count, Expected, Outage, Row
from tests.faults.rows import CUT_OFF, PAGE, answer, fault, painted, refused, row, said
from tests.workshop import picture

_WORDS = Envelope.SUCCESS_FALSE  # how uploads are refused


def _rehosted(upload: Count) -> Expected:
    return painted(upload=upload, cdn=1)


def _not_rehosted(says: str, *operator: str, upload: Count = 1, **asks: Count) -> Expected:
    return refused(says, *operator, submit=0, upload=upload, cdn=1, **asks)


REJECTED = _not_rehosted("gateway.rejected")

# What ends it, and what comes of it.
REFUSED: Sequence[tuple[str, Fault, Expected]] = (
    ("unsupported", said(UPLOAD, Refusal(400, "", "Unsupported image type. Allowed: JPEG, PNG"), _WORDS), REJECTED),
    ("too large", said(UPLOAD, Refusal(400, "", "Image too large. Maximum size is 10MB"), _WORDS), REJECTED),
    ("200 that refuses", answer(UPLOAD, 200, {"success": False, "message": "no"}), REJECTED),
    (
        "401",
        said(UPLOAD, Refusal(401, "unauthorized", "Invalid API key")),
        _not_rehosted("gateway.unauthorized", "operator.unauthorized", balance=1),
    ),
    (
        "402",
        said(UPLOAD, Refusal(402, "insufficient_quota", "No credit")),
        _not_rehosted("gateway.out_of_balance", "operator.out_of_balance", balance=1),
    ),
    ("403 of a proxy", answer(UPLOAD, 403, PAGE), _not_rehosted("gateway.rejected_unsaid")),
    ("404", answer(UPLOAD, 404, PAGE), _not_rehosted("gateway.rejected_unsaid")),
    ("413", answer(UPLOAD, 413, PAGE), _not_rehosted("gateway.too_large")),
    (
        "422",
        said(UPLOAD, Refusal(422, "content_policy_violation", "flagged")),
        _not_rehosted("gateway.content_refused"),
    ),
    ("moved", answer(UPLOAD, 308, headers={"Location": "/v1/there"}), _not_rehosted("gateway.moved")),
)
# What is tried again, and the sentence it ends in if it never passes.
PASSING: Mapping[str, tuple[Fault, str]] = {
    "429": (said(UPLOAD, Refusal(429, "rate_limit_exceeded", "Slow down", retry_after=7)), "gateway.busy"),
    "503 of the limiter": (said(UPLOAD, Refusal(503, "rate_limit_unavailable", "sorry")), "gateway.busy"),
    "500": (said(UPLOAD, Refusal(500, "internal_error", "sorry")), "gateway.unreachable"),
    "502": (answer(UPLOAD, 502, PAGE), "gateway.unreachable"),
    "dropped": (fault(UPLOAD, drop=True), "gateway.unreachable"),
    "never answered": (fault(UPLOAD, silent=True), "gateway.unreachable"),
    "HTML": (answer(UPLOAD, 200, PAGE), "gateway.not_understood"),
    "cut off": (answer(UPLOAD, 200, CUT_OFF), "gateway.not_understood"),
    "no address": (answer(UPLOAD, 200, {"success": True, "data": {"id": "upload_1"}}), "gateway.not_understood"),
    "no web address": (answer(UPLOAD, 200, {"data": {"url": "file:///1.png"}}), "gateway.not_understood"),
}
_A_LONG_TIME = Refusal(429, "rate_limit_exceeded", "Slow down", retry_after=120)


def _rows() -> Iterator[Row]:
    for name, trouble, expected in REFUSED:
        yield _row(name, [trouble], expected)
    for name, (trouble, says) in PASSING.items():
        tries: Count = (1, 2) if trouble.silent else 6  # what hangs is recorded at its end
        yield _row(name, [replace(trouble, times=1)], _rehosted(2))
        yield _row(f"{name} for ever", [replace(trouble, times=0)], _not_rehosted(says, upload=tries))
    yield _row("dropped, accepted", [fault(UPLOAD, drop=True, moment="after")], _rehosted(2))
    yield _row("slow", [fault(UPLOAD, moment="after", delay=100)], _rehosted(1))
    yield _row("429 for long", [said(UPLOAD, _A_LONG_TIME, times=0)], _not_rehosted("gateway.busy"))
    yield _row("no connection", [], _rehosted(1), outage=Outage(seconds=15))
    yield _row("no connection for ever", [], _not_rehosted("gateway.unreachable", upload=0), outage=Outage(seconds=99))


def _row(name: str, faults: Sequence[Fault], expected: Expected, **more: Any) -> Row:
    return row(f"upload: {name}", faults, expected, references=[picture()], **more)


UPLOADS: Sequence[Row] = tuple(_rows())
