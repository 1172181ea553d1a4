"""The gateway's faults as rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from tests.faults.matrix import RESULT, STATUS, SUBMIT, Count, Expected, Row

_SUBMIT = "/images/generations"
_STATUS = "/images/generations/{key}"


def answer(route: str, status: int, body: Any, **how: Any) -> Fault:
    """An answer in place of the gateway's."""
    return Fault(route=route, status=status, body=body, **how)


def painted(**asks: Count) -> Expected:
    """A picture, after all."""
    return Expected(
        state=JobState.DELIVERED,
        pictures=1,
        tasks=1,
        charges=("accepted",),
        asks={SUBMIT: 1, STATUS: 1, RESULT: 1} | named(asks),
    )


def refused(says: str, **asks: Count) -> Expected:
    """A sentence, and nothing was bought."""
    return Expected(state=JobState.FAILED, says=says, asks={SUBMIT: 1} | named(asks))


def named(asks: Mapping[str, Count]) -> dict[str, Count]:
    """By route."""
    return {{"submit": SUBMIT, "status": STATUS, "result": RESULT}[name]: count for name, count in asks.items()}


ROWS: Sequence[Row] = (
    Row(name="nothing", expected=painted()),
    Row(
        name="submit 400",
        faults=[answer(_SUBMIT, 400, {"error": {"code": "invalid_request", "message": "bad"}})],
        expected=refused("gateway.rejected"),
    ),
    Row(
        name="submit 422",
        faults=[answer(_SUBMIT, 422, {"error": {"code": "content_policy_violation", "message": "no"}})],
        expected=refused("gateway.content_refused"),
    ),
    Row(
        name="submit 429",
        faults=[
            answer(_SUBMIT, 429, {"error": {"code": "rate_limit_exceeded"}}, headers={"Retry-After": "7"}, times=3)
        ],
        expected=painted(submit=4),
    ),
    Row(name="submit dropped before", faults=[Fault(route=_SUBMIT, drop=True)], expected=painted(submit=2, status=7)),
    Row(
        name="submit dropped after",
        faults=[Fault(route=_SUBMIT, drop=True, moment="after")],
        expected=painted(status=2),
    ),
    Row(
        name="status 502",
        faults=[answer(_STATUS, 502, "<html>bad gateway</html>", times=3)],
        expected=painted(status=4),
    ),
)
