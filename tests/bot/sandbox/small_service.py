"""A small service behind the sandbox's middleware, and a client that tells how each request ended."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.faults import Faults, middleware, received
from bot.sandbox.record import Record

START = 1_700_000_000.0
BIG = 400_000  # bytes
LARGEST_BODY = 100_000  # bytes


@dataclass(frozen=True)
class Ending:
    """How a request ended for the client; `broken` is whether the body broke off or never ended."""

    status: int | None = None  # None: the connection was cut before an answer
    body: bytes = b""
    content_type: str | None = None
    headers: Any = None
    broken: bool = False


class SmallService:
    """Echoes what was posted to /v1/things/{id}, and serves BIG bytes at /v1/plain and /v1/streamed."""

    def __init__(self) -> None:
        self.record = Record()
        self.faults = Faults()
        self.acted = 0
        self.url = ""
        self.port = 0
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["SmallService"]:
        watch = middleware(self.record, self.faults, "toapis", prefix="/v1", now=lambda: START)
        app = web.Application(middlewares=[watch], client_max_size=LARGEST_BODY)
        app.add_routes(
            [
                web.post("/v1/things/{id}", self._echo),
                web.get("/v1/plain", self._plain),
                web.get("/v1/streamed", self._streamed),
                web.get("/v1/teapot", self._teapot),
                web.get("/v1/bug", self._bug),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        async with self._session:
            yield self
        await runner.cleanup()

    async def ask(self, method: str, path: str, **options: Any) -> Ending:
        """One request, by the client's account."""
        body = bytearray()
        status = content_type = headers = None
        try:
            async with self._session.request(method, self.url + path, **options) as answer:
                status, content_type, headers = answer.status, answer.headers.get("Content-Type"), answer.headers
                async for chunk in answer.content.iter_any():
                    body += chunk
        except (aiohttp.ClientError, TimeoutError):
            return Ending(status, bytes(body), content_type, headers, broken=True)
        return Ending(status, bytes(body), content_type, headers)

    async def _echo(self, request: web.Request) -> web.Response:
        self.acted += 1
        came = received(request)
        files = [[file.field, file.filename, file.content_type, file.data.decode()] for file in came.files]
        return web.json_response(
            {"body": came.body, "fields": dict(came.fields), "files": files, "malformed": came.malformed}
        )

    async def _plain(self, _: web.Request) -> web.Response:
        self.acted += 1
        return web.Response(body=b"x" * BIG)

    async def _streamed(self, request: web.Request) -> web.StreamResponse:
        self.acted += 1
        answer = web.StreamResponse(headers={"Content-Length": str(BIG)})
        await answer.prepare(request)
        for _ in range(8):
            await answer.write(b"y" * (BIG // 8))
        await answer.write_eof()
        return answer

    async def _teapot(self, _: web.Request) -> web.Response:
        raise web.HTTPConflict(text='{"why": "teapot"}', content_type="application/json")

    async def _bug(self, _: web.Request) -> web.Response:
        raise ZeroDivisionError
