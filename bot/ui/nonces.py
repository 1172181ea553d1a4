"""A nonce is repeated only while Discord surely knows it.

discord.py lines up behind other messages of a channel, and repeats what Discord breaks down over, each time for as long
as an answer may take: minutes after it was asked to, it would post a second message with the same nonce.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp

from bot.clock import Clock


class Attempt:
    """A message on its way.

    Args:
        clock: tells the time.
        until: Unix seconds, after which no request may begin.

    Attributes:
        begun: whether any request was made, so that the message may be there.
    """

    def __init__(self, clock: Clock, until: float) -> None:
        self._clock = clock
        self._until = until
        self.begun = False

    @contextmanager
    def under_way(self) -> Generator[None]:
        """Hold every request that is made inside to the time limit; one that comes too late is a broken connection."""
        before = _attempt.set(self)
        try:
            yield
        finally:
            _attempt.reset(before)

    def begin(self) -> None:
        """Note a request, or refuse it.

        Raises:
            aiohttp.ClientConnectionError: it would be too late.
        """
        if self._clock.now() > self._until:
            raise aiohttp.ClientConnectionError("Discord may have forgotten the nonce by now")
        self.begun = True


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def only_in_time(trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
    """Have a client whose `http_trace` this is hold its requests to the time limit of their attempt."""
    trace.on_request_start.append(_begin)
    return trace


async def _begin(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, _started: aiohttp.TraceRequestStartParams
) -> None:
    if (attempt := _attempt.get()) is not None:
        attempt.begin()
