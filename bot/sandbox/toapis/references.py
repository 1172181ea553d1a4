"""How the gateway gets hold of the references: it fetches them itself, by URL, without any key."""

import asyncio
import hashlib
from collections.abc import Callable

import aiohttp
from PIL import Image

from bot.sandbox.toapis.envelopes import invalid
from bot.sandbox.toapis.files import mime_type_of
from bot.sandbox.toapis.painting import thumbnail
from bot.sandbox.toapis.tasks import Reference

_LARGEST = 10 * 1024 * 1024  # bytes
_ALLOWED = ("image/jpeg", "image/png", "image/webp")


class ReferenceFetcher:
    """Fetches and checks references.

    Args:
        uploaded: whether a URL is that of an upload.
        timeout: seconds for one reference.

    Attributes:
        strict: whether only uploaded pictures are accepted.
    """

    def __init__(self, *, uploaded: Callable[[str], bool], strict: bool, timeout: float) -> None:
        self.strict = strict
        self._uploaded = uploaded
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def fetch(self, urls: tuple[str, ...]) -> tuple[Reference, ...]:
        """The pictures behind the URLs.

        Raises:
            Refusal: one was not uploaded here, cannot be reached, is too large, or is not a JPEG, PNG or WebP.
        """
        for url in urls:
            if self.strict and not self._uploaded(url):
                raise invalid(f"The image URL was not uploaded here: {url}")
        if not urls:
            return ()
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            return tuple([await self._fetch_one(session, url) for url in urls])

    async def _fetch_one(self, session: aiohttp.ClientSession, url: str) -> Reference:
        try:
            async with session.get(url) as answer:
                if answer.status != 200:
                    raise invalid(f"The image URL is not accessible (status {answer.status}): {url}")
                data = await answer.content.read(_LARGEST + 1) if answer.content_length is None else await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise invalid(f"The image URL is not accessible: {url}") from error
        if len(data) > _LARGEST:
            raise invalid(f"The image is larger than 10MB: {url}")
        if mime_type_of(data) not in _ALLOWED:
            raise invalid(f"Unsupported image format, use jpeg, jpg, png or webp: {url}")
        try:
            small = await asyncio.to_thread(thumbnail, data)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise invalid(f"The image cannot be decoded: {url}") from error
        return Reference(url=url, size=len(data), sha256=hashlib.sha256(data).hexdigest(), thumbnail=small)
