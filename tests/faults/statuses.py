"""What can go wrong with the questions about a task, and with what the gateway says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from bot.sandbox.toapis.envelopes import Refusal
from tests.faults.matrix import STATUS, SUBMIT, Outage, Row
from tests.faults.rows import CUT_OFF, PAGE, answer, but, fault, lost, painted, row, said
from tests.orders import NANO_BANANA_PRO

_UNKNOWN = Refusal(404, "task_not_found", "The task does not exist")
_SHORT = {"job_timeout_seconds": 60}  # after which silence is given five minutes more

# Answers that say nothing about the task.
NO_PROOF: Mapping[str, Fault] = {
    "dropped": fault(STATUS, drop=True),
    "never answered": fault(STATUS, silent=True),
    "500": said(STATUS, Refusal(500, "internal_error", "sorry")),
    "502": answer(STATUS, 502, PAGE),
    "503 of the limiter": said(STATUS, Refusal(503, "rate_limit_unavailable", "sorry")),
    "524": answer(STATUS, 524, PAGE),
    "404 of a proxy": answer(STATUS, 404, PAGE),
    "404 of something else": answer(STATUS, 404, {"error": {"code": 404, "message": "Not Found"}}),
    "400": said(STATUS, Refusal(400, "invalid_request", "bad")),
    "401": said(STATUS, Refusal(401, "unauthorized", "Invalid API key")),
    "402": said(STATUS, Refusal(402, "insufficient_quota", "no credit")),
    "403": answer(STATUS, 403, PAGE),
    "422": said(STATUS, Refusal(422, "content_policy_violation", "flagged")),
    "429": said(STATUS, Refusal(429, "rate_limit_exceeded", "Slow down", retry_after=30)),
    "moved": answer(STATUS, 302, headers={"Location": "/elsewhere"}),
    "200 that refuses": answer(STATUS, 200, {"success": False, "message": "no"}),
    "HTML": answer(STATUS, 200, PAGE),
    "cut off": answer(STATUS, 200, CUT_OFF),
    "nothing": answer(STATUS, 200, b""),
    "an empty object": answer(STATUS, 200, {}),
    "a list": answer(STATUS, 200, []),
}

# What is still going on, as far as anybody can tell.
GOING_ON: Mapping[str, Any] = {
    "an unknown status": {"id": "task_1", "status": "dreaming"},
    "no status": {"id": "task_1", "progress": 30},
    "a status that is a number": {"id": "task_1", "status": 3},
    "no id": {"status": "in_progress"},
    "another id": {"id": "task_of_somebody_else", "status": "in_progress"},
}

# Answers that go on for ever, the sentence they end in, and how often was asked until then.
FOR_EVER: Sequence[tuple[str, Fault, str, tuple[int, int]]] = (
    ("502", answer(STATUS, 502, PAGE), "gateway.unreachable", (35, 50)),
    ("dropped", fault(STATUS, drop=True), "gateway.unreachable", (70, 100)),  # each twice, by aiohttp itself
    ("never answered", fault(STATUS, silent=True), "gateway.unreachable", (5, 6)),
    ("429", said(STATUS, Refusal(429, "rate_limit_exceeded", "Slow", retry_after=30)), "gateway.busy", (11, 13)),
    ("HTML", answer(STATUS, 200, PAGE), "gateway.not_understood", (35, 50)),
    ("unknown", said(STATUS, _UNKNOWN), "gateway.task_unknown", (12, 20)),
)


def _answers() -> Iterator[Row]:
    for name, trouble in NO_PROOF.items():
        yield row(f"status: {name}", [replace(trouble, times=2)], painted(status=3))
    yield row("status: unknown at first", [said(STATUS, _UNKNOWN, times=2)], painted(status=3))
    late = replace(said(STATUS, _UNKNOWN), nth=20)
    yield row("status: unknown once, late", [late], painted(status=(22, 32)), scripts=[Script(seconds=120)])
    for name, body in GOING_ON.items():
        yield row(f"status: {name}", [answer(STATUS, 200, body, times=2)], painted(status=3))
    for name, trouble, says, times in FOR_EVER:
        expected = lost(says, status=times)
        yield row(f"status: {name} for ever", [replace(trouble, times=0)], expected, settings=_SHORT)


CALLS: Sequence[Row] = (
    *_answers(),
    row(
        "status: 401 for ever",
        [replace(NO_PROOF["401"], times=0)],
        but(lost("gateway.unauthorized", status=(35, 50), balance=1), operator=("operator.unauthorized",)),
        settings=_SHORT,
    ),
    row("status: slow", [fault(STATUS, moment="after", delay=50)], painted()),
    row("status: no connection", [], painted(), outage=Outage(after=SUBMIT, seconds=100)),
    row(
        "status: no connection for ever",
        [],
        lost("gateway.unreachable", status=0),
        outage=Outage(after=SUBMIT, seconds=500),
        settings=_SHORT,
    ),
)


def _told(name: str, expected: Any, **script: Any) -> Row:
    return row(f"task: {name}", [], expected, scripts=[Script(**script)])


def _completed(name: str, expected: Any, data: Any) -> Row:
    return _told(name, expected, members={"result": {"type": "image", "data": data}})


NO_PICTURE = lost("gateway.no_picture")
FAILED = lost("gateway.failed", refunded=True)
FAILED_UNSAID = lost("gateway.failed_unsaid", refunded=True)
FLAGGED = lost("gateway.content_refused", refunded=True)
FOUR = {"order": {"count": 4}}

TASKS: Sequence[Row] = (
    _told(
        "goes backwards", painted(status=6), statuses=("in_progress", "queued", "in_progress", "pending", "submitted")
    ),
    _told("has unknown statuses", painted(status=4), statuses=("dreaming", "", "COMPLETED?")),
    row(
        "task: never ends and is soon given up",
        [],
        lost("job.timed_out", status=(16, 24)),
        scripts=[Script(ending="never")],
        settings=_SHORT,
    ),
    _told("never ends", lost("job.timed_out", status=(85, 110)), ending="never"),
    _told("has no pictures", NO_PICTURE, urls="nowhere"),
    _completed("has an empty list", NO_PICTURE, []),
    _completed("has no list", NO_PICTURE, "soon"),
    _completed("has no addresses", NO_PICTURE, [{"url": None}, {}, None, {"b64_json": "iVBORw0KGgo="}]),
    _completed(
        "has no web addresses", NO_PICTURE, [{"url": "file:///etc/passwd"}, {"url": "//host/1"}, {"url": "x:y"}]
    ),
    _told("has its address on top", painted(), urls="top-level"),
    _told(
        "has surplus members", painted(), members={"cost": 4, "progress": "99%", "expires_at": "soon", "error": None}
    ),
    _told("has an end in milliseconds", painted(), members={"expires_at": 1_700_086_400_000}),
    _told(
        "lacks what it can", painted(), without=("id", "object", "model", "created_at", "completed_at", "expires_at")
    ),
    _told("failed", FAILED, ending="failed"),
    _told("failed without a word", FAILED_UNSAID, ending="failed", error=None),
    _told("failed with words alone", FAILED, ending="failed", error="upstream is busy"),
    _told("failed with a page", FAILED_UNSAID, ending="failed", error={"code": "x", "message": PAGE}),
    _told("failed for its content", FLAGGED, ending="failed", error={"code": "content_policy_violation"}),
    row("task: has more pictures", [], painted(4), scripts=[Script(pictures=6)], order={"count": 4}),
    row(
        "task: has fewer pictures",
        [],
        but(painted(2), says="gateway.fewer_pictures"),
        scripts=[Script(pictures=2)],
        order={"count": 4},
    ),
    row(
        "task: one of two failed",
        [],
        but(
            painted(submit=2, status=2),
            says="gateway.failed",
            tasks=2,
            charges=("accepted", "accepted", "refunded"),
        ),
        scripts=[Script(ending="failed")],
        order={"model": NANO_BANANA_PRO, "count": 2},
    ),
)

STATUSES: Sequence[Row] = (*CALLS, *TASKS)
