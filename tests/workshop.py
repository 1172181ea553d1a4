"""The engine at work without Discord: the real gateway client, the stand-in, and a board on which outcomes appear."""

import asyncio
import io
import itertools
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image

from bot.config import Settings, load_settings
from bot.errors import DeliveryBlocked, DeliveryError, DeliveryInterrupted
from bot.jobs.filenames import OwnFile
from bot.jobs.job import ACTIVE_JOBS, Job
from bot.jobs.order import Reference, Route
from bot.jobs.outcome import Outcome, Posted, Progress
from bot.jobs.store import Accepted
from bot.media import Darkroom
from bot.sandbox.faults import middleware
from bot.sandbox.toapis import ToapisServer
from bot.services import Services, open_services
from bot.texts import Text
from tests.clocks import FastClock
from tests.darkrooms import shared_darkroom
from tests.databases import Commits, new_database, nothing_left, watched_commits
from tests.orders import order

SPEED = 60.0  # how much faster than real time these stories run


def picture(color: str = "teal", size: tuple[int, int] = (32, 24), kind: str = "PNG") -> bytes:
    """A small picture."""
    data = io.BytesIO()
    Image.new("RGB", size, color).save(data, kind)
    return data.getvalue()


@dataclass(frozen=True, kw_only=True)
class Post:
    """An outcome that can be seen."""

    job_id: str
    route: Route
    outcome: Outcome
    posted: Posted


class Board:
    """A `Delivery` that shows outcomes as Discord would: one message for a nonce, an edit over an edit.

    Attributes:
        trouble: for each way, what the next posts there raise; `after` it has been shown if so marked.
        blind: whether looking for a message proves nothing.
        before_post: called whenever something is about to be shown; what it raises comes out of the post.
        before_tidy: likewise when the progress message is about to be taken away.
    """

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.attempts: list[Route] = []
        self.progresses: list[tuple[str, Progress]] = []
        self.tidied: list[str] = []
        self.cancellations: list[Job] = []
        self.cancel_trouble: list[Exception] = []
        self.operator: list[Text] = []
        self.operator_trouble: Exception | None = None
        self.looked: list[Route] = []
        self.trouble: defaultdict[Route, list[tuple[DeliveryError, bool]]] = defaultdict(list)
        self.tidy_trouble: list[Exception] = []
        self.blind = False
        self.limit = 10 * 1024 * 1024
        self.before_post: Callable[[Job, Outcome], None] = lambda _job, _outcome: None
        self.before_tidy: Callable[[Job], None] = lambda _job: None

    def refuse(self, route: Route, *errors: DeliveryError, after: bool = False) -> None:
        """Let the next posts on `route` raise, before they are shown or after."""
        self.trouble[route].extend((error, after) for error in errors)

    async def progress(self, job: Job, progress: Progress) -> None:
        self.progresses.append((job.id, progress))

    async def post(self, job: Job, outcome: Outcome, route: Route) -> Posted:
        self.before_post(job, outcome)
        self.attempts.append(route)
        error, after = self.trouble[route].pop(0) if self.trouble[route] else (None, False)
        if error is not None and not after:
            raise error
        shown = next((post for post in self.posts if (post.job_id, post.route) == (job.id, route)), None)
        if shown is None:
            files = [OwnFile.named(picture.filename) for picture in outcome.pictures]
            posted = Posted(
                message_id=len(self.posts) + 100,
                channel_id=job.place.channel_id,
                numbers=frozenset(file.number for file in files if file is not None),
            )
            shown = Post(job_id=job.id, route=route, outcome=outcome, posted=posted)
            self.posts.append(shown)
        if error is not None:
            raise error
        return shown.posted

    async def find(self, job: Job, route: Route) -> Posted | None:
        self.looked.append(route)
        if self.blind:
            raise DeliveryBlocked("the history cannot be read")
        return next((post.posted for post in self.posts if (post.job_id, post.route) == (job.id, route)), None)

    async def tidy(self, job: Job) -> None:
        self.before_tidy(job)
        if self.tidy_trouble:
            raise self.tidy_trouble.pop(0)
        self.tidied.append(job.id)

    async def cancelled(self, job: Job) -> None:
        if self.cancel_trouble:
            raise self.cancel_trouble.pop(0)
        self.cancellations.append(job)

    async def tell_operator(self, text: Text) -> None:
        if self.operator_trouble is not None:
            raise self.operator_trouble
        self.operator.append(text)

    def size_limit(self, _job: Job, _route: Route, /) -> int:
        return self.limit


class FileServer:
    """What Discord's file host would serve: whatever was put there, under a name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.before_serving: Callable[[], None] = lambda: None
        self.announces_sizes = True
        self.url = ""

    def reference(self, position: int, data: bytes, filename: str = "photo.png") -> Reference:
        """Put a file there and attach it as image{position}."""
        name = f"{position}-{len(self.files)}"
        self.files[name] = data
        return Reference(
            position=position,
            name=f"image{position}",
            source_url=f"{self.url}/{name}",
            filename=filename,
            size=len(data),
        )

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        self.before_serving()
        if name not in self.files:
            raise web.HTTPNotFound
        response = web.Response(body=self.files[name])
        if not self.announces_sizes:
            response.enable_chunked_encoding()
        return response


@dataclass(kw_only=True, repr=False)
class Workshop:
    """An engine with everything around it, which can be stopped anywhere and started again."""

    folder: Path
    clock: FastClock
    gateway: ToapisServer
    files: FileServer
    board: Board
    settings: Settings
    commits: Commits
    darkroom: Darkroom = field(default_factory=shared_darkroom)
    services: Services = field(init=False)
    _answers: Iterator[int] = field(default_factory=lambda: itertools.count(77, 1000))
    _process: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Start the engine, as the program does."""
        new_database(self.folder)
        self.services = await self._process.enter_async_context(open_services(self.settings, self.clock, self.darkroom))
        self.services.engine.start(self.board)

    async def stop(self) -> None:
        """Stop it wherever it is."""
        await self._process.aclose()

    async def restart(self) -> None:
        """Stop it and start it anew on the same database."""
        await self.stop()
        await self.start()

    async def accept(self, **wanted: Any) -> Job:
        """Accept an order and say that it was acknowledged."""
        accepted = await self.services.engine.accept(order(**wanted))
        await self.acknowledge(accepted)
        return accepted.job

    async def acknowledge(self, accepted: Accepted) -> None:
        """Say that the interaction was answered."""
        await self.services.engine.acknowledged(accepted.job.id, next(self._answers))

    async def ended(self, job: Job) -> Job:
        """Wait for the job's end and tidying up; the job as it is written then."""
        await nothing_left(self.folder, job.id, self.commits)
        return await self.written(job, lambda current: current.state not in ACTIVE_JOBS and current.tidied)

    async def written(self, job: Job, condition: Callable[[Job], bool]) -> Job:
        """Wait until the job is written so."""
        while True:
            seen = self.commits.count
            if condition(current := await self.job(job)):
                return current
            await self.commits.more_than(seen)

    async def job(self, job: Job) -> Job:
        """The job as it is written now."""
        current = await self.services.engine.job(job.id)
        assert current is not None
        return current

    def post_of(self, job: Job) -> Post:
        """The one outcome of a job."""
        (post,) = [post for post in self.board.posts if post.job_id == job.id]
        return post


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that no event tells of."""
    while not condition():  # noqa: ASYNC110 - the condition is in another world, behind a socket
        await asyncio.sleep(0.002)


def interrupted() -> DeliveryInterrupted:
    """What a delivery raises when the connection broke."""
    return DeliveryInterrupted("a test broke it off")


def blocked() -> DeliveryBlocked:
    """What a delivery raises when a way is closed."""
    return DeliveryBlocked("a test closed it")


@asynccontextmanager
async def file_server(gateway: ToapisServer, now: Callable[[], float]) -> AsyncGenerator[FileServer]:
    """A `FileServer` on loopback, as "cdn" in the record and among the faults of the gateway."""
    files = FileServer()
    app = web.Application(middlewares=[middleware(gateway.record, gateway.faults, "cdn", now=now)])
    app.router.add_get("/{name}", files.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield files
    finally:
        await runner.cleanup()


def settings_for(folder: Path, gateway: ToapisServer, **changes: Any) -> Settings:
    """Settings that point at the stand-in."""
    usual: dict[str, Any] = {
        "discord_token": "a-token",
        "toapis_api_key": gateway.key,
        "toapis_base_url": gateway.base_url,
        "database_url": f"sqlite:///{folder / 'easel.db'}",
        "allow_private_addresses": True,
        "user_images_per_window": 1000,
        "user_jobs_in_flight": 1000,
    }
    return load_settings(None, **(usual | changes))


@asynccontextmanager
async def open_workshop(
    folder: Path, *, seconds: float = 8.0, speed: float = SPEED, **changes: Any
) -> AsyncGenerator[Workshop]:
    """A workshop whose gateway takes `seconds` for a picture, with other settings by name."""
    clock = FastClock(speed=speed)
    gateway = ToapisServer(seconds=seconds, spread=0.0, now=clock.now, long_side=64)
    async with gateway, file_server(gateway, clock.now) as files:
        settings = settings_for(folder, gateway, **changes)
        with watched_commits() as commits:
            workshop = Workshop(
                folder=folder,
                clock=clock,
                gateway=gateway,
                files=files,
                board=Board(),
                settings=settings,
                commits=commits,
            )
            await workshop.start()
            try:
                yield workshop
            finally:
                await workshop.stop()
