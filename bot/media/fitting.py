"""Make a picture fit a size limit with as little loss as the limit allows.

First it is tried without any; then quality gives way, then pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from bot.errors import ImageError
from bot.media.formats import ImageFormat
from bot.media.opening import MAX_PIXELS, inspect, opened
from bot.media.orientation import is_turned
from bot.media.stripping import moves, without_metadata
from bot.texts import Text

_SHOWN_EVERYWHERE = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP, ImageFormat.GIF})
_REWRITTEN = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP})
_PNG_DEPTH = 24  # where a PNG says how many bits a sample has
_TILE = 128  # pixels; less would count the costs of a file's beginning
_MOST_PROFILE = 2**20  # bytes of a colour profile; a larger one is no use to anybody
_TILES = 5  # in a row of samples
_LONGEST_SIDE = {ImageFormat.JPEG: 65_500, ImageFormat.WEBP: 16_383}  # limits of libjpeg and of WebP


@dataclass(frozen=True)
class Step:
    """A way to encode: a kind of picture, Pillow's options for it, and the pixels that it is given at most."""

    format: ImageFormat
    options: Mapping[str, Any]
    most_pixels: int = MAX_PIXELS


LOSSLESS_WEBP = Step(ImageFormat.WEBP, {"lossless": True, "quality": 0, "method": 1, "exact": True})
"""A sixth to a quarter smaller than a painting as PNG, in 0.2 s a million pixels; more effort gains nothing."""
PNG = Step(ImageFormat.PNG, {})
JPEG_STEPS = tuple(
    Step(ImageFormat.JPEG, {"quality": quality, "subsampling": subsampling})
    for quality, subsampling in ((95, "4:4:4"), (90, "4:4:4"), (85, "4:2:0"), (75, "4:2:0"))
)
WEBP_STEPS = tuple(Step(ImageFormat.WEBP, {"quality": quality}, 17_000_000) for quality in (95, 90, 80))
"""For transparency, which costs up to 60 bytes and 0.3 µs a pixel; no model paints more of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A picture within a size limit, with its pixels; `reduced` says whether it has lost some, or quality, for that."""

    data: bytes
    content_type: str
    extension: str
    width: int
    height: int
    reduced: bool


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A picture encoded anew; `reduced` says whether the first step was too large."""

    data: bytes
    format: ImageFormat
    size: tuple[int, int]
    reduced: bool


def fit(data: bytes, limit: int, *, name: str) -> Fitted:
    """A picture of at most `limit` bytes with as little loss as possible.

    Unchanged if it fits; else without its metadata; a PNG else as WebP without loss, if a sample promises that this
    will do; else as JPEG. A 4K PNG of 17 MB fits under 10 MiB at quality 95, 4:4:4. In a JPEG transparency becomes
    white. An EXIF orientation is applied, a colour profile is kept. A kind of picture that not every program shows
    becomes a JPEG in any case.

    Raises:
        ImageError: as `inspect` says, or the limit is too small for any JPEG.
    """
    info = inspect(data, name=name)
    if len(data) <= limit and info.format in _SHOWN_EVERYWHERE:
        return _fitted(data, info.format, (info.width, info.height), reduced=False)
    clean = _without_metadata(data, name)
    if len(clean) <= limit and info.format in _SHOWN_EVERYWHERE:
        return _fitted(clean, info.format, (info.width, info.height), reduced=False)
    with opened(data, name) as source:
        image = upright(source.image)
        if _can_be_kept(data, info.format) and _is_promising(image, limit):
            encoded = _encode(image, LOSSLESS_WEBP)
            if len(encoded) <= limit:
                return _fitted(encoded, ImageFormat.WEBP, image.size, reduced=False)
        lossy = least_loss(on_white(image), JPEG_STEPS, limit, name)
    return _fitted(lossy.data, lossy.format, lossy.size, reduced=True)


def _without_metadata(data: bytes, name: str) -> bytes:
    """The same picture in fewer bytes, if it has any that are no picture and can do without them."""
    with opened(data, name) as source:
        if source.format not in _REWRITTEN or moves(data, source.format) or is_turned(source, data):
            return data
        return without_metadata(data, source.format)


def _can_be_kept(data: bytes, kind: ImageFormat) -> bool:
    """Whether a PNG's pixels survive as WebP: eight bits are all that Pillow and WebP know, sides have a limit."""
    longest = max(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    return kind is ImageFormat.PNG and data[_PNG_DEPTH] <= 8 and longest <= _LONGEST_SIDE[ImageFormat.WEBP]


def _is_promising(image: Image.Image, limit: int) -> bool:
    """Whether a sample of 25 tiles says that the picture may fit without loss; a try of a whole takes seconds."""
    size = min(_TILE, *image.size)
    sampled = sum(
        len(_encode(image.crop((x, y, x + size, y + size)), LOSSLESS_WEBP))
        for x in _spread(image.width - size)
        for y in _spread(image.height - size)
    )
    return sampled / (_TILES * size) ** 2 * image.width * image.height <= limit


def _spread(last: int) -> list[int]:
    return [last * number // (_TILES - 1) for number in range(_TILES)]


def _fitted(data: bytes, kind: ImageFormat, size: tuple[int, int], *, reduced: bool) -> Fitted:
    kinds = {"content_type": kind.content_type, "extension": kind.extension}
    return Fitted(data=data, width=size[0], height=size[1], reduced=reduced, **kinds)


def at_smaller_scale(image: Image.Image) -> Image.Image:
    """Of at most `MAX_PIXELS`; a JPEG is so already when it is opened."""
    return image if image.width * image.height <= MAX_PIXELS else _in_plain_mode(image).reduce(2)


def upright(image: Image.Image) -> Image.Image:
    """Decoded, turned as EXIF says, in mode L, RGB or RGBA, with its colour profile and no other metadata."""
    ImageOps.exif_transpose(image, in_place=True)  # a copy would take as much memory again
    profile = image.info.get("icc_profile") or b""
    plain = _in_plain_mode(image)
    colours = b"GRAY" if plain.mode == "L" else b"RGB "  # as the profile's header names them
    keeps_profile = len(profile) <= _MOST_PROFILE and profile[16:20] == colours
    plain.info = {"icc_profile": profile} if keeps_profile else {}
    return plain


def _in_plain_mode(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would clip to white
        wide = image if image.mode in {"I", "I;16"} else image.convert("I")
        # Pillow's type of `point` names NumPy, which is not installed.
        return wide.point(lambda grey: grey / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in {"1", "F"}:
        return image.convert("L")
    return image if image.mode in {"RGB", "L"} else image.convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    """Without transparency."""
    if image.mode != "RGBA":
        return image
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image)
    flat.info = image.info
    return flat


def least_loss(image: Image.Image, steps: Sequence[Step], limit: int, name: str) -> Encoded:
    """The first step within `limit` bytes, or the last one with fewer pixels. The image may be made smaller in place.

    Raises:
        ImageError: the limit is too small for any.
    """
    data = b""
    for step in steps:
        data = _encode(image, step)
        if len(data) <= limit:
            return Encoded(data=data, format=step.format, size=image.size, reduced=step is not steps[0])
    last = steps[-1]
    while len(data) > limit and max(image.size) > 1:
        # A file shrinks a little less than its area; 0.9 leaves room for that and makes sure of progress.
        shrink = 0.9 * min(1.0, math.sqrt(limit / len(data)))
        image.thumbnail((max(1, image.width * shrink), max(1, image.height * shrink)), Image.Resampling.LANCZOS)
        data = _encode(image, last)
    if len(data) > limit:
        text = Text("download.too_large", {"name": name, "limit": f"{limit / 2**20:.4g} MiB"})
        raise ImageError(f"{name}: {len(data)} bytes, {limit} allowed", text=text)
    return Encoded(data=data, format=last.format, size=image.size, reduced=True)


def _encode(image: Image.Image, step: Step) -> bytes:
    longest = _LONGEST_SIDE.get(step.format, max(image.size))
    if max(image.size) > longest:
        image.thumbnail((longest, longest))
    if image.width * image.height > step.most_pixels:
        shrink = math.sqrt(step.most_pixels / (image.width * image.height))
        image.thumbnail((image.width * shrink, image.height * shrink), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, step.format.codec, icc_profile=image.info.get("icc_profile"), **step.options)
    return buffer.getvalue()
