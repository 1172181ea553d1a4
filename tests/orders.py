"""Orders as tests place them."""

import itertools
from dataclasses import replace

from bot.jobs.order import Order, Place, Reference, Route
from bot.limits import Limits
from bot.toapis.schema import ImageRequest

NANO_BANANA_2 = "gemini-3.1-flash-image-preview"
NANO_BANANA_PRO = "gemini-3-pro-image-preview"

_interactions = itertools.count(1000)

GENEROUS = Limits(
    user_images=1000, window_seconds=3600.0, user_jobs=1000, bot_images_per_day=10_000, bot_tasks_in_flight=1000
)


def place(**changes: object) -> Place:
    """A guild's channel, with an interaction of its own."""
    usual = Place(
        user_id=1,
        guild_id=2,
        channel_id=3,
        interaction_id=next(_interactions),
        application_id=5,
        token="an-interaction-token",
        token_expires_at=1_700_000_900.0,
        private=False,
        route=Route.CHANNEL,
        channel_limit=10 * 1024 * 1024,
        response_limit=10 * 1024 * 1024,
    )
    return replace(usual, **changes)


def order(
    *,
    prompt: str = "a lighthouse",
    model: str = NANO_BANANA_2,
    count: int = 1,
    references: tuple[Reference, ...] = (),
    resolution: str | None = None,
    **place_changes: object,
) -> Order:
    """An order for `count` pictures."""
    request = ImageRequest(model=model, prompt=prompt, count=count, resolution=resolution)
    return Order(place=place(**place_changes), request=request, references=references)
