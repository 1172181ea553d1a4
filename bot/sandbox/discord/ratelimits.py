"""Rate limits: buckets of a route and its channel, server or token, and the bot's global limit.

Source: Discord's API documentation, "Rate Limits". Discord does not publish the limits of its routes: those of
`like_discord` are estimates, but for five messages in five seconds and fifty requests a second in all.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox.discord.answers import json_answer

BUCKET_HEADERS = web.RequestKey("bucket_headers", dict[str, str])  # for every answer of a limited route
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id", "webhook_token")


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: float


@dataclass
class _Window:
    opened_at: float
    used: int = 0


@dataclass(kw_only=True)
class RateLimits:
    """The limits in force, and how much of them is used. They may be changed at any time.

    Attributes:
        routes: limits by method and route template, such as ("POST", "/channels/{channel_id}/messages").
        otherwise: the limit of every other route.
        everywhere: the bot's global limit.
    """

    routes: dict[tuple[str, str], Limit] = field(default_factory=dict[tuple[str, str], Limit])
    otherwise: Limit = Limit(200, 1.0)
    everywhere: Limit = Limit(1000, 1.0)
    _windows: dict[str, _Window] = field(default_factory=dict[str, _Window], init=False, repr=False)

    @classmethod
    def like_discord(cls) -> "RateLimits":
        """Limits as tight as Discord's."""
        return cls(
            routes={
                ("POST", "/channels/{channel_id}/messages"): Limit(5, 5.0),
                ("PATCH", "/channels/{channel_id}/messages/{message_id}"): Limit(5, 5.0),
                ("DELETE", "/channels/{channel_id}/messages/{message_id}"): Limit(5, 1.0),
                ("POST", "/channels/{channel_id}/typing"): Limit(5, 5.0),
                ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Limit(5, 2.0),
                ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"): Limit(5, 2.0),
            },
            otherwise=Limit(10, 1.0),
            everywhere=Limit(50, 1.0),
        )

    def take(self, key: str, limit: Limit, now: float) -> tuple[int, float]:
        """Use one request of a window that opens with its first.

        Returns:
            How many are left, negative if this one is too many, and the seconds until the window closes.
        """
        window = self._windows.get(key)
        if window is None or now >= window.opened_at + limit.seconds:
            window = self._windows[key] = _Window(now)
        left = limit.requests - window.used - 1
        if left >= 0:
            window.used += 1
        # Rounded up, so that whoever waits as long as told is not a moment early.
        return left, math.ceil((window.opened_at + limit.seconds - now) * 1000) / 1000


class Limiter:
    """Applies the limits to requests.

    The callback of an interaction is not limited and carries no headers; routes with an interaction's token do not
    count towards the global limit.
    """

    def __init__(self, limits: RateLimits, now: Callable[[], float] = time.time) -> None:
        self.limits = limits
        self._now = now

    def refuse(self, request: web.Request, route: str) -> web.Response | None:
        """429 if the request is one too many, else None; the bucket's headers are left with the request."""
        now = self._now()
        if "Authorization" in request.headers:
            left, reset_after = self.limits.take("everywhere", self.limits.everywhere, now)
            if left < 0:
                return _too_many(reset_after, {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"})
        limit = self.limits.routes.get((request.method, route), self.limits.otherwise)
        bucket = hashlib.sha256(f"{request.method} {route}".encode()).hexdigest()[:32]
        major = "/".join(request.match_info.get(name, "") for name in MAJOR_PARAMETERS)
        left, reset_after = self.limits.take(f"{bucket}:{major}", limit, now)
        request[BUCKET_HEADERS] = headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": f"{now + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
        return _too_many(reset_after, {**headers, "X-RateLimit-Scope": "user"}) if left < 0 else None


def _too_many(reset_after: float, headers: dict[str, str]) -> web.Response:
    payload = {
        "message": "You are being rate limited.",
        "retry_after": reset_after,
        "global": "X-RateLimit-Global" in headers,
        "code": 0,
    }
    answer = json_answer(payload, status=429)
    # Clients take a 429 without `Via` for one of Cloudflare's, which lasts for hours.
    answer.headers.update({"Via": "1.1 google", "Retry-After": str(math.ceil(reset_after)), **headers})
    return answer
