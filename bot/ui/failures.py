"""What discord.py and aiohttp raise while something is sent, translated once into our own errors.

Sources: Discord's API documentation, "Opcodes and Status Codes"; discord.py 2.7.1, `http.py` and `webhook/async_.py`:
500, 502, 504 and 524 are repeated up to five times before they are raised; 429 is raised only if it does not come from
Discord itself or does not end; a dropped connection is raised at once on Linux, whether or not Discord acted. An answer
that is no JSON, such as a proxy's page, is taken for text, which breaks whatever reads it, or for a refusal by Discord:
`only_json` raises it before.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp
import discord
from discord.http import Route

from bot.errors import DeliveryBlocked, DeliveryError, DeliveryInterrupted, DeliveryTooLarge

# "Request entity too large"; Discord's limits per file and per request are not always those it states.
REQUEST_TOO_LARGE = 40005
# "Unknown interaction": it was not acknowledged within 3 seconds, or 15 minutes are over.
UNKNOWN_INTERACTION = 10062
# "Interaction has already been acknowledged": by an earlier call, whose answer may have been lost.
ALREADY_ACKNOWLEDGED = 40060
# "Unknown webhook": no interaction's token that can be used, or not acknowledged yet.
UNKNOWN_WEBHOOK = 10015

# "Cannot reply without permission to read message history".
REPLY_NEEDS_HISTORY = 160002

_LONGEST_PAUSE = 3600.0  # seconds; who asks for more is asked again after these

CONNECTION_ERRORS = (aiohttp.ClientError, OSError)  # a time-out is an OSError
CALL_ERRORS = (discord.HTTPException, discord.RateLimited, *CONNECTION_ERRORS)
"""All that a call to Discord raises when the fault is not ours."""


@contextmanager
def translated() -> Generator[None]:
    """Raise what goes wrong inside as a `DeliveryError`."""
    try:
        yield
    except discord.HTTPException as error:
        raise _meaning(error) from error
    except (discord.RateLimited, *CONNECTION_ERRORS) as error:
        raise DeliveryInterrupted(f"{type(error).__name__}: {error}", retry_after=told_to_wait(error)) from error


def _meaning(error: discord.HTTPException) -> DeliveryError:
    words = f"{error.status} {error.code}: {error.text}"
    if error.status == 413 or error.code == REQUEST_TOO_LARGE:
        return DeliveryTooLarge(words)
    if error.status in {408, 429} or error.status >= 500:
        return DeliveryInterrupted(words, retry_after=told_to_wait(error))
    # No permission, no such channel or message, token over, direct messages closed, or something else that the same
    # call would meet again.
    return DeliveryBlocked(words)


def told_to_wait(error: Exception) -> float:
    """Seconds for which we are asked to leave Discord alone: who does not may be shut out for longer."""
    return min(_pause(error), _LONGEST_PAUSE)


def _pause(error: Exception) -> float:
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if isinstance(error, discord.HTTPException):
        headers: Mapping[str, str] | None = error.response.headers
    else:
        headers = error.headers if isinstance(error, aiohttp.ClientResponseError) else None
    told = (headers or {}).get("Retry-After", "")
    return float(told) if told.isdecimal() else 0.0  # a proxy may name a date, which a wrong clock would misread


def token_is_over(error: discord.HTTPException) -> bool:
    """Whether an interaction's token was refused, rather than what was to be done with it."""
    return error.status == 401 or error.code in {UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION}


def only_json() -> aiohttp.TraceConfig:
    """For a client's `http_trace`: what should be an answer of Discord's API in JSON, and is none, is raised.

    What is raised is one of `CONNECTION_ERRORS`, since it says nothing of what was asked for: a proxy that refuses
    everybody for a minute would otherwise close every way. That something is too large is believed of anybody.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_require_json)
    return trace


async def _require_json(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
) -> None:
    answer = ended.response
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        read_as_json = "Via" in answer.headers
    else:
        refused = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
        read_as_json = answer.status == HTTPStatus.OK or (
            refused and answer.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    kind = answer.headers.get("Content-Type")
    # discord.py knows no other spelling, such as one with a charset.
    if read_as_json and kind != "application/json" and str(ended.url).startswith(Route.BASE):
        raise aiohttp.ContentTypeError(
            answer.request_info,
            answer.history,
            status=answer.status,
            message=f"JSON was expected and {kind or 'nothing'} came",
            headers=answer.headers,
        )
