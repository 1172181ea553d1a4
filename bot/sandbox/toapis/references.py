"""How the gateway gets hold of the references: it fetches them itself, by URL, without any key."""

import asyncio
import hashlib
import io
from collections.abc import Callable

import aiohttp
from PIL import Image

from bot.sandbox.toapis.envelopes import invalid
from bot.sandbox.toapis.files import mime_type_of
from bot.sandbox.toapis.painting import thumbnail
from bot.sandbox.toapis.pixels import Size
from bot.sandbox.toapis.tasks import Reference

_LARGEST = 10 * 1024 * 1024  # bytes
_LARGEST_MASK = 4 * 1024 * 1024  # bytes
_ALLOWED = ("image/jpeg", "image/png", "image/webp")


class ReferenceFetcher:
    """Fetches and checks references.

    Args:
        uploaded: whether a URL is that of an upload, or of a result.
        timeout: seconds for one reference.

    Attributes:
        strict: whether only uploads and results are accepted.
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
        if self.strict and (strange := [url for url in urls if not self._uploaded(url)]):
            raise invalid(f"The image URL was not uploaded here: {strange[0]}")
        if not urls:
            return ()
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            return tuple([await self._fetch_one(session, url) for url in urls])

    async def _fetch_one(self, session: aiohttp.ClientSession, url: str) -> Reference:
        try:
            async with session.get(url) as answer:
                if answer.status != 200:
                    raise invalid(f"The image URL is not accessible (status {answer.status}): {url}")
                data = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise invalid(f"The image URL is not accessible: {url}") from error
        if len(data) > _LARGEST:
            raise invalid(f"The image is larger than 10MB: {url}")
        if mime_type_of(data) not in _ALLOWED:
            raise invalid(f"Unsupported image format, use jpeg, jpg, png or webp: {url}")
        try:
            pixels, small = await asyncio.to_thread(_look_at, data)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise invalid(f"The image cannot be decoded: {url}") from error
        return Reference(
            url=url,
            mime_type=str(mime_type_of(data)),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            pixels=pixels,
            thumbnail=small,
        )


def check_mask(mask: Reference, references: tuple[Reference, ...]) -> None:
    """Check a fetched mask.

    Raises:
        Refusal: it is not a PNG, larger than 4 MB, or not of the first reference's pixel size.
    """
    if mask.mime_type != "image/png" or mask.size > _LARGEST_MASK:
        raise invalid("The mask must be a PNG of at most 4MB")
    if not references or references[0].pixels != mask.pixels:
        raise invalid("The mask must have the same size as the reference image")


def _look_at(data: bytes) -> tuple[Size, Image.Image]:
    with Image.open(io.BytesIO(data)) as image:
        pixels = image.size
    return pixels, thumbnail(data)
