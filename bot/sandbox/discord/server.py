"""The server of the stand-in: REST, gateway and CDN on one loopback port."""

import time
from collections.abc import Callable

from aiohttp import web

from bot.sandbox.discord.cdn import Cdn
from bot.sandbox.discord.entities import MEBIBYTE
from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.ratelimits import Limiter, RateLimits
from bot.sandbox.discord.rest.callbacks import Callbacks
from bot.sandbox.discord.rest.commands import Commands
from bot.sandbox.discord.rest.identity import Identity
from bot.sandbox.discord.rest.messages import Messages
from bot.sandbox.discord.rest.middlewares import PREFIX, authorize, limit_rate, refuse
from bot.sandbox.discord.rest.webhooks import Webhooks
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults, middleware
from bot.sandbox.record import Record

CDN_PREFIX = "/cdn"
SHUTDOWN_WITHIN = 0.2  # seconds for answers under way; a stalled one would wait for its client
LARGEST_BODY = 512 * MEBIBYTE  # over every upload limit, so that the rules and not aiohttp refuse a file


class DiscordServer:
    """Discord on 127.0.0.1.

    Attributes:
        world: who is where, and what was said.
        record: every exchange; services "discord" and "cdn".
        faults: what goes wrong.
        gateway: the websocket's side.
        limiter: the rate limits; set `limiter.limits` to change them.
    """

    def __init__(
        self, world: World, *, record: Record, faults: Faults, now: Callable[[], float] = time.time, port: int = 0
    ) -> None:
        self.world = world
        self.record = record
        self.faults = faults
        self.gateway = Gateway(world, record=record, now=now)
        self.limiter = Limiter(RateLimits(), now)
        self._now = now
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def api_url(self) -> str:
        """The base of the REST routes."""
        return f"http://127.0.0.1:{self._port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Where the websocket is."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn_url(self) -> str:
        """The base of the addresses of files."""
        return f"http://127.0.0.1:{self._port}{CDN_PREFIX}"

    async def start(self) -> None:
        """Serve, on a free port unless one was given; after a stop, on the same one again."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.add_subapp(PREFIX, self._rest())
        app.add_subapp(CDN_PREFIX, self._cdn())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_WITHIN)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.cdn_url = self.cdn_url

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _rest(self) -> web.Application:
        app = web.Application(
            client_max_size=LARGEST_BODY,
            middlewares=[
                middleware(self.record, self.faults, "discord", prefix=PREFIX, now=self._now),
                refuse,
                authorize(self.world),
                limit_rate(self.limiter),
            ],
        )
        identity = Identity(self.world, lambda: self.gateway_url)
        for part in (identity, Commands(self.world), Messages(self.world), Callbacks(self.world), Webhooks(self.world)):
            app.add_routes(part.routes())
        return app

    def _cdn(self) -> web.Application:
        app = web.Application(
            middlewares=[middleware(self.record, self.faults, "cdn", prefix=CDN_PREFIX, now=self._now)]
        )
        cdn = Cdn(self.world)
        for folder in ("attachments", "ephemeral-attachments"):
            app.router.add_get(f"/{folder}/{{channel_id}}/{{attachment_id}}/{{filename}}", cdn.serve)
        return app
