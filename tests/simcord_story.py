"""A stage for stories in SimCord, a model of Discord that none of us wrote."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import discord
import simcord
from aiohttp import web
from discord import ComponentType
from simcord.components import walk_components

from bot.client import EaselBot
from bot.sandbox.toapis import ToapisServer
from bot.services import Services, open_services
from tests.darkrooms import shared_darkroom
from tests.databases import new_database
from tests.workshop import settings_for

EPOCH = 1_767_225_600.0  # the first moment of 2026, at which SimCord's time begins
CDN = "simcord.backend.cdn.CDN_BASE"  # where SimCord says that files are; nothing answers there


class DeclaredClock:
    """SimCord's time; waiting for it is declared to be no work of the bot's, so that SimCord does not wait for it."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None

    def now(self) -> float:
        """The time in seconds since the Unix epoch."""
        return EPOCH if self.env is None else self.env.now().timestamp()

    async def wait(self, event: asyncio.Event | None, until: float) -> bool:
        """Wait until `event` is set or the time is `until`; says whether the event is set."""
        waiting = self._wait(event, until)
        if self.env is None or asyncio.current_task() not in self.env._work.tasks:
            return await waiting
        return bool(await self.env.external_wait(waiting, reason="time, or an event"))

    async def _wait(self, event: asyncio.Event | None, until: float) -> bool:
        never = event or asyncio.Event()
        try:
            async with asyncio.timeout(max(0.0, until - self.now())):
                await never.wait()
        except TimeoutError:
            pass
        return never.is_set()


@dataclass(kw_only=True)
class Story:
    """A server of SimCord's, people in it, and the bot."""

    env: simcord.Env
    services: Services
    gateway: ToapisServer
    channel: simcord.ChannelHandle
    ada: simcord.MemberActor
    bob: simcord.MemberActor
    bystander: simcord.MemberActor

    @property
    def messages(self) -> list[discord.Message]:
        """What everyone in the channel sees."""
        return self.channel.history(viewer=self.bystander)

    @property
    def bot_mention(self) -> str:
        """How somebody speaks to the bot."""
        bot = self.env.bot.user
        assert bot is not None
        return bot.mention

    async def asks(self, actor: simcord.MemberActor, prompt: str, **options: Any) -> simcord.InteractionResult:
        """Somebody uses `/imagine`, a second after whatever was before."""
        await self.env.advance_time(1.0)
        return await actor.slash(self.channel, "imagine", prompt=prompt, **options)

    async def meanwhile(self, act: Coroutine[Any, Any, object]) -> None:
        """Have somebody act while a picture is being painted: SimCord would wait in vain for the bot to be idle."""
        usual, self.env.settle_timeout = self.env.settle_timeout, 0.5
        with suppress(TimeoutError):
            await act
        self.env.settle_timeout = usual

    async def restart(self) -> None:
        """Have the bot begin anew; everything that it only remembered is gone."""
        await self.env.restart_bot(EaselBot(self.services))


def read(message: simcord.ResponseMessage) -> str:
    """Everything that can be read in a message of components."""
    components = walk_components(message.components)
    return "\n".join(str(each["content"]) for each in components if each["type"] == ComponentType.text_display.value)


def button(message: simcord.ResponseMessage, label: str, number: int = 1) -> str:
    """The custom_id of one of several buttons of the same label, counted from 1."""
    components = walk_components(message.components)
    found = [each for each in components if each["type"] == ComponentType.button.value and each.get("label") == label]
    return str(found[number - 1]["custom_id"])


@asynccontextmanager
async def open_story(folder: Path, **settings: Any) -> AsyncGenerator[Story]:
    """Begin a story, with other settings by name."""
    clock = DeclaredClock()
    async with AsyncExitStack() as stack:
        gateway = ToapisServer(seconds=0.0, now=clock.now, long_side=48)
        await stack.enter_async_context(gateway)
        chosen = settings_for(folder, gateway, **{"poll_first_seconds": 0.0, **settings})
        new_database(folder)
        services = await stack.enter_async_context(open_services(chosen, clock, shared_darkroom()))
        env = clock.env = simcord.Env(EaselBot(services), shard_count=1)
        await env.start()
        stack.push_async_callback(env.shutdown)
        await stack.enter_async_context(_files_served(env))
        guild = env.create_guild()
        yield Story(
            env=env,
            services=services,
            gateway=gateway,
            channel=guild.create_text_channel("easel"),
            ada=guild.add_member(env.create_user("ada")),
            bob=guild.add_member(env.create_user("bob")),
            bystander=guild.add_member(env.create_user("eve")),
        )
        env._raise_errors_since(env._errors_acknowledged)


@asynccontextmanager
async def _files_served(env: simcord.Env) -> AsyncGenerator[None]:
    """Let SimCord name an address on loopback for its files, and serve there what it has stored."""

    async def serve(request: web.Request) -> web.Response:
        data = env.backend.cdn.get(f"{address}{request.path}")
        return web.Response(status=404) if data is None else web.Response(body=data)

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        with patch(CDN, address):
            yield
    finally:
        await runner.cleanup()
