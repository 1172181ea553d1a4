"""A stand-in that answers as it is told, and the client that asks it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from bot.toapis.client import Timeouts, ToapisClient
from tests.clocks import JumpClock
from tests.servers import HttpStub

KEY = "sk-test-0123456789abcdef"

Open = Callable[[str], AbstractAsyncContextManager[ToapisClient]]


@pytest.fixture
def clock() -> JumpClock:
    return JumpClock()


@pytest.fixture
def open_client(clock: JumpClock) -> Open:
    def opened(base_url: str) -> ToapisClient:
        return ToapisClient(
            base_url=base_url,
            api_key=KEY,
            clock=clock,
            timeouts=Timeouts(connect=5, request=5, stall=5, transfer=5),
            allow_private_addresses=True,
        )

    return opened


@pytest.fixture
async def stub() -> AsyncGenerator[HttpStub]:
    async with HttpStub().serving() as running:
        yield running


@pytest.fixture
async def client(stub: HttpStub, open_client: Open) -> AsyncGenerator[ToapisClient]:
    async with open_client(stub.url) as opened:
        yield opened
