"""The gateway's file host: uploads and results, on an address of its own, open to whoever knows a URL.

It is not the API: the key has no business here, so the host notices when it arrives all the same.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.sandbox.connection import until_left
from bot.sandbox.faults import Handler
from bot.sandbox.toapis.studio import Studio
from bot.sandbox.toapis.tasks import DAY, Task

UPLOADED_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A picture somebody uploaded.

    Attributes:
        id: such as "upload_abc12345".
        url: where it can be fetched for 24 hours.
        mime_type: of its bytes.
        created_at: seconds since the Unix epoch.
        data: the bytes.
    """

    id: str
    url: str
    mime_type: str
    created_at: float
    data: bytes = field(repr=False)


def mime_type_of(data: bytes) -> str | None:
    """The type of a picture by its first bytes; None unless JPEG, PNG, WebP or GIF."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


class FileHost:
    """Keeps uploads, and serves the results of tasks.

    Args:
        now: the time in seconds since the Unix epoch.
        studio: makes the results.
        secret: what must never arrive here: the API key.

    Attributes:
        url: the address, known once the server has started.
        key_arrived: whether the key was ever sent here.
    """

    def __init__(self, *, now: Callable[[], float], studio: Studio, secret: str) -> None:
        self.url = ""
        self.key_arrived = False
        self._now = now
        self._studio = studio
        self._secret = secret
        self._uploads: dict[str, Upload] = {}
        self._results: dict[str, tuple[Task, int]] = {}

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """Everything uploaded, in order."""
        return tuple(self._uploads.values())

    def add(self, data: bytes, mime_type: str) -> Upload:
        """Keep an uploaded picture."""
        now = self._now()
        token = hashlib.sha256(f"{len(self._uploads)}/{now}".encode()).hexdigest()[:8]
        name = f"{int(now)}_{token}.{mime_type.removeprefix('image/').replace('jpeg', 'jpg')}"
        upload = Upload(
            id=f"upload_{token}", url=f"{self.url}/uploads/123/{name}", mime_type=mime_type, created_at=now, data=data
        )
        self._uploads[name] = upload
        return upload

    def holds(self, url: str) -> bool:
        """Whether `url` is that of an upload or of a result."""
        name = url.rpartition("/")[2]
        upload = self._uploads.get(name)
        return (upload is not None and upload.url == url) or (name in self._results and self.result_url(name) == url)

    def publish(self, task: Task) -> None:
        """Serve the task's pictures from its end until they expire."""
        for number, name in enumerate(task.picture_names, start=1):
            self._results[name] = (task, number)

    def result_url(self, name: str) -> str:
        """The URL of a result."""
        return f"{self.url}/generated/{name}"

    def routes(self) -> list[web.RouteDef]:
        """What it serves."""
        return [
            web.get("/uploads/{account}/{name}", self._serve_upload),
            web.get("/generated/{name}", self._serve_result),
        ]

    def watch(self) -> Middleware:
        """The middleware that notices the key, wherever in a request it is."""

        @web.middleware
        async def notice(request: web.Request, handler: Handler) -> web.StreamResponse:
            if any(self._secret in text for text in (request.path_qs, *request.headers.values())):
                self.key_arrived = True
            return await handler(request)

        return notice

    async def _serve_upload(self, request: web.Request) -> web.StreamResponse:
        upload = self._uploads.get(request.match_info["name"])
        if upload is None or self._now() >= upload.created_at + DAY:
            return _not_found()
        return web.Response(body=upload.data, content_type=upload.mime_type)

    async def _serve_result(self, request: web.Request) -> web.StreamResponse:
        task, number = self._results.get(request.match_info["name"], (None, 0))
        if task is None or not task.ends_at <= self._now() < task.expires_at or task.script.picture == "gone":
            return _not_found()
        task.fetched_at.append(self._now())
        served = task.script.picture
        if served == "text":
            return web.Response(text="this is not a picture")
        if served == "html":
            return web.Response(text="<html><body>Please wait</body></html>", content_type="text/html")
        data = served if isinstance(served, bytes) else await self._studio.picture(task, number)
        if served in ("stalled", "interrupted"):
            return await _serve_half(request, data, closing=served == "interrupted")
        whole = len(data) // 2 if served == "truncated" else len(data)
        return web.Response(body=data[:whole], content_type=mime_type_of(data) or "application/octet-stream")


def _not_found() -> web.Response:
    return web.Response(status=404, text="Not Found")


async def _serve_half(request: web.Request, data: bytes, *, closing: bool) -> web.StreamResponse:
    """Promise all, send half, then close the connection or wait until the client does."""
    answer = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(data))})
    await answer.prepare(request)
    await answer.write(data[: len(data) // 2])
    if closing and request.transport is not None:
        request.transport.close()
    await until_left(request)
    raise ConnectionResetError("the client has left")
