"""The gateway stand-in on a clock that stands still, with small pictures, and a caller of it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.toapis import ToapisServer
from tests.bot.sandbox.toapis.caller import Caller
from tests.clocks import FastClock


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    """Someone with the right key; generations take exactly 10 s."""
    clock = FastClock()
    gateway = ToapisServer(seconds=10, spread=0, now=clock.now, long_side=96)
    async with gateway, aiohttp.ClientSession() as session:
        yield Caller(gateway, clock, session)
        assert [exchange for exchange in gateway.record.exchanges if exchange.acted and exchange.status == 500] == []
