"""The account behind the key: its balance, and how often it may ask."""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from bot.sandbox.toapis.envelopes import Refusal
from bot.sandbox.toapis.tasks import Task

Category: TypeAlias = Literal["async_submit", "async_query"]


@dataclass(frozen=True)
class Window:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float


RateLimits: TypeAlias = Mapping[Category, Sequence[Window]]

# Source: ToAPIs' documentation on rate limits: per minute, and bursts in 10 seconds.
REAL_LIMITS: RateLimits = {
    "async_submit": (Window(300, 60), Window(50, 10)),
    "async_query": (Window(3000, 60), Window(500, 10)),
}


class Balance:
    """What the account can spend, in the gateway's currency.

    Attributes:
        credit: what was paid in; None is an unlimited quota.
        price: of one picture.
        failing: whether the balance cannot be read.
        refusal: the answer to a submit that cannot be paid.
    """

    def __init__(self, credit: float | None, price: float) -> None:
        self.credit = credit
        self.price = price
        self.failing = False
        self.refusal = Refusal(402, "insufficient_quota", "The balance is not sufficient")
        self._spent = 0.0
        self._failing_tasks: list[Task] = []

    def charge(self, task: Task) -> None:
        """Take the task's cost; it is given back if and when the task fails."""
        self._spent += task.cost
        if task.script.ending == "failed":
            self._failing_tasks.append(task)

    def used(self, now: float) -> float:
        """What is spent, refunds deducted."""
        return self._spent - sum(task.cost for task in self._failing_tasks if now >= task.ends_at)

    def remaining(self, now: float) -> float:
        """What is left; infinite if unlimited."""
        return float("inf") if self.credit is None else self.credit - self.used(now)

    def describe(self, now: float) -> dict[str, Any]:
        """The body of the answer about the balance; the HTTP status is 200 even if it cannot be read."""
        if self.failing:
            return {"success": False, "message": "Failed to query the balance"}
        return {
            "success": True,
            "remain_balance": -1 if self.credit is None else round(self.remaining(now), 6),
            "used_balance": round(self.used(now), 6),
            "unlimited_quota": self.credit is None,
        }


class _Log:
    """The requests admitted within one window."""

    def __init__(self, window: Window, now: Callable[[], float]) -> None:
        self.window = window
        self._now = now
        self._admitted: deque[float] = deque()

    def add(self) -> None:
        self._admitted.append(self._now())

    @property
    def left(self) -> int:
        while self._admitted and self._admitted[0] <= self._now() - self.window.seconds:
            self._admitted.popleft()
        return self.window.count - len(self._admitted)

    @property
    def wait(self) -> float:
        """Seconds until there is room."""
        return 0.0 if self.left > 0 else self._admitted[0] + self.window.seconds - self._now()

    @property
    def empty_at(self) -> float:
        return self._now() if self.left == self.window.count else self._admitted[-1] + self.window.seconds


class RateLimiter:
    """Counts the account's requests by category.

    Args:
        limits: the windows of each category; a category that is not named is not limited.
        now: the time in seconds since the Unix epoch.

    Attributes:
        down: whether the limiter itself is out of order, so that every request it should count is refused.
    """

    def __init__(self, limits: RateLimits, now: Callable[[], float]) -> None:
        self.down = False
        self._now = now
        self._logs: dict[Category, list[_Log]] = {}
        self.set(limits)

    def set(self, limits: RateLimits) -> None:
        """Count by these limits, from zero."""
        self._logs = {category: [_Log(window, self._now) for window in windows] for category, windows in limits.items()}

    def admit(self, category: Category) -> None:
        """Count a request.

        Raises:
            Refusal: it is one too many, or the limiter is down; it was not counted.
        """
        if self.down:
            raise Refusal(503, "rate_limit_unavailable", "The rate limiter is unavailable, please retry")
        logs = self._logs.get(category, [])
        wait = max((log.wait for log in logs), default=0.0)
        if wait > 0:
            raise Refusal(429, "rate_limit_exceeded", "Too many requests, slow down", retry_after=math.ceil(wait))
        for log in logs:
            log.add()

    def headers(self, category: Category) -> dict[str, str]:
        """The headers that tell a caller of the window with the least room; the reset is a Unix time."""
        logs = self._logs.get(category, [])
        if not logs:
            return {}
        tightest = min(logs, key=lambda log: log.left)
        return {
            "X-RateLimit-Limit": str(tightest.window.count),
            "X-RateLimit-Remaining": str(tightest.left),
            "X-RateLimit-Reset": str(math.ceil(tightest.empty_at)),
            "X-RateLimit-Category": category,
        }
