"""What every REST request passes: who asks, how often, and how refusals become answers."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer
from bot.sandbox.discord.ratelimits import BUCKET_HEADERS, Limiter
from bot.sandbox.discord.world import World
from bot.sandbox.faults import received, route_of

PREFIX = "/api/v10"

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

# An interaction's token is all these need.
_OPEN = ("/interactions/", "/webhooks/")
_OPEN_EXACTLY = "/gateway"


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals as Discord does, and unknown routes among them."""
    try:
        if received(request).malformed:
            raise refusals.invalid_json()
        answer = await handler(request)
    except refusals.Refused as refused:
        answer = json_answer(refused.payload, status=refused.status)
    except web.HTTPNotFound:
        answer = json_answer(refusals.not_found().payload, status=404)
    except web.HTTPMethodNotAllowed:
        answer = json_answer(refusals.method_not_allowed().payload, status=405)
    answer.headers.update(request.get(BUCKET_HEADERS, {}))
    return answer


def authorize(world: World) -> Middleware:
    """Let only the bot's token in, where a token is needed."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_of(request, PREFIX)
        is_open = route == _OPEN_EXACTLY or route.startswith(_OPEN)
        if not is_open and request.headers.get("Authorization") != f"Bot {world.application.token}":
            raise refusals.unauthorized()
        return await handler(request)

    return handle


def limit_rate(limiter: Limiter) -> Middleware:
    """Refuse the request that is one too many; an interaction's callback is not counted."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = route_of(request, PREFIX)
        if route.startswith("/interactions/"):
            return await handler(request)
        return limiter.refuse(request, route) or await handler(request)

    return handle
