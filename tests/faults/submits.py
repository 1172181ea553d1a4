"""What can go wrong with a submit, the one call that costs money."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from bot.sandbox.toapis.envelopes import Envelope, Refusal
from tests.faults.matrix import SUBMIT, Expected, Outage, Row
from tests.faults.rows import (
    BUSY,
    CUT_OFF,
    PAGE,
    answer,
    but,
    fault,
    lost,
    painted,
    refused,
    row,
    said,
    unclear,
)
from tests.faults.statuses import NO_PROOF
from tests.orders import NANO_BANANA_PRO

CODED = (Envelope.ERROR, Envelope.NUMBERED, Envelope.MESSAGE, Envelope.NESTED)
OTHERS = (Envelope.SUCCESS_FALSE, Envelope.TEXT, Envelope.HTML)  # a sentence without a code; words of a proxy

REJECTED = refused("gateway.rejected")
UNSAID = refused("gateway.rejected_unsaid")
UNAUTHORIZED = refused("gateway.unauthorized", "operator.unauthorized", balance=1)
BROKE = refused("gateway.out_of_balance", "operator.out_of_balance", balance=1)
FORBIDDEN = refused("gateway.content_refused")
NO_CHANNEL = refused("gateway.model_unavailable_others")
TOO_LARGE = refused("gateway.too_large")
FAILED_AT_ONCE = lost("gateway.failed", refunded=True, status=0)
WAITED_FOR = painted(submit=3)  # refused twice
ASKED_FOR = painted(submit=2, status=7)  # nobody knew of it, so it was submitted again

# The contract's table of errors: what is answered, and what comes of it in each wrapping.
TABLE: Sequence[tuple[Refusal, Expected, Expected, Expected, Expected]] = (
    #                                                        coded         worded        text          HTML
    (Refusal(400, "invalid_request", "The size is wrong"), REJECTED, REJECTED, REJECTED, UNSAID),
    (Refusal(401, "unauthorized", "Invalid API key"), UNAUTHORIZED, UNAUTHORIZED, UNAUTHORIZED, UNAUTHORIZED),
    (Refusal(402, "insufficient_quota", "No credit left"), BROKE, BROKE, REJECTED, UNSAID),
    (Refusal(403, "insufficient_user_quota", "No credit left"), BROKE, BROKE, REJECTED, UNSAID),
    (Refusal(403, "quota_not_enough", "No credit left"), BROKE, BROKE, REJECTED, UNSAID),
    (Refusal(404, "task_not_exist", "No such task"), REJECTED, REJECTED, REJECTED, UNSAID),
    (Refusal(413, "too_large", "Too large"), TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE),
    (Refusal(422, "content_policy_violation", "It was flagged"), FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN),
    (Refusal(429, "rate_limit_exceeded", "Slow down", 7), WAITED_FOR, WAITED_FOR, WAITED_FOR, WAITED_FOR),
    (Refusal(500, "internal_error", "Sorry"), ASKED_FOR, ASKED_FOR, ASKED_FOR, ASKED_FOR),
    (Refusal(503, "rate_limit_unavailable", "Sorry"), WAITED_FOR, ASKED_FOR, ASKED_FOR, ASKED_FOR),
    (Refusal(503, "model_not_found", "No channel"), NO_CHANNEL, ASKED_FOR, ASKED_FOR, ASKED_FOR),
)


def _table() -> Iterator[Row]:
    for refusal, *expected in TABLE:
        codes = CODED if expected[0] != expected[1] else CODED[:1]  # the others where the code decides
        columns = dict(zip((*codes, *OTHERS), (*expected[:1] * len(codes), *expected[1:]), strict=True))
        for envelope, outcome in columns.items():
            name = f"submit: {refusal.status} {refusal.code}, {envelope.value}"
            yield row(name, [said(SUBMIT, refusal, envelope, times=2 if outcome is WAITED_FOR else 1)], outcome)


_UNTIL_A_DATE = {"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}  # half a minute after the clocks of tests begin
_LONG = Refusal(429, "rate_limit_exceeded", "Slow down", retry_after=120)

OTHERWISE: Sequence[Row] = (
    row("submit: nothing goes wrong", [], painted()),
    row("submit: moved", [answer(SUBMIT, 301, headers={"Location": "/v1/there"})], refused("gateway.moved")),
    row("submit: 200 that refuses", [answer(SUBMIT, 200, {"success": False, "message": "no"})], REJECTED),
    row("submit: 200 that speaks of money", [answer(SUBMIT, 200, {"error": {"code": "quota_not_enough"}})], BROKE),
    row("submit: busy, without a time", [said(SUBMIT, BUSY, times=8)], painted(submit=9)),
    row("submit: busy until a date", [answer(SUBMIT, 429, PAGE, headers=_UNTIL_A_DATE)], painted(submit=2)),
    row("submit: busy for ever", [said(SUBMIT, BUSY, times=0)], refused("gateway.busy", submit=(28, 36))),
    row("submit: busy for ever, with a time", [said(SUBMIT, _LONG, times=0)], refused("gateway.busy", submit=(6, 8))),
    row("submit: refused connection", [], painted(), outage=Outage(seconds=10)),
    row(
        "submit: no connection for ever",
        [],
        refused("gateway.unreachable", submit=0),
        outage=Outage(seconds=100),
        settings={"job_timeout_seconds": 90},
    ),
    row("submit: slow", [fault(SUBMIT, moment="after", delay=50)], painted()),
    row("submit: done at once", [], painted(status=0), scripts=[Script(seconds=0)]),
    row("submit: failed at once", [], FAILED_AT_ONCE, scripts=[Script(seconds=0, ending="failed")]),
)

# Answers that leave open whether the gateway took the task.
AMBIGUOUS: Mapping[str, Fault] = {
    "dropped": fault(SUBMIT, drop=True),
    "never answered": fault(SUBMIT, silent=True),
    "500": said(SUBMIT, Refusal(500, "internal_error", "sorry")),
    "502": answer(SUBMIT, 502, PAGE),
    "503 of a proxy": answer(SUBMIT, 503, PAGE),
    "504": answer(SUBMIT, 504, PAGE),
    "520": answer(SUBMIT, 520, PAGE),
    "524": answer(SUBMIT, 524, PAGE),
    "408": answer(SUBMIT, 408, PAGE),
    "cut off": answer(SUBMIT, 200, CUT_OFF),
    "HTML": answer(SUBMIT, 200, PAGE),
    "nothing": answer(SUBMIT, 200, b""),
    "an empty object": answer(SUBMIT, 200, {}),
    "a list": answer(SUBMIT, 200, []),
}


def _ambiguous() -> Iterator[Row]:
    for name, trouble in AMBIGUOUS.items():
        yield row(f"submit: {name}, not accepted", [trouble], ASKED_FOR)
        found = painted(status=1 if trouble.silent else 2)  # the time-out takes longer than the picture
        yield row(f"submit: {name}, accepted", [replace(trouble, moment="after")], found)


DROPPED = fault(SUBMIT, drop=True)
ACCEPTED = fault(SUBMIT, drop=True, moment="after")


def _looked_for() -> Iterator[Row]:
    for name, trouble in NO_PROOF.items():
        again = 1 if trouble.drop else 0  # what aiohttp asks once more by itself, on a new connection
        faults = [DROPPED, replace(trouble, nth=3, times=1 + again)]
        yield row(f"look-up: {name}, not accepted", faults, unclear(submit=1, status=6 + again))
    for name in ("dropped", "500", "404 of a proxy"):
        faults = [ACCEPTED, replace(NO_PROOF[name], times=4)]
        yield row(f"look-up: {name}, accepted", faults, painted(status=5))


LOOKED_FOR: Sequence[Row] = (
    row("look-up: unknown twice", [fault(SUBMIT, drop=True, times=2)], unclear(submit=2, status=12)),
    row(
        "look-up: unknown, and accepted the second time",
        [DROPPED, replace(ACCEPTED, nth=2)],
        painted(submit=2, status=8),
    ),
    row("look-up: unknown at first", [ACCEPTED], painted(status=5), scripts=[Script(hidden_for=25)]),
    row("look-up: accepted after the time-out", [fault(SUBMIT, delay=90)], painted(status=5)),
    row("look-up: no ruling", [DROPPED], unclear(submit=1, status=6), settings={"resubmit_after_404": False}),
    row(
        "look-up: no ruling, and accepted late",
        [ACCEPTED],
        unclear(tasks=1, submit=1, status=6),
        scripts=[Script(hidden_for=100)],
        settings={"resubmit_after_404": False},
    ),
    row(
        "look-up: the price of the ruling: accepted, and unknown for longer than anybody asks",
        [ACCEPTED],
        but(painted(submit=2, status=7), tasks=2, twice=True),
        scripts=[Script(hidden_for=100)],
    ),
    row(
        "look-up: too late to submit again",
        [DROPPED],
        refused("gateway.busy", submit=1, status=6),
        settings={"job_timeout_seconds": 30},
    ),
    row(
        "look-up: one of three",
        [fault(SUBMIT, drop=True, nth=3, times=2)],
        but(
            unclear(submit=4, status=14, result=2),
            state=JobState.DELIVERED,
            pictures=2,
            tasks=2,
            charges=("accepted", "accepted", "unclear"),
        ),
        order={"model": NANO_BANANA_PRO, "count": 3},
    ),
)

SUBMITS: Sequence[Row] = (*OTHERWISE, *_table(), *_ambiguous(), *_looked_for(), *LOOKED_FOR)
