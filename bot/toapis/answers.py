"""The gateway's good answers read into values; what cannot be read is None, and never an exception.

Source: ToAPIs' documentation, "Get image task status", "Upload image", "Balance" and "Models".
"""

import math
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from bot.texts import Text
from bot.toapis.envelope import Complaint, as_mapping, read_complaint
from bot.toapis.schema import Balance, RemoteState, TaskStatus, Uploaded

NO_PICTURE = "no_picture"  # our own code for a task that is done and has nothing to show
CONTENT_CODES = ("content_policy_violation",)
_STATES = {
    "queued": RemoteState.QUEUED,
    "pending": RemoteState.QUEUED,
    "submitted": RemoteState.QUEUED,
    "in_progress": RemoteState.RUNNING,
    "completed": RemoteState.COMPLETED,
    "failed": RemoteState.FAILED,
}
_ID_LENGTH = 200
_URL_LENGTH = 8192
_MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138


def read_task(data: object, asked: str) -> TaskStatus | None:
    """A task's status; None unless the answer names a task or a known status.

    Args:
        data: the decoded answer.
        asked: the id to go on asking with if the answer names none.
    """
    fields = as_mapping(data)
    task_id, status = _word(fields.get("id")), _word(fields.get("status")).lower()
    has_error = fields.get("success") is False or bool(fields.get("error"))
    if not (task_id or status in _STATES) or (has_error and not status):
        return None  # an error may carry an id, too
    # A status we do not know is not final: the deadline ends it, not a guess.
    state = _STATES.get(status, RemoteState.RUNNING)
    urls = _result_urls(fields) if state is RemoteState.COMPLETED else ()
    complaint, failure = Complaint(), None
    if state is RemoteState.COMPLETED and not urls:
        state, complaint, failure = RemoteState.FAILED, Complaint(code=NO_PICTURE), Text("gateway.no_picture")
    elif state is RemoteState.FAILED:
        complaint = read_complaint({"error": fields.get("error"), "message": fields.get("message")}, b"")
        failure = _failure(complaint)
    return TaskStatus(
        id=task_id or asked,
        state=state,
        progress=_percent(fields.get("progress")),
        urls=urls,
        expires_at=_moment(fields.get("expires_at")),
        business_id=_word(fields.get("client_business_id")) or None,
        error_code=complaint.code,
        error_message=complaint.reason,
        failure=failure,
        created_at=_moment(fields.get("created_at")),
        completed_at=_moment(fields.get("completed_at")),
    )


def read_upload(data: object) -> Uploaded | None:
    """Where an uploaded picture is; None without a usable URL."""
    fields = as_mapping(_granted(data).get("data"))
    url = _url(fields.get("url"))
    if url is None:
        return None
    size = _number(fields.get("size"))
    return Uploaded(
        url=url,
        id=_word(fields.get("id")) or None,
        content_type=_word(fields.get("mime_type")) or None,
        size=None if size is None else int(size),
    )


def read_balance(data: object) -> Balance | None:
    """What the key may spend; None if the answer does not say. Unlimited is told by a flag or by -1."""
    fields = _granted(data)
    remaining = _number(fields.get("remain_balance"))
    unlimited = fields.get("unlimited_quota") is True or remaining == -1
    if remaining is None and not unlimited:
        return None
    return Balance(
        remaining=None if unlimited else remaining, used=_number(fields.get("used_balance")), unlimited=unlimited
    )


def read_models(data: object) -> tuple[str, ...] | None:
    """The ids of the models that the key may use; None if the answer holds no list."""
    models: object = _granted(data).get("data")
    if not isinstance(models, list):
        return None
    return tuple(
        model_id for model in _items(cast("object", models)) if (model_id := _word(as_mapping(model).get("id")))
    )


def _failure(complaint: Complaint) -> Text:
    if complaint.names(*CONTENT_CODES):
        return Text("gateway.content_refused")
    return Text("gateway.failed", {"reason": complaint.reason}) if complaint.reason else Text("gateway.failed_unsaid")


def _result_urls(fields: Mapping[str, object]) -> tuple[str, ...]:
    pictures = _items(as_mapping(fields.get("result")).get("data"))
    urls = [url for picture in pictures if (url := _url(as_mapping(picture).get("url")))]
    if not urls and (url := _url(fields.get("url"))):
        urls = [url]
    return tuple(dict.fromkeys(urls))


def _granted(data: object) -> Mapping[str, object]:
    """The members of an answer, unless it says itself that it is none."""
    fields = as_mapping(data)
    return {} if fields.get("success") is False else fields


def _items(value: object) -> Sequence[object]:
    return cast("list[object]", value) if isinstance(value, list) else ()


def _word(value: object) -> str:
    """A short printable string, or else ""; ids travel on in URLs, logs and the database."""
    text = value.strip() if isinstance(value, str) else ""
    return text if text.isprintable() and len(text) <= _ID_LENGTH else ""


def _url(value: object) -> str | None:
    if not isinstance(value, str) or not value.isprintable() or len(value) > _URL_LENGTH:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in {"http", "https"} and parts.netloc else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _percent(value: object) -> int | None:
    number = _number(value.rstrip(" %") if isinstance(value, str) else value)
    return None if number is None else int(min(max(number, 0), 100))


def _moment(value: object) -> float | None:
    number = _number(value)
    if number is None or number <= 0:
        return None
    return number / 1000 if number > _MILLISECONDS_FROM else number
