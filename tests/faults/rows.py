"""The words that rows about the gateway and about downloads are written in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis.envelopes import Envelope, Refusal
from tests.faults.matrix import BALANCE, CDN, RESULT, STATUS, SUBMIT, UPLOAD, Count, Expected, Row

PAGE = "<html><head><title>Please wait</title></head><body>origin is slow</body></html>"
CUT_OFF = b'{"id": "task_img_'
UNKNOWN = Refusal(404, "task_not_found", "The task does not exist")
BUSY = Refusal(429, "rate_limit_exceeded", "Too many requests, slow down")
NO_CREDIT = Refusal(402, "insufficient_quota", "The balance is not sufficient")

_ROUTES = {"upload": UPLOAD, "submit": SUBMIT, "status": STATUS, "balance": BALANCE, "result": RESULT, "cdn": CDN}


def row(name: str, faults: Sequence[Fault], expected: Expected, **more: Any) -> Row:
    """A row with the two that every row has."""
    return Row(name=name, faults=faults, expected=expected, **more)


def fault(on: str, **how: Any) -> Fault:
    """Something goes wrong with an answer on a route: `fault(SUBMIT, drop=True)`."""
    method, _, route = on.partition(" ")
    return Fault(method=method, route=route, **how)


def answer(on: str, status: int, body: Any = None, **how: Any) -> Fault:
    """Another answer than the right one: a dict or list as JSON, a str as HTML, bytes as they are."""
    return fault(on, status=status, body=body, **how)


def said(on: str, refusal: Refusal, envelope: Envelope = Envelope.ERROR, **how: Any) -> Fault:
    """A refusal of the gateway's, wrapped so."""
    headers = dict(refusal.headers)
    if envelope is Envelope.TEXT:
        headers["Content-Type"] = "text/plain"
    return answer(on, refusal.status, refusal.body(envelope), headers=headers, **how)


def painted(count: int = 1, **asks: Count) -> Expected:
    """Pictures, after all, made by one task and paid for once."""
    usual = {SUBMIT: 1, STATUS: 1, RESULT: count}
    return Expected(state=JobState.DELIVERED, pictures=count, tasks=1, charges=("accepted",), asks=usual | _named(asks))


def refused(says: str, *operator: str, **asks: Count) -> Expected:
    """A sentence; nothing was bought."""
    return Expected(state=JobState.FAILED, says=says, operator=operator, asks={SUBMIT: 1} | _named(asks))


def lost(says: str, *, refunded: bool = False, **asks: Count) -> Expected:
    """A sentence; the gateway had the task and charges for it, unless it has failed there."""
    charges = ("accepted", "refunded") if refunded else ("accepted",)
    asked = {SUBMIT: 1, STATUS: 1} | _named(asks)
    return Expected(state=JobState.FAILED, says=says, tasks=1, charges=charges, asks=asked)


def unclear(tasks: int = 0, **asks: Count) -> Expected:
    """Nobody can tell whether the gateway took the task: given back, and told to the operator."""
    return Expected(
        state=JobState.FAILED,
        says="job.unclear",
        tasks=tasks,
        charges=("unclear",),
        operator=("operator.unclear",),
        asks=_named(asks),
    )


def but(expected: Expected, **changes: Any) -> Expected:
    """The same with some differences."""
    return replace(expected, **changes)


def _named(asks: Mapping[str, Count]) -> dict[str, Count]:
    return {_ROUTES[name]: count for name, count in asks.items()}
