"""Waiting for something to show up: woken by every visible change, never by polling."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bot.sandbox.discord.world import World
from bot.sandbox.record import Exchange, Record

ANSWER_WITHIN = 3.0  # seconds an interaction may go without an acknowledgement
SHOWN_EXCHANGES = 12

Found = TypeVar("Found")


class WaitedInVain(AssertionError):
    """What was waited for did not show up; the message says what the channel showed and what was exchanged last."""


class Watch:
    """One person's patience.

    Args:
        world: whose changes wake it.
        record: the exchanges to tell of when the wait was in vain.
        show: what the person sees, line by line.
    """

    def __init__(self, world: World, record: Record | None, show: Callable[[], Sequence[str]]) -> None:
        self._world = world
        self._record = record
        self._show = show

    async def until(self, look: Callable[[], Found | None], what: str, timeout: float) -> Found:  # noqa: ASYNC109 - the shape all waits of the sandbox share
        """Look now and after every change until there is something to see.

        Args:
            look: what is found, or None.
            what: what is waited for, in words.
            timeout: seconds of real time.

        Raises:
            WaitedInVain: there was nothing in time.
        """
        changed = asyncio.Event()
        unsubscribe = self._world.subscribe(lambda _: changed.set())
        try:
            async with asyncio.timeout(timeout):
                while (found := look()) is None:
                    await self._wait(changed)
                return found
        except TimeoutError:
            raise WaitedInVain(self.report(f"Waited {timeout:g} s in vain for {what}.")) from None
        finally:
            unsubscribe()

    async def _wait(self, changed: asyncio.Event) -> None:
        """Wait for a change, or for the moment at which an open interaction fails."""
        changed.clear()
        now = self._world.now()
        deadlines = (
            each.created_at + ANSWER_WITHIN for each in self._world.interactions.values() if not each.acknowledged
        )
        next_deadline = min((each for each in deadlines if each > now), default=None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if next_deadline is None else next_deadline - now):
                await changed.wait()

    def report(self, headline: str) -> str:
        """The headline, what the channel shows, and the last exchanges."""
        lines = [headline, "The channel shows:", *(f"  {line}" for line in self._show() or ("nothing",))]
        if self._record is not None:
            exchanges = self._record.exchanges[-SHOWN_EXCHANGES:]
            lines += ["The last exchanges:", *(f"  {line}" for line in map(describe, exchanges))]
        return "\n".join(lines)


def describe(exchange: Exchange) -> str:
    """An exchange on one line: "#12 discord POST /channels/{channel_id}/messages → 200"."""
    answer = "dropped" if exchange.status is None else str(exchange.status)
    details = "".join(f" {part}" for part in _details(exchange))
    return f"#{exchange.number} {exchange.service} {exchange.method} {exchange.route} → {answer}{details}"


def _details(exchange: Exchange) -> Iterator[str]:
    match exchange.answer:
        case {"code": int(code), "message": str(message)}:
            yield f"({code} {message})"
        case _:
            pass
    match exchange.body:
        case {"type": int(kind)} if exchange.route.endswith("/callback"):
            yield f"[type {kind}]"
        case _:
            pass
