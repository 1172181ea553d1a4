"""Every way in which a call can fail, translated once into our errors, with "may it be repeated" decided here.

The HTTP status decides first; where one status means several things, the gateway's code does. Doubt is settled by what
the call costs: a submit that may have been accepted is ASK_FIRST, any other call may simply be made again.

What a 404 proves: only one that names the task, in the gateway's own shape, in answer to a question about a task, says
that the gateway does not know it. Any other (a proxy's page, a wrong base address, a generic "not found") says nothing
about the task, and a paid submit must not be repeated on it.

What 402 and 403 prove: only the gateway's own shape says that the account is out of balance. A proxy refuses with 403,
too, for reasons of its own, and must not close the till.

Source: ToAPIs' documentation, "Errors" and "Rate limits".
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from bot import errors
from bot.errors import GatewayError, Repeat
from bot.texts import Text
from bot.toapis.answers import CONTENT_CODES
from bot.toapis.catalog import MODELS
from bot.toapis.envelope import Complaint, parse_json, read_complaint

LONGEST_WAIT = 300.0  # seconds; a longer Retry-After is cut to this
_EPOCH_FROM = 1e9  # a reset beyond this is a moment, not a duration

_TASK_CODES = ("task_not_found", "task_not_exist", "task_not_exists")
_TASK_PROSE = re.compile(
    r"\btask\b.{0,120}\b(not (found|exist)|does(n't| not) exist)|\b(no such|unknown) task\b|任务不存在", re.IGNORECASE
)
_QUOTA_CODES = ("insufficient_quota", "insufficient_user_quota", "quota_not_enough")
_BY_STATUS: Mapping[int, type[GatewayError]] = {
    HTTPStatus.UNAUTHORIZED: errors.GatewayUnauthorized,
    HTTPStatus.REQUEST_TIMEOUT: errors.GatewayUnclear,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: errors.RequestRejected,
    HTTPStatus.UNPROCESSABLE_ENTITY: errors.ContentRefused,
    HTTPStatus.TOO_MANY_REQUESTS: errors.GatewayBusy,
}
_BY_CODE: tuple[tuple[type[GatewayError], tuple[str, ...]], ...] = (
    (errors.OutOfBalance, _QUOTA_CODES),
    (errors.ContentRefused, CONTENT_CODES),
    (errors.GatewayUnauthorized, ("unauthorized",)),
    (errors.GatewayBusy, ("rate_limit_exceeded", "rate_limit_unavailable")),
    (errors.ModelUnavailable, ("model_not_found",)),
)


class Call(enum.Enum):
    """What was asked of the gateway."""

    SUBMIT = "submit"  # the paid one
    STATUS = "status"
    UPLOAD = "upload"
    BALANCE = "balance"
    MODELS = "models"

    @property
    def doubt(self) -> Repeat:
        """May the call be made again when nobody knows what became of it?"""
        return Repeat.ASK_FIRST if self is Call.SUBMIT else Repeat.SAFE


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    data: object = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", parse_json(self.body))


def translate_answer(call: Call, answer: Answer, *, now: float, model: str = "") -> GatewayError:
    """The error that an answer is: one with an error status, or a 200 that says otherwise or cannot be read.

    Args:
        call: what was asked.
        answer: what came.
        now: Unix seconds, against which a Retry-After date is reckoned.
        model: the model's name for people, if the call was about one.
    """
    complaint = read_complaint(answer.data, answer.body)
    kind = _kind(call, answer.status, complaint)
    said = complaint.reason or ("in JSON" if answer.data is not None else "without readable words")
    return kind(
        f"{call.value} answered {answer.status} {complaint.code or ''}: {said}",
        text=_text(kind, answer.status, complaint, model),
        status=answer.status,
        code=complaint.code,
        retry_after=retry_after(answer.headers, now),
        repeat=call.doubt if kind is errors.GatewayUnclear else None,
    )


def translate_failure(call: Call, failure: Exception) -> GatewayError:
    """The error that an exception of aiohttp's is: no connection at all, or one that broke off."""
    message = f"{call.value}: {type(failure).__name__}: {failure}"
    before_sending = (
        aiohttp.ClientConnectorError,
        aiohttp.ClientConnectorCertificateError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.InvalidURL,
    )
    if isinstance(failure, before_sending):
        return errors.GatewayUnreachable(message)
    return errors.GatewayUnclear(message, repeat=call.doubt)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date); None if it does not say. At most `LONGEST_WAIT`."""
    value = headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None  # noqa: PLR0124  not a number


def remaining_until(headers: Mapping[str, str], now: float) -> tuple[int, float] | None:
    """How many calls are left until when (Unix seconds), by `X-RateLimit-*`; None if both are not told."""
    try:
        remaining, reset = int(headers["X-RateLimit-Remaining"]), float(headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
    until = reset if reset > _EPOCH_FROM else now + reset
    if remaining < 0 or not now < until <= now + LONGEST_WAIT:
        return None
    return remaining, until


def _kind(call: Call, status: int, complaint: Complaint) -> type[GatewayError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _server_trouble(call, status, complaint)
    forbidden = status in {HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
    if decided := _forbidden(call, status, complaint) if forbidden else _BY_STATUS.get(status):
        return decided
    if status < HTTPStatus.BAD_REQUEST and not complaint.refusal:
        # Whoever redirects a submit has not taken it; anything else here is an answer that cannot be read.
        redirected = status >= HTTPStatus.MULTIPLE_CHOICES and call is not Call.STATUS
        return errors.RequestRejected if redirected else errors.GatewayUnclear
    if call is Call.STATUS and complaint.genuine and _names_unknown_task(complaint):
        return errors.TaskUnknown
    if call is Call.STATUS and status == HTTPStatus.NOT_FOUND:
        return errors.GatewayUnclear
    return _by_code(complaint) or errors.RequestRejected


def _by_code(complaint: Complaint) -> type[GatewayError] | None:
    return next((kind for kind, codes in _BY_CODE if complaint.names(*codes)), None)


def _forbidden(call: Call, status: int, complaint: Complaint) -> type[GatewayError]:
    """402 and 403: about money, if the gateway itself says it of something that has to do with money."""
    if named := _by_code(complaint):
        return named
    if complaint.genuine and (status == HTTPStatus.PAYMENT_REQUIRED or call in {Call.SUBMIT, Call.BALANCE}):
        return errors.OutOfBalance
    return errors.GatewayUnclear if call is Call.STATUS else errors.RequestRejected


def _server_trouble(call: Call, status: int, complaint: Complaint) -> type[GatewayError]:
    """5xx: only the two codes that the gateway documents for 503, in its own shape, say that nothing was accepted."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        if complaint.names("rate_limit_unavailable"):
            return errors.GatewayBusy
        if call is Call.SUBMIT and complaint.names("model_not_found"):
            return errors.ModelUnavailable
    return errors.GatewayUnclear


def _names_unknown_task(complaint: Complaint) -> bool:
    return complaint.names(*_TASK_CODES) or any(_TASK_PROSE.search(word) for word in complaint.words)


def _text(kind: type[GatewayError], status: int, complaint: Complaint, model: str) -> Text | None:
    """Words for the user where the class's own do not do."""
    if kind is errors.RequestRejected:
        return _rejection(status, complaint.reason)
    if kind is errors.ModelUnavailable and model:
        return _unavailable(model)
    if kind is errors.GatewayUnclear and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Text("gateway.not_understood")
    return None


def _unavailable(model: str) -> Text:
    names = [each.name for each in MODELS]
    if model not in names:
        return Text("gateway.model_unavailable", {"model": model})
    others = ", ".join(name for name in names if name != model)
    return Text("gateway.model_unavailable_others", {"model": model, "others": others})


def _rejection(status: int, reason: str | None) -> Text:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Text("gateway.too_large")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Text("gateway.moved")
    return Text("gateway.rejected", {"reason": reason}) if reason else Text("gateway.rejected_unsaid")
