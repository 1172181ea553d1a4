"""Calls that fail: each of the client's, and how."""

from collections.abc import Awaitable, Callable

import pytest

from bot import errors
from bot.errors import GatewayError, Repeat
from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.client import ToapisClient
from bot.toapis.schema import ImageRequest

Act = Callable[[ToapisClient], Awaitable[object]]
REQUEST = ImageRequest(model=NANO_BANANA_2.id, prompt="a fox")
ACTS: dict[str, Act] = {
    "submit": lambda client: client.submit(REQUEST, count=1, image_urls=(), business_id="b1"),
    "status": lambda client: client.status("task_1"),
    "upload": lambda client: client.upload(b"png", filename="a.png", content_type="image/png"),
    "balance": lambda client: client.balance(),
    "models": lambda client: client.models(),
}
CALLS = pytest.mark.parametrize("call", ACTS)


def expected_repeat(kind: type[GatewayError], call: str) -> Repeat:
    if kind is errors.GatewayUnclear:
        return Repeat.ASK_FIRST if call == "submit" else Repeat.SAFE
    return Repeat.SAFE if kind is errors.GatewayBusy else Repeat.NEVER


async def failure(client: ToapisClient, call: str) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await ACTS[call](client)
    return caught.value
