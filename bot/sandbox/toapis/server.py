"""The gateway stand-in as a server: two addresses on loopback, one for the API and one for its files."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self, TypeAlias

from aiohttp import web

from bot.sandbox.faults import Fault, Faults, middleware, received
from bot.sandbox.record import Record
from bot.sandbox.toapis.account import REAL_LIMITS, Balance, Category, RateLimiter, RateLimits
from bot.sandbox.toapis.envelopes import Envelope, Refusal, invalid
from bot.sandbox.toapis.files import UPLOADED_TYPES, FileHost, Upload, mime_type_of
from bot.sandbox.toapis.painting import Format
from bot.sandbox.toapis.references import ReferenceFetcher, check_mask
from bot.sandbox.toapis.rules import MODELS, Request, no_channel, read_request
from bot.sandbox.toapis.studio import Studio
from bot.sandbox.toapis.tasks import Script, Task, TaskBook

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LARGEST_UPLOAD = 10 * 1024 * 1024  # bytes
_LARGEST_BODY = 32 * 1024 * 1024  # bytes; what the proxy in front of the API lets through
_PATIENCE = 0.05  # seconds for requests in progress when the server stops; aiohttp reads 0 as "for ever"
_TEXT_MODELS = ("gemini-3-pro-preview", "gpt-5.1", "claude-sonnet-4-5")


class ToapisServer:
    """ToAPIs on loopback: uploads, submits, look-ups, results, balance, models.

    `async with ToapisServer(seconds=0) as gateway: …` or `start()` and `stop()`; after a `stop()`, `start()` opens the
    same addresses again with everything still known. Every exchange is in `record`, whose services are "toapis" and
    "files"; every route can be made to misbehave with `faults`. Routes are named without "/v1": "/uploads/images",
    "/images/generations", "/images/generations/{key}", "/balance", "/models", "/uploads/{account}/{name}" and
    "/generated/{name}".

    Args:
        key: the API key that is accepted.
        record: where the exchanges go.
        faults: what goes wrong on the wire.
        seconds: how long a generation takes.
        spread: how far that varies either way, as a share: 0.25 is ±25 %.
        factors: multiplies the time, by model id.
        seed: of everything that varies; the same seed gives the same ids and times.
        now: the time in seconds since the Unix epoch; all that depends on time is computed when a request arrives.
        credit: what was paid in; None is an unlimited quota.
        price: of one picture.
        limits: requests per time; an empty mapping limits nothing.
        strict: whether references must have been uploaded here.
        long_side: limits the pixels of painted pictures, for speed; None paints the right size.
        format: of painted pictures; None is PNG up to 1K and JPEG above, or what a request asks for.
        reference_timeout: seconds of real time for fetching one reference.

    Attributes:
        balance: the account's money; set `credit`, `failing` or `refusal` as needed.
        limiter: the account's rate limits; set `down`, or other limits with `set()`.
        references: fetches the references; set `strict` as needed.
        envelope: the wrapping of errors; uploads use "success false" as long as this is the usual one.
        unavailable: ids of models that have no channel at the moment.
    """

    def __init__(  # noqa: PLR0913 - the settings of a world, all by name and all with a default
        self,
        *,
        key: str = "sk-sandbox",
        record: Record | None = None,
        faults: Faults | None = None,
        seconds: float = 8.0,
        spread: float = 0.25,
        factors: Mapping[str, float] | None = None,
        seed: int = 0,
        now: Callable[[], float] = time.time,
        credit: float | None = 1000.0,
        price: float = 0.04,
        limits: RateLimits = REAL_LIMITS,
        strict: bool = True,
        long_side: int | None = None,
        format: Format | None = None,  # noqa: A002 - Pillow's own name for it
        reference_timeout: float = 10.0,
    ) -> None:
        self.key = key
        self.record = record if record is not None else Record()
        self.faults = faults if faults is not None else Faults()
        self.balance = Balance(credit, price)
        self.limiter = RateLimiter(limits, now)
        self.envelope = Envelope.ERROR
        self.unavailable: set[str] = set()
        self._now = now
        self._book = TaskBook(seconds=seconds, spread=spread, factors=factors or {}, seed=seed)
        self._files = FileHost(now=now, studio=Studio(long_side=long_side, format=format), secret=key)
        self.references = ReferenceFetcher(uploaded=self._files.holds, strict=strict, timeout=reference_timeout)
        self._runners: list[web.AppRunner] = []
        self._ports = [0, 0]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open both addresses; the first time on free ports, later on the same."""
        for place, app in enumerate((self._api(), self._file_host())):
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", self._ports[place]).start()
            self._ports[place] = runner.addresses[0][1]
        self._files.url = self.files_url

    async def stop(self) -> None:
        """Close both addresses and every connection, requests in progress included."""
        await asyncio.gather(*(runner.cleanup() for runner in self._runners))
        self._runners.clear()

    @property
    def base_url(self) -> str:
        """The API's address, without "/v1"."""
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def files_url(self) -> str:
        """The file host's address."""
        return f"http://127.0.0.1:{self._ports[1]}"

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every accepted task, in order."""
        return tuple(self._book.tasks)

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """Every accepted upload, in order."""
        return self._files.uploads

    @property
    def key_reached_file_host(self) -> bool:
        """Whether the key was ever sent to the file host, in a header or in a URL."""
        return self._files.key_arrived

    @property
    def paid_twice(self) -> tuple[str, ...]:
        """The values of `client_business_id` that were submitted, accepted and billed more than once."""
        accepted = Counter(task.business_id for task in self._book.tasks if task.business_id is not None)
        return tuple(sorted(business_id for business_id, times in accepted.items() if times > 1))

    def next_task(
        self, script: Script | None = None, *, when: Callable[[Request], bool] = lambda _: True, **fields: Any
    ) -> Script:
        """Plan how the next submit turns out that no earlier plan is for.

        Args:
            script: the plan; or give the fields of one by name: `next_task(ending="failed", seconds=0)`.
            when: which requests the plan is for.
            fields: see `Script`.
        """
        planned = script if script is not None else Script(**fields)
        self._book.plan(planned, when)
        return planned

    def every_task(self, script: Script) -> None:
        """Let every submit without a plan of its own turn out like this."""
        self._book.usual = script

    def refuse_next(self, route: str, refusal: Refusal, *, method: str | None = None, times: int = 1) -> Fault:
        """Let the next matching requests be refused, before anything is done, whatever they ask."""
        return self.faults.add(
            Fault(
                route=route,
                method=method,
                times=times,
                status=refusal.status,
                headers=refusal.headers,
                body=refusal.body(self.envelope),
            )
        )

    def _api(self) -> web.Application:
        watch = middleware(self.record, self.faults, "toapis", prefix="/v1", now=self._now)
        app = web.Application(middlewares=[watch], client_max_size=_LARGEST_BODY)
        app.add_routes(
            [
                web.post("/v1/uploads/images", self._guard(self._upload, usual=Envelope.SUCCESS_FALSE)),
                web.post("/v1/images/generations", self._guard(self._submit, "async_submit")),
                web.get("/v1/images/generations/{key}", self._guard(self._look_up, "async_query")),
                web.get("/v1/balance", self._guard(self._show_balance)),
                web.get("/v1/models", self._guard(self._list_models)),
            ]
        )
        return app

    def _file_host(self) -> web.Application:
        watch = middleware(self.record, self.faults, "files", now=self._now)
        app = web.Application(middlewares=[watch, self._files.watch()])
        app.add_routes(self._files.routes())
        return app

    def _guard(self, answer: Answer, category: Category | None = None, usual: Envelope | None = None) -> Answer:
        """Check key and rate limit, word refusals, add the rate limit's headers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            response: web.StreamResponse
            try:
                self._check_key(request)
                if category is not None:
                    self.limiter.admit(category)
                response = await answer(request)
            except Refusal as refusal:
                response = refusal.response(usual if usual and self.envelope is Envelope.ERROR else self.envelope)
            if category is not None:
                response.headers.update(self.limiter.headers(category))
            return response

        return guarded

    def _check_key(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise Refusal(401, "unauthorized", "Invalid API key")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = next((file for file in received(request).files if file.field == "file"), None)
        if file is None:
            raise invalid("No file was uploaded")
        mime_type = mime_type_of(file.data)
        if mime_type is None or file.content_type not in UPLOADED_TYPES or "." not in file.filename:
            raise invalid("Unsupported image type. Allowed: JPEG, PNG, WebP, GIF")
        if len(file.data) > _LARGEST_UPLOAD:
            raise invalid("Image too large. Maximum size is 10MB")
        upload = self._files.add(file.data, mime_type)
        data = {"id": upload.id, "url": upload.url, "mime_type": mime_type, "size": len(file.data)}
        return web.json_response({"success": True, "message": "", "data": data})

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        wanted = read_request(received(request).body)
        if wanted.model.id in self.unavailable:
            raise no_channel(wanted.model.id)
        references = await self.references.fetch(wanted.image_urls)
        if wanted.mask_url is not None:
            (mask,) = await self.references.fetch((wanted.mask_url,))
            check_mask(mask, references)
        # Nothing is awaited from here on, so that parallel submits cannot spend the same money.
        script = self._book.take_script(wanted)
        if script.refusal is not None:
            raise script.refusal
        cost = self.balance.price * wanted.count
        if self.balance.remaining(self._now()) < cost:
            raise self.balance.refusal
        task = self._book.add(wanted, script, references, cost, self._now())
        self.balance.charge(task)
        self._files.publish(task)
        described = task.describe(self._now(), self._files.result_url)
        return web.json_response(described | {"metadata": dict(wanted.metadata)})

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        task = self._book.find(request.match_info["key"], self._now())
        if task is None:
            raise Refusal(404, "task_not_found", "The task does not exist")
        return web.json_response(task.look_up(self._now(), self._files.result_url))

    async def _show_balance(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self.balance.describe(self._now()))

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        image = request.query.get("type") == "image"
        ids = [model for model in MODELS if model not in self.unavailable] if image else _TEXT_MODELS
        data = [{"id": model, "object": "model", "created": 1735689600, "owned_by": "toapis"} for model in ids]
        return web.json_response({"success": True, "object": "list", "data": data})
