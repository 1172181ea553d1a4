"""Discord's REST faults as rows: each call in a request's life, each answer that may come in the right one's place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from tests.faults.matrix import Count, Expected

ROUTES = {
    "acknowledge": "POST /interactions/{interaction_id}/{interaction_token}/callback",
    "look": "GET /webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "edit": "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "tidy": "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original",
    "follow_up": "POST /webhooks/{webhook_id}/{webhook_token}",
    "post": "POST /channels/{channel_id}/messages",
    "history": "GET /channels/{channel_id}/messages",
    "fetch": "GET /channels/{channel_id}/messages/{message_id}",
    "change": "PATCH /channels/{channel_id}/messages/{message_id}",
    "remove": "DELETE /channels/{channel_id}/messages/{message_id}",
    "open_direct": "POST /users/@me/channels",
    "sync": "PUT /applications/{application_id}/commands",
}
"""Every call that the bot makes, by a short name."""

_VIA = {"Via": "1.1 google"}  # without it, clients take a 429 for one of Cloudflare's
_PAGE = "<html>a proxy's page</html>"
_NEVER = 400.0  # seconds; clients wait for 300


def _limited(seconds: float, headers: Mapping[str, str], **more: Any) -> dict[str, Any]:
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False, **more}
    return {"status": 429, "headers": {**headers, "Retry-After": f"{seconds:.0f}"}, "body": body}


def _refused(status: int, code: int, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"code": code, "message": message}}


FAULTS: Mapping[str, Mapping[str, Any]] = {
    "429": _limited(4, _VIA),
    "429 global": _limited(4, {**_VIA, "X-RateLimit-Global": "true"}, **{"global": True}),
    "429 for half an hour": _limited(1800, _VIA),
    "429 without Via": _limited(4, {}),
    "429 of Cloudflare": {"status": 429, "headers": {"Retry-After": "4"}, "body": _PAGE},
    "429 as a page": {"status": 429, "headers": {**_VIA, "Retry-After": "4"}, "body": _PAGE},
    "500": {"status": 500, "body": _PAGE},
    "502": {"status": 502, "body": _PAGE},
    "502 after acting": {"status": 502, "body": _PAGE, "moment": "after"},
    "503": {"status": 503, "body": _PAGE},
    "504": {"status": 504, "body": _PAGE},
    "dropped": {"drop": True},
    "dropped after acting": {"drop": True, "moment": "after"},
    "slow": {"delay": 100.0},
    "slow after acting": {"delay": 100.0, "moment": "after"},
    "silent": {"delay": _NEVER, "drop": True},
    "silent after acting": {"delay": _NEVER, "moment": "after"},
    "401": _refused(401, 0, "401: Unauthorized"),
    "50027 token": _refused(401, 50027, "Invalid Webhook Token"),
    "50001 access": _refused(403, 50001, "Missing Access"),
    "50013 permissions": _refused(403, 50013, "Missing Permissions"),
    "50007 direct messages": _refused(403, 50007, "Cannot send messages to this user"),
    "10003 channel": _refused(404, 10003, "Unknown Channel"),
    "10008 message": _refused(404, 10008, "Unknown Message"),
    "10015 webhook": _refused(404, 10015, "Unknown Webhook"),
    "10062 interaction": _refused(404, 10062, "Unknown interaction"),
    "40060 acknowledged": _refused(400, 40060, "Interaction has already been acknowledged."),
    "413": {"status": 413, "body": _PAGE},
    "40005 too large": _refused(413, 40005, "Request entity too large"),
    "page": {"status": 200, "body": _PAGE},
    "page after acting": {"status": 200, "body": _PAGE, "moment": "after"},
}
"""What comes in the right answer's place, as `Fault` takes it."""


class Story(Enum):
    """What the person does."""

    COMMAND = "a command"
    LONG = "a command whose picture takes a while"
    PRIVATE = "a private command"
    FAILING = "a command that the gateway fails"
    WORDS = "a request in words"
    WORDS_LONG = "a request in words whose picture takes a while"
    WORDS_FAILING = "a request in words that the gateway fails"


@dataclass(frozen=True, kw_only=True)
class DiscordRow:
    """One way to fail.

    Attributes:
        call: the name of the call that suffers.
        fault: the name of what comes.
        story: what the person does.
        before: what else goes wrong, so that it comes to this call: names of calls with those of their faults.
        times: how often the fault strikes; 0: always.
        expected: what must come of it; `asks` go by the calls' names, and `edit` and `change` may be asked once anyway.
        shown: on which way the outcome is shown; None: nowhere.
        left: messages beside the outcome that stay, because nothing leads to them any more.
        seconds: from … to …, how long it takes to the outcome.
    """

    call: str
    fault: str
    story: Story
    before: Sequence[tuple[str, str]] = ()
    times: int = 1
    expected: Expected
    shown: Route | None
    left: int = 0
    seconds: tuple[float, float] = (0.0, 30.0)

    @property
    def name(self) -> str:
        """For people."""
        often = "" if self.times == 1 else " always" if self.times == 0 else f" {self.times} times"
        return f"{self.story.value}: {self.call} {self.fault}{often}"

    @property
    def faults(self) -> list[Fault]:
        """What goes wrong on the wire."""
        before = [_fault(call, fault, 0 if call != "post" else 1) for call, fault in self.before]
        return [*before, _fault(self.call, self.fault, self.times)]


def _fault(call: str, fault: str, times: int) -> Fault:
    method, _, route = ROUTES[call].partition(" ")
    return Fault(route=route, method=method, service="discord", times=times, **FAULTS[fault])


def rows(
    call: str, faults: str, story: Story, expected: Expected, shown: Route | None, **more: Any
) -> list[DiscordRow]:
    """A row for each of the faults, whose names stand between bars."""
    names = [name.strip() for name in faults.split("|")]
    return [DiscordRow(call=call, fault=name, story=story, expected=expected, shown=shown, **more) for name in names]


def painted(**asks: Count) -> Expected:
    """The picture, charged once."""
    return Expected(state=JobState.DELIVERED, pictures=1, tasks=1, charges=("accepted",), asks=asks)


def failed(**asks: Count) -> Expected:
    """The gateway's failure in a sentence, and nothing charged."""
    return Expected(state=JobState.FAILED, says="gateway.failed", tasks=1, charges=("accepted", "refunded"), asks=asks)


def unseen(**asks: Count) -> Expected:
    """Nothing that anybody can be sure to see, and given back."""
    return Expected(
        state=JobState.UNDELIVERABLE,
        used=0,
        tasks=1,
        charges=("accepted",),
        asks=asks,
        logged=("the outcome could not be shown on any way",),
    )


REPEATED = "429 | 429 global | 500 | 502 | 503 | 504"
"""What discord.py itself repeats, on an interaction's routes."""
LOST = "dropped after acting | page after acting"
"""Discord has acted, and nobody was told."""
NOTHING_DONE = "429 without Via | 429 of Cloudflare | 429 as a page | dropped | page"
"""What is not repeated by discord.py, and may be by us."""
FORBIDDEN = (
    "401 | 50027 token | 50001 access | 50013 permissions | 10003 channel | 10008 message | 10015 webhook"
    " | 40060 acknowledged | 413 | 40005 too large"
)
"""What would come of the same again, too."""
