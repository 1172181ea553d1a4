"""Bringing about what goes wrong in a row."""

import asyncio
from typing import Protocol

from bot.sandbox.toapis import ToapisServer
from tests.clocks import FastClock
from tests.faults.matrix import Outage

STAND_IN = "127.0.0.1"


class Place(Protocol):
    """Where there is a gateway, and time."""

    @property
    def gateway(self) -> ToapisServer: ...
    @property
    def clock(self) -> FastClock: ...


async def begin(outage: Outage | None, place: Place) -> "asyncio.Task[None]":
    """An outage from now on, or from the moment on that it waits for; the task that ends with it."""
    running = asyncio.create_task(_happen(outage, place))
    await asyncio.sleep(0)
    return running


async def _happen(outage: Outage | None, place: Place) -> None:
    if outage is None:
        return
    if outage.after is not None:
        await place.gateway.record.wait_for(lambda each: f"{each.method} {each.route}" == outage.after, 3600)
    await place.gateway.stop()
    await place.clock.wait(None, place.clock.now() + outage.seconds)
    await place.gateway.start()
