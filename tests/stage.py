"""The whole bot on a stage: the real client over real sockets, between the stand-ins of Discord and of the gateway."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route as HttpRoute

from bot.client import EaselBot, point_at
from bot.config import Settings
from bot.jobs.job import Job
from bot.media import Darkroom
from bot.sandbox.discord.entities import DIRECT_CHANNEL, Channel, Guild
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.record import Exchange, Record
from bot.sandbox.toapis import ToapisServer
from bot.services import Services, open_services
from tests.clocks import START, FastClock
from tests.darkrooms import shared_darkroom
from tests.databases import Commits, new_database, nothing_left, watched_commits
from tests.openapi import DESCRIPTION, openapi_judge
from tests.workshop import settings_for

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
MESSAGES = "/channels/{channel_id}/messages"
_GROUP_CHANNEL = 3  # channel type


@dataclass(kw_only=True, repr=False)
class Stage:
    """A server with one channel, and the bot in it.

    Attributes:
        clock: the time of the bot and of both stand-ins.
        discord: the stand-in of Discord; `faults` and `record` are those of both.
        settings, darkroom: change them before `start_bot`; None is a darkroom of the bot's own.
        commits: of the bot's database.
    """

    folder: Path
    clock: FastClock
    record: Record
    faults: Faults
    discord: DiscordServer
    gateway: ToapisServer
    settings: Settings
    guild: Guild
    channel: Channel
    commits: Commits
    darkroom: Darkroom | None = field(default_factory=shared_darkroom)
    services: Services = field(init=False)
    bot: EaselBot = field(init=False)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def world(self) -> World:
        """The stand-in's Discord."""
        return self.discord.world

    async def start_bot(self) -> None:
        """Start the bot, as the program does, and wait until it is connected."""
        new_database(self.folder)
        self.services = await self._running.enter_async_context(open_services(self.settings, self.clock, self.darkroom))
        self.bot = EaselBot(self.services, guild_ready_timeout=0.05)
        running = asyncio.create_task(self.bot.run_until_closed(self.world.application.token))
        self._running.push_async_callback(_ended, running)
        self._running.push_async_callback(self.bot.close)
        await self.bot._settled.wait()
        if running.done():
            running.result()

    async def stop_bot(self) -> None:
        """Stop the bot; it can be started again, on the same database."""
        await self._running.aclose()

    def person(self, name: str = "ada", channel: Channel | None = None) -> Person:
        """A new member of the server."""
        user = self.world.add_user(name)
        self.guild.join(user)
        return Person(self.world, user, channel or self.channel, record=self.record)

    def stranger(self, name: str = "ada") -> Person:
        """Somebody in the direct conversation with the bot."""
        user = self.world.add_user(name)
        return Person(self.world, user, self.world.direct_channel(user), record=self.record)

    def guest(self, name: str = "ada") -> Person:
        """Somebody who has added the bot to their own account, in a server without it."""
        elsewhere = self.world.add_guild("Elsewhere", with_bot=False)
        user = self.world.add_user(name)
        elsewhere.join(user)
        return Person(self.world, user, elsewhere.add_channel("general"), record=self.record, installed=True)

    def conversation(self, *people: Person) -> Channel:
        """A conversation without the bot: a direct one of two people, else a group's."""
        return Channel(
            id=self.world.snowflake(),
            type=DIRECT_CHANNEL if len(people) == 2 else _GROUP_CHANNEL,
            world=self.world,
            recipients=[person.user for person in people],
            created_at=self.clock.now(),
        )

    async def result(self, person: Person, after: SeenMessage | None = None) -> SeenMessage:
        """The outcome with pictures, once this person sees it; one that came `after` another, if given."""
        return await person.waits_for(lambda message: message.author == self.bot_name and message.files, after=after)

    @property
    def bot_name(self) -> str:
        """How messages name the bot as their author."""
        return self.world.application.bot.name

    @property
    def mention(self) -> str:
        """How a message addresses the bot."""
        return self.world.application.bot.mention

    def break_database(self) -> None:
        """Have every statement about jobs fail from now on, as a defect of ours would."""
        with sqlite3.connect(self.folder / "easel.db") as other:
            other.execute("ALTER TABLE jobs RENAME TO elsewhere")
        other.close()

    @contextmanager
    def written(self) -> Generator[Callable[[str], list[tuple[Any, ...]]]]:
        """What stands in the database, also while no bot runs: a function that answers a query."""
        other = sqlite3.connect(self.folder / "easel.db")
        try:
            yield lambda query: other.execute(query).fetchall()
        finally:
            other.close()

    async def painted(self, person: Person) -> SeenMessage:
        """The outcome of a simple request."""
        await person.command("imagine", prompt="a lighthouse")
        return await self.result(person)

    async def job_of(self, message: SeenMessage) -> Job:
        """The job as it is written, by the buttons of its outcome."""
        button = message.button("Again")
        assert button is not None
        assert button.custom_id is not None
        job = await self.services.engine.job(button.custom_id.partition(":")[2])
        assert job is not None
        return job

    async def newest_job(self) -> Job:
        """The job that was accepted last."""
        with sqlite3.connect(self.folder / "easel.db") as other:
            ((newest,),) = other.execute("SELECT id FROM jobs ORDER BY rowid DESC LIMIT 1")
        other.close()
        job = await self.services.engine.job(newest)
        assert job is not None
        return job

    async def tidied(self, job: Job) -> Job:
        """The job as it is written once nothing is left to do for it; what is asked next is asked later."""
        async with asyncio.timeout(30):
            await nothing_left(self.folder, job.id, self.commits)
        job = await self.written_so(job, lambda job: job.tidied)
        self.clock.advance(0.01)
        return job

    async def written_so(self, job: Job, holds: Callable[[Job], object]) -> Job:
        """The job as it is written once something holds of it."""
        async with asyncio.timeout(30):
            while not holds(job):
                seen = self.commits.count
                job = await self.services.engine.job(job.id) or job
                if not holds(job):
                    await self.commits.more_than(seen)
        return job

    async def told(self, person: Person, left: int = 0) -> None:
        """Wait until it is written that a person knows of all but so many outcomes that could not be shown."""
        async with asyncio.timeout(30):
            while True:
                seen = self.commits.count
                if len(await self.services.records.untold(int(person.user.id), 100)) <= left:
                    break
                await self.commits.more_than(seen)

    async def settled(self) -> None:
        """Give what is on its way over the sockets time to arrive: a round trip each way."""
        await self.bot.fetch_user(int(self.world.application.owner.id))

    async def submitted(self) -> None:
        """Wait until the gateway has a task."""
        await self.record.wait_for(lambda exchange: exchange.route == "/images/generations", 30)

    async def edited(self, handle: InteractionHandle) -> None:
        """Let time go by until the answer to an interaction reads differently."""
        before = handle.response and handle.response.content
        await self.passing(lambda: (handle.response and handle.response.content) != before)

    async def passing(self, condition: Callable[[], object]) -> None:
        """Let time go by until something holds: quickly, but with pauses for what goes over sockets."""
        async with asyncio.timeout(30):
            while not condition():
                self.clock.advance(0.1)
                await asyncio.sleep(0.005)

    def fault(self, route: str, **how: Any) -> Fault:
        """Let something go wrong."""
        return self.faults.add(Fault(route=route, **how))

    def asked(self, method: str, route: str) -> tuple[Exchange, ...]:
        """What the bot asked of Discord on this route."""
        return self.record.matching(method, route, "discord")


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    start: float = START,
    record: Record | None = None,
    faults: Faults | None = None,
    **settings: Any,
) -> AsyncGenerator[Stage]:
    """Set the stage with everything but the bot, which `start_bot` starts; a bot of another process needs real time."""
    clock = FastClock(speed=1.0, start=start)
    record, faults = record or Record(), faults or Faults()
    world = World(clock.now)
    server = DiscordServer(world, record=record, faults=faults, now=clock.now)
    gateway = ToapisServer(record=record, faults=faults, seconds=0.0, now=clock.now, long_side=48)
    async with AsyncExitStack() as stack:
        await server.start()
        stack.push_async_callback(server.stop)
        await stack.enter_async_context(gateway)
        chosen = settings_for(
            folder,
            gateway,
            **{
                "discord_token": world.application.token,
                "discord_api_url": server.api_url,
                "discord_gateway_url": server.gateway_url,
                "discord_cdn_url": server.cdn_url,
                "poll_first_seconds": 0.0,
                "poll_min_seconds": 0.05,
                **settings,
            },
        )
        stack.enter_context(_redirection_undone())
        point_at(chosen)
        guild = world.add_guild("Painters")
        stage = Stage(
            folder=folder,
            clock=clock,
            record=record,
            faults=faults,
            discord=server,
            gateway=gateway,
            settings=chosen,
            guild=guild,
            channel=guild.add_channel("easel"),
            commits=stack.enter_context(watched_commits()),
        )
        stack.push_async_callback(stage.stop_bot)
        yield stage
    if DESCRIPTION.is_file():
        judge = openapi_judge()
        complaints = [complaint for exchange in record.exchanges for complaint in judge.complaints(exchange)]
        assert not complaints, "\n".join(complaints)


@contextmanager
def _redirection_undone() -> Generator[None]:
    before = HttpRoute.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    try:
        yield
    finally:
        HttpRoute.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = before


async def _ended(running: asyncio.Task[None]) -> None:
    await asyncio.gather(running, return_exceptions=True)
