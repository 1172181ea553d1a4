"""What can go wrong with the question that opens the till again, after a submit was refused for want of credit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.sandbox.faults import Fault
from bot.sandbox.toapis.envelopes import Refusal
from tests.faults.matrix import BALANCE, SUBMIT, Outage, Row
from tests.faults.rows import CUT_OFF, PAGE, answer, fault, refused, row, said

_NO_CREDIT = said(SUBMIT, Refusal(402, "insufficient_quota", "The balance is not sufficient"))
_RICH = {"success": True, "remain_balance": 10.5, "used_balance": 2.3, "unlimited_quota": False}

# Answers that do not open it.
CLOSED: Mapping[str, Fault] = {
    "empty": answer(BALANCE, 200, _RICH | {"remain_balance": 0}),
    "overdrawn": answer(BALANCE, 200, _RICH | {"remain_balance": -0.4}),
    "without a number": answer(BALANCE, 200, _RICH | {"remain_balance": "plenty"}),
    "without a balance": answer(BALANCE, 200, {"success": True}),
    "failing": answer(BALANCE, 200, {"success": False, "message": "Failed to query the balance"}),
    "failing, with a number": answer(BALANCE, 200, _RICH | {"success": False}),
    "400": said(BALANCE, Refusal(400, "invalid_request", "bad")),
    "401": said(BALANCE, Refusal(401, "unauthorized", "Invalid API key")),
    "403": said(BALANCE, Refusal(403, "insufficient_user_quota", "No credit")),
    "404": answer(BALANCE, 404, PAGE),
    "429": said(BALANCE, Refusal(429, "rate_limit_exceeded", "Slow down", retry_after=100)),
    "500": said(BALANCE, Refusal(500, "internal_error", "sorry")),
    "502": answer(BALANCE, 502, PAGE),
    "moved": answer(BALANCE, 302, headers={"Location": "/elsewhere"}),
    "never answered": fault(BALANCE, silent=True),
    "dropped": fault(BALANCE, drop=True),
    "HTML": answer(BALANCE, 200, PAGE),
    "cut off": answer(BALANCE, 200, CUT_OFF),
    "a list": answer(BALANCE, 200, []),
}
# Answers that do.
OPEN: Mapping[str, Any] = {
    "unlimited": _RICH | {"remain_balance": 0, "unlimited_quota": True},
    "unlimited as -1": {"remain_balance": -1},
    "a number as text": {"remain_balance": "10.5"},
    "surplus members": _RICH | {"currency": "USD", "groups": [1]},
}


def _rows() -> Iterator[Row]:
    for name, trouble in CLOSED.items():
        yield row(f"balance: {name}", [_NO_CREDIT, replace(trouble, times=3)], _broke(4))
    for name, body in OPEN.items():
        yield row(f"balance: {name}", [_NO_CREDIT, answer(BALANCE, 200, body)], _broke(1))
    yield row("balance: slow", [_NO_CREDIT, fault(BALANCE, moment="after", delay=50)], _broke(1))
    yield row("balance: no connection", [_NO_CREDIT], _broke(1), outage=Outage(after=SUBMIT, seconds=100))


def _broke(balance: int) -> Any:
    return refused("gateway.out_of_balance", "operator.out_of_balance", balance=balance)


BALANCES: Sequence[Row] = tuple(_rows())
