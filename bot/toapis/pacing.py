"""Keeping under the account's rate limits by ourselves, so that the gateway need not refuse anything.

Source: ToAPIs' documentation, "Rate limits": 300 submits and 3,000 queries a minute, of which 50 and 500 within 10 s;
`X-RateLimit-Remaining` and `-Reset` say what is left when others use the same account.
"""

import asyncio
import bisect
import itertools
from collections import deque
from dataclasses import dataclass

from bot.clock import Clock

MARGIN = 0.5  # seconds added to each window, since calls do not arrive in the rhythm in which they are sent
_BURSTS_PER_MINUTE = 6  # both limits allow a sixth of a minute's calls within 10 s
_SAME = 1.0  # seconds by which two tellings of one moment may differ, since some are told in whole seconds


@dataclass(frozen=True)
class Window:
    """At most `calls` within any `seconds`."""

    calls: int
    seconds: float


def windows(per_minute: int) -> tuple[Window, Window]:
    """The gateway's two windows for a limit per minute."""
    return Window(per_minute, 60.0), Window(max(1, per_minute // _BURSTS_PER_MINUTE), 10.0)


class Pacer:
    """Lets callers through one after the other, in the order in which they came, within every window."""

    def __init__(self, clock: Clock, limits: tuple[Window, ...]) -> None:
        self._clock = clock
        self._limits = limits
        self._passed: deque[float] = deque(maxlen=max(window.calls for window in limits))
        self._count = 0
        self._paused_until = 0.0
        self._left = 0  # calls that the gateway has left us until `_left_until`
        self._left_until = 0.0
        self._queue = asyncio.Lock()  # fair: whoever waits longest is next
        self._places = itertools.count()
        self._line: list[int] = []  # the places of those who wait, in order

    @property
    def paused(self) -> bool:
        """Whether nobody is let through because the gateway asked for a pause."""
        return self._paused_until > self._clock.now()

    async def turn(self, turn: "Turn | None" = None) -> int:
        """Wait until one more call is allowed. A cancelled caller uses nothing up.

        Args:
            turn: what tells others meanwhile how long the line is.

        Returns:
            The call's number, for `adjust`.
        """
        place = next(self._places)
        self._line.append(place)
        if turn is not None:
            turn.place = place
        try:
            async with self._queue:
                while (at := self._next()) > self._clock.now():
                    await self._clock.wait(None, at)
                self._passed.append(self._clock.now())
                self._count += 1
                self._left -= 1
                return self._count
        finally:
            del self._line[bisect.bisect_left(self._line, place)]

    def before(self, place: int) -> int:
        """How many wait in front of this place."""
        return bisect.bisect_left(self._line, place)

    def pause(self, seconds: float) -> None:
        """Let nobody through for a while, as `Retry-After` asks. Never shortens a pause."""
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)

    def adjust(self, call: int, remaining: int, until: float) -> None:
        """Take over what the gateway says is left, beside our own windows; answers may arrive out of order.

        Args:
            call: the number of the call that was answered; those let through after it count as not yet known to it.
            remaining: calls left.
            until: when the gateway starts anew, Unix seconds.
        """
        left = max(0, remaining - (self._count - call))
        if until > self._left_until + _SAME:
            self._left, self._left_until = left, until
        elif until > self._left_until - _SAME:
            self._left = min(self._left, left)

    def _next(self) -> float:
        """The moment from which one more call is allowed."""
        full = (window for window in self._limits if len(self._passed) >= window.calls)
        free_again = (self._passed[-window.calls] + window.seconds + MARGIN for window in full)
        return max(self._paused_until, self._left_until if self._left <= 0 else 0.0, *free_again)


class Turn:
    """One call that waits in a pacer's line, and can be asked how it stands."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self.place: int | None = None
        self.number: int | None = None

    async def come(self) -> None:
        """Wait until the call is allowed; then it is to be made at once."""
        self.number = await self._pacer.turn(self)

    @property
    def ahead(self) -> int:
        """How many calls are let through before this one."""
        return self._pacer.before(self.place) if self.place is not None and self.number is None else 0

    @property
    def paused(self) -> bool:
        """Whether the gateway asked everybody to wait."""
        return self.number is None and self._pacer.paused
