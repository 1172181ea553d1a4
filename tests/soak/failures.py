"""Everything that may go wrong with an exchange, drawn at random."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from typing_extensions import override

from bot.sandbox.faults import Fault, Faults
from bot.sandbox.toapis.envelopes import Envelope, Refusal

Way: TypeAlias = Callable[[random.Random], dict[str, Any]]

_PAGE = "<html><head><title>Bad Gateway</title></head><body>cloudflare</body></html>"


class Failures(Faults):
    """Strikes a share of all exchanges, whichever they are.

    Args:
        share: of all exchanges, 0 to 1; change it at any time.
        seed: of the choice.

    Attributes:
        struck: how many of each service's exchanges were struck, by what.
    """

    def __init__(self, share: float, seed: str) -> None:
        super().__init__()
        self.share = share
        self.struck: Counter[tuple[str, str]] = Counter()
        self.exchanges = 0
        self._random = random.Random(seed)  # noqa: S311 - repeatable, nothing secret

    @override
    def take(self, service: str, method: str, route: str) -> Fault | None:
        """The failure of this exchange, if it is to fail."""
        self.exchanges += 1
        if (planned := super().take(service, method, route)) is not None:
            return planned
        if self._random.random() >= self.share:
            return None
        names, ways = zip(*_WAYS[service].items(), strict=True)
        place = self._random.randrange(len(names))
        self.struck[service, names[place]] += 1
        return Fault(route="*", **ways[place](self._random))


def _acted_or_not(rng: random.Random) -> str:
    return rng.choice(("before", "after"))


def _one_of(statuses: Sequence[int]) -> Way:
    """A server that breaks down: before it acts or after."""
    return lambda rng: {
        "status": rng.choice(statuses),
        "body": rng.choice((_PAGE, b"", {"message": "internal error"})),
        "moment": _acted_or_not(rng),
    }


_ANYWHERE: Mapping[str, Way] = {
    "broken down": _one_of((500, 502, 503, 504)),
    "dropped before": lambda _: {"drop": True, "moment": "before"},
    "dropped after": lambda _: {"drop": True, "moment": "after"},
    "stalled": lambda rng: {"stall_after": rng.randrange(400)},
    "truncated": lambda rng: {"stall_after": rng.randrange(400), "drop": True},
    "slow": lambda rng: {"delay": rng.uniform(0.2, 20), "moment": _acted_or_not(rng)},
}


def _discord_refusal(rng: random.Random) -> dict[str, Any]:
    """A refusal, which Discord words before it acts."""
    status, code, message = rng.choice(
        ((400, 50035, "Invalid Form Body"), (403, 50013, "Missing Permissions"), (404, 10008, "Unknown Message"))
    )
    return {"status": status, "body": {"message": message, "code": code}}


def _discord_limit(rng: random.Random) -> dict[str, Any]:
    """Discord's own 429, or one of the proxy before it, which says no `Via`."""
    after = rng.choice((0.3, 2.0, 15.0))
    body = {"message": "You are being rate limited.", "retry_after": after, "global": rng.random() < 0.2, "code": 0}
    via = {"Via": "1.1 google"} if rng.random() < 0.7 else {}
    return {"status": 429, "body": body, "headers": {**via, "Retry-After": str(round(after) or 1)}}


_GATEWAY_REFUSALS = (
    (400, "invalid_request"),
    (401, "unauthorized"),
    (402, "insufficient_quota"),
    (403, "insufficient_user_quota"),
    (404, "task_not_found"),
    (413, "too_large"),
    (422, "content_policy_violation"),
    (429, "rate_limit_exceeded"),
    (503, "rate_limit_unavailable"),
    (503, "model_not_found"),
)


def _gateway_refusal(rng: random.Random) -> dict[str, Any]:
    """A refusal, in any of the wrappings in which the gateway has been seen to send it."""
    status, code = rng.choice(_GATEWAY_REFUSALS)
    after = rng.choice((None, 1, 5, 30)) if status in (429, 503) else None
    refusal = Refusal(status, code, "Something is wrong", retry_after=after, envelope=rng.choice(list(Envelope)))
    return {"status": status, "headers": refusal.headers, "body": refusal.body()}


_WAYS: Mapping[str, Mapping[str, Way]] = {
    "discord": {**_ANYWHERE, "refused": _discord_refusal, "rate limited": _discord_limit},
    "cdn": {**_ANYWHERE, "gone": lambda _: {"status": 404, "body": b"This content is no longer available."}},
    "toapis": {**_ANYWHERE, "other breakdown": _one_of((520, 524)), "refused": _gateway_refusal},
    "files": {
        **_ANYWHERE,
        "gone": lambda _: {"status": 404, "body": b"Not Found"},
        "a page": lambda _: {"body": "<html><body>Please wait</body></html>"},
    },
}
