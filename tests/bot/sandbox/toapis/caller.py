"""A caller of the gateway stand-in that speaks its API in the plainest way."""

import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from PIL import Image

from bot.sandbox.toapis import ToapisServer
from tests.clocks import FastClock

FLASH = "gemini-3.1-flash-image-preview"
PRO = "gemini-3-pro-image-preview"
OLD = "gemini-2.5-flash-image-preview"
VERTEX = "gemini-2.5-flash-image-official"


def picture(format: str = "PNG", size: tuple[int, int] = (30, 20), colour: str = "red") -> bytes:  # noqa: A002
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, format)
    return buffer.getvalue()


@dataclass(frozen=True)
class Answer:
    """An answer of the gateway."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.raw)

    @property
    def image(self) -> Image.Image:
        """The body as a picture, decoded to the last pixel."""
        image = Image.open(io.BytesIO(self.raw))
        image.load()
        return image

    @property
    def error(self) -> tuple[int, str]:
        """The status and the code of a refusal in the usual envelope."""
        return self.status, self.json["error"]["code"]


class Caller:
    """Somebody with a key."""

    def __init__(self, gateway: ToapisServer, clock: FastClock, session: aiohttp.ClientSession) -> None:
        self.gateway = gateway
        self.clock = clock
        self.session = session
        self.headers = {"Authorization": f"Bearer {gateway.key}"}

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """A call to the API; `path` is without "/v1"."""
        headers = options.pop("headers", self.headers)
        async with self.session.request(
            method, f"{self.gateway.base_url}/v1{path}", headers=headers, **options
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def upload(
        self, data: bytes, filename: str | None = "a.png", content_type: str = "image/png", field: str = "file"
    ) -> Answer:
        """Upload a picture."""
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field(
            field,
            io.BytesIO(data) if filename else data.decode("latin-1"),
            filename=filename,
            content_type=content_type,
        )
        return await self.ask("POST", "/uploads/images", data=form)

    async def uploaded(self, data: bytes | None = None) -> str:
        """The URL of an uploaded picture."""
        answer = await self.upload(picture() if data is None else data)
        url: str = answer.json["data"]["url"]
        return url

    async def submit(self, model: str = FLASH, prompt: Any = "a fox in the snow", **fields: Any) -> Answer:
        """Submit a request."""
        return await self.ask("POST", "/images/generations", json={"model": model, "prompt": prompt, **fields})

    async def submitted(self, model: str = FLASH, **fields: Any) -> str:
        """The id of an accepted task."""
        answer = await self.submit(model, **fields)
        assert answer.status == 200, answer.raw
        task: str = answer.json["id"]
        return task

    async def look_up(self, key: str) -> Answer:
        """Ask for a task."""
        return await self.ask("GET", f"/images/generations/{quote(key, safe='')}")

    async def urls(self, key: str) -> list[str]:
        """The URLs of a completed task's pictures."""
        body = (await self.look_up(key)).json
        return [entry["url"] for entry in body["result"]["data"]]

    async def fetch(self, url: str, **options: Any) -> Answer:
        """Fetch a file, without the key."""
        async with self.session.get(url, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def painted(self, model: str = FLASH, **fields: Any) -> Answer:
        """The first picture of a request that takes no time."""
        self.gateway.next_task(seconds=0)
        return await self.fetch((await self.urls(await self.submitted(model, **fields)))[0])
