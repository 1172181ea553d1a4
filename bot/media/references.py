"""Make of a picture as people have it a reference as the gateway takes it, with nothing private inside."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image

from bot.media.fitting import JPEG_STEPS, PNG, WEBP_STEPS, Step, at_smaller_scale, least_loss, upright
from bot.media.formats import ImageFormat
from bot.media.opening import opened, require_whole
from bot.media.orientation import is_turned, size_as_seen
from bot.media.stripping import moves, without_metadata

SOURCE_BYTES = 25 * 1024 * 1024  # what is fetched of a person's picture; 100 million pixels as JPEG have about 20
REFERENCE_BYTES = 10 * 1024 * 1024  # what the gateway takes

_TAKEN = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP})
_LOSSY = frozenset({ImageFormat.JPEG, ImageFormat.WEBP, ImageFormat.HEIC, ImageFormat.AVIF})


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedReference:
    """A reference as the gateway takes it: JPEG, PNG or WebP of at most 10 MiB, upright and without metadata.

    Attributes:
        width, height: pixels.
        reduced: whether it has lost pixels or quality because it was too large.
    """

    data: bytes
    content_type: str
    filename: str
    width: int
    height: int
    reduced: bool


def prepare_reference(data: bytes, *, name: str, limit: int = REFERENCE_BYTES) -> PreparedReference:
    """A reference for the gateway, of at most `limit` bytes.

    JPEG, PNG and WebP keep their pixels as they are coded, unless they must be turned or are too large. Of what moves,
    the first frame counts. A colour profile and transparency are kept.

    Raises:
        ImageError: as `inspect` says; but where the file is large enough for them, it may have up to
            `opening.MAX_LARGE_PIXELS`, and a baseline JPEG up to `opening.MAX_JPEG_PIXELS`.
    """
    with opened(data, name, shrink=True) as source:
        is_taken = source.format in _TAKEN and not moves(data, source.format)
        if is_taken and not source.shrunk and not is_turned(source, data):
            require_whole(source, data, name)
            clean = without_metadata(data, source.format)
            if len(clean) <= limit:
                return prepared(clean, source.format, source.size, name, reduced=False)
    with opened(data, name, shrink=True) as source:
        image = upright(at_smaller_scale(source.image))
        encoded = least_loss(image, _steps(image, source.format), limit, name)
        has_lost = len(data) > limit and encoded.format is not ImageFormat.PNG
        reduced = encoded.reduced or source.shrunk or has_lost
    return prepared(encoded.data, encoded.format, encoded.size, name, reduced=reduced)


def upright_size(data: bytes, *, name: str) -> tuple[int, int]:
    """Width and height in pixels as the picture is seen: an EXIF orientation is applied.

    Raises:
        ImageError: as for `prepare_reference`; but the file need not be whole.
    """
    with opened(data, name, shrink=True) as source:
        return size_as_seen(source, data)


def _steps(image: Image.Image, kind: ImageFormat) -> tuple[Step, ...]:
    if image.mode == "RGBA":
        return (PNG, *WEBP_STEPS)
    return JPEG_STEPS if kind in _LOSSY else (PNG, *JPEG_STEPS)


def prepared(data: bytes, kind: ImageFormat, size: tuple[int, int], name: str, *, reduced: bool) -> PreparedReference:
    """A file for the gateway, under a harmless name."""
    return PreparedReference(
        data=data,
        content_type=kind.content_type,
        filename=_filename(name, kind.extension),
        width=size[0],
        height=size[1],
        reduced=reduced,
    )


def _filename(name: str, extension: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePath(name).stem).strip("-")[:40]
    return f"{stem or 'image'}.{extension}"
