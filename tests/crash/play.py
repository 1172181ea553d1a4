"""A story with the bot as a child that dies once: recorded, replayed, and judged by what the stand-ins have seen."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.discord.people import InteractionFailed, Person, SeenMessage
from bot.sandbox.discord.people.sight import look_at
from bot.sandbox.discord.world import Change
from bot.sandbox.faults import received
from tests.crash.child import FORKS, Life, live
from tests.crash.company import LeaderLoop
from tests.crash.points import Counting, Moment, Point
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage

_NTH = web.RequestKey("nth", int)
_AN_EDIT = 0.1  # seconds that Discord takes to change a message
_A_POLL = 1.55  # seconds, more or less: the third is due when no progress is just told, which is every two
_GLANCE = 1.0  # seconds between two looks at how things are
_PATIENCE = 3600.0  # seconds, of the time that is shared, until something must have come of a request
_QUIET = 4.0  # seconds without anything to do after which nothing will come of one any more
_ATTEMPTS = 3  # how often a person asks for what nothing came of; the bot dies once


@dataclass(kw_only=True)
class Play:
    """A stage on which the bot is a child.

    Attributes:
        fatal: where its first life ends.
        down_for: seconds until it is started again.
        counting: the points that went by.
        deaths: how often it was killed.
        exits: with which codes its lives ended that were not killed.
        bystander: somebody else in the channel.
        posted: every message of the bot's with pictures as it was when it came.
        overseen: every message of the bot's that the bystander saw, as it was when it came and after each change.
        versions: by id, every message of the bot's as it was when it came and after each change; None once it is gone.
    """

    stage: Stage
    folder: Path
    fatal: Point | None
    down_for: float
    counting: Counting
    bystander: Person
    deaths: int = 0
    exits: list[int | None] = field(default_factory=list[int | None])
    posted: list[SeenMessage] = field(default_factory=list[SeenMessage])
    overseen: list[SeenMessage] = field(default_factory=list[SeenMessage])
    versions: dict[str, list[SeenMessage | None]] = field(default_factory=dict[str, list[SeenMessage | None]])
    _process: BaseProcess | None = None
    _names: dict[str, int] = field(default_factory=dict[str, int])
    _over: bool = False

    @property
    def database(self) -> Path:
        """The bot's database."""
        return self.folder / "easel.db"

    @property
    def log(self) -> str:
        """What the bot has logged in all its lives."""
        path = self.folder / "bot.log"
        return path.read_text() if path.exists() else ""

    # The bot's lives

    async def keep_alive(self) -> None:
        """Start the bot, and start it again when it dies, as whoever runs it does."""
        while not self._over:
            await self._live_once(None if self.deaths else self.fatal)
            if self.exits:
                return
            await asyncio.sleep(self.down_for)

    async def _live_once(self, fatal: Point | None) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, LeaderLoop)
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        life = Life(
            settings=self.stage.settings,
            now=self.stage.clock.now(),
            loop_now=loop.time(),
            fatal=fatal,
            log=self.folder / "bot.log",
            scratch=scratch,
        )
        ours, theirs = FORKS.Pipe()
        process = FORKS.Process(target=live, args=(theirs, life))
        process.start()
        theirs.close()
        self._process = process
        await loop.lead(ours, self._told)
        process.join()
        if process.exitcode == -signal.SIGKILL:
            self.deaths += 1
        else:
            self.exits.append(process.exitcode)

    def _told(self, key: str) -> None:
        self.counting.next(key)

    def witness(self, moment: Moment, service: str, route: str, request: web.Request) -> None:
        """Count a request of the bot's; kill the bot there if that is the point."""
        key = self._key(service, route, request)
        if moment == "before":
            request[_NTH] = self.counting.next(key)
        nth = request[_NTH]
        if not self.deaths and self.counting.is_fatal(key, nth, moment) and self._process is not None:
            self._process.kill()
            self._process.join()
            raise ConnectionResetError

    def _key(self, service: str, route: str, request: web.Request) -> str:
        detail = ""
        if service == "toapis" and route == "/images/generations":
            detail = self._named(received(request).body["client_business_id"])
        elif service == "toapis" and "key" in request.match_info:
            asked = request.match_info["key"]
            detail = self._named(
                next((task.business_id or "" for task in self.stage.gateway.tasks if task.id == asked), asked)
            )
        elif service == "cdn":
            detail = request.match_info["filename"].rpartition("-")[0] or request.match_info["filename"]
        elif files := received(request).files:
            detail = f"{len(files)} files" if service == "discord" else files[0].filename
        return f"{service} {request.method} {route}{detail and f', {detail}'}"

    def _named(self, business_id: str) -> str:
        job, _, task = business_id.rpartition("-")
        return f"job {self._names.setdefault(job, len(self._names) + 1)}, task {task}"

    async def end(self) -> None:
        """Stop the bot as whoever runs it does."""
        self._over = True
        if self._process is not None and self._process.is_alive():
            self._process.terminate()

    # What people do

    async def ready(self) -> None:
        """Wait until the bot is connected and its commands are known."""
        world, sessions = self.stage.world, self.stage.discord.gateway.sessions
        while not (world.commands.get(None) and list(sessions)):  # noqa: ASYNC110 - two conditions, and no event of either
            await asyncio.sleep(_GLANCE)

    async def until_shown(
        self, ask: Callable[[], Awaitable[object]], look: Callable[[], SeenMessage | None]
    ) -> SeenMessage:
        """Ask until there is something to see: again where nothing came of it, as people do."""
        for _ in range(_ATTEMPTS):
            await self.ready()
            with suppress(InteractionFailed):
                await ask()
            quiet = waited = 0.0
            while quiet < _QUIET and waited < _PATIENCE:
                if (shown := look()) is not None:
                    return shown
                await asyncio.sleep(_GLANCE)
                waited += _GLANCE
                quiet = quiet + _GLANCE if self.at_rest() else 0.0
        raise AssertionError(f"nothing came of it:\n{self.report()}")

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do."""
        quiet = 0.0
        while quiet < _QUIET:
            await asyncio.sleep(_GLANCE)
            quiet = quiet + _GLANCE if self.at_rest() else 0.0

    def at_rest(self) -> bool:
        """Whether a connected bot has no job left."""
        if self._process is None or not self._process.is_alive() or not list(self.stage.discord.gateway.sessions):
            return False
        return not self.rows("SELECT 1 FROM jobs WHERE NOT tidied LIMIT 1")

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database holds; nothing before there are tables."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            try:
                return database.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    def note(self, change: Change) -> None:
        """Remember what the bot posts, and what of it somebody else sees, if only for a moment."""
        if change.message is None or change.message.author is not self.stage.world.application.bot:
            return
        versions = self.versions.setdefault(change.message.id, [])
        if change.kind == "message_deleted":
            versions.append(None)
        if change.kind not in {"message_created", "message_updated"}:
            return
        message = look_at(self.stage.world, change.message)
        versions.append(message)
        if change.kind == "message_created" and message.files:
            self.posted.append(message)
        if change.is_visible_to(self.bystander.user):
            self.overseen.append(message)

    def sees(self, person: Person) -> list[SeenMessage]:
        """What the bot has shown to a person, here or in their direct conversation."""
        direct = self.stage.world.direct_channel(person.user)
        return [
            message
            for channel in (person.channel, direct)
            for message in person.sees(channel)
            if message.author == self.stage.bot_name
        ]

    def report(self) -> str:
        """Everything that helps to understand what happened."""
        exchanges = "\n".join(
            f"{each.at:.1f} {each.service} {each.method} {each.route} {each.status}"
            for each in self.stage.record.exchanges[-60:]
        )
        jobs = self.rows("SELECT id, state, tidied, route, failure FROM jobs")
        return f"{self.fatal}\n{jobs}\n{exchanges}\n{self.log[-6000:]}"


@asynccontextmanager
async def open_play(folder: Path, fatal: Point | None, down_for: float, **settings: Any) -> AsyncGenerator[Play]:
    """Set the stage, and keep the bot alive on it until the end."""
    usual: dict[str, Any] = {"poll_first_seconds": _A_POLL, "poll_min_seconds": _A_POLL}
    async with open_stage(folder, **(usual | settings)) as stage:
        stage.discord.gateway.manners.heartbeat_interval = (
            1e6  # its timer follows the shared time, the client's does not
        )
        stage.clock.now()
        play = Play(
            stage=stage,
            folder=folder,
            fatal=fatal,
            down_for=down_for,
            counting=Counting(fatal),
            bystander=stage.person("eve"),
        )
        stage.faults.witness = play.witness
        # So that what is told together does not depend on who happens to be first.
        for route in ORIGINAL, f"{MESSAGES}/{{message_id}}":
            stage.fault(route, method="PATCH", moment="after", delay=_AN_EDIT, times=0)
        stage.world.subscribe(play.note)
        living = asyncio.create_task(play.keep_alive())
        try:
            yield play
        finally:
            await play.end()
            await living
