"""Make a picture fit a size limit with as little loss as the limit allows: first quality gives way, then pixels."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from bot.errors import ImageError
from bot.media.formats import ImageFormat
from bot.media.opening import inspect, opened
from bot.texts import Text

_SHOWN_EVERYWHERE = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP, ImageFormat.GIF})
_LONGEST_SIDE = {ImageFormat.JPEG: 65_500, ImageFormat.WEBP: 16_383}  # limits of libjpeg and of WebP


@dataclass(frozen=True)
class Step:
    """A way to encode: a kind of picture, and Pillow's options for it."""

    format: ImageFormat
    options: Mapping[str, Any]


PNG = Step(ImageFormat.PNG, {})
JPEG_STEPS = tuple(
    Step(ImageFormat.JPEG, {"quality": quality, "subsampling": subsampling})
    for quality, subsampling in ((95, "4:4:4"), (90, "4:4:4"), (85, "4:2:0"), (75, "4:2:0"))
)
WEBP_STEPS = tuple(Step(ImageFormat.WEBP, {"quality": quality}) for quality in (95, 90, 80))


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A picture within a size limit; `reduced` says whether it had to be encoded anew. Width and height are pixels."""

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
    """A picture of at most `limit` bytes: unchanged if it is, else as JPEG with as little loss as the limit allows.

    A 4K PNG of 17 MB fits under 10 MiB at quality 95, 4:4:4. Transparency becomes white, an EXIF orientation is
    applied, a colour profile is kept. A kind of picture that not every program shows becomes a JPEG in any case.

    Raises:
        ImageError: as `inspect` says, or the limit is too small for any JPEG.
    """
    info = inspect(data, name=name)
    if len(data) <= limit and info.format in _SHOWN_EVERYWHERE:
        return _fitted(data, info.format, (info.width, info.height), reduced=False)
    with opened(data, name) as source:
        encoded = least_loss(on_white(upright(source.image)), JPEG_STEPS, limit, name)
    return _fitted(encoded.data, encoded.format, encoded.size, reduced=True)


def _fitted(data: bytes, kind: ImageFormat, size: tuple[int, int], *, reduced: bool) -> Fitted:
    kinds = {"content_type": kind.content_type, "extension": kind.extension}
    return Fitted(data=data, width=size[0], height=size[1], reduced=reduced, **kinds)


def upright(image: Image.Image) -> Image.Image:
    """Decoded, turned as EXIF says, in mode L, RGB or RGBA, with its colour profile and no other metadata."""
    turned = ImageOps.exif_transpose(image)
    profile = turned.info.get("icc_profile") or b""
    plain = _in_plain_mode(turned)
    is_for_mode = profile[16:20] == (b"GRAY" if plain.mode == "L" else b"RGB ")  # its header's colour space
    plain.info = {"icc_profile": profile} if is_for_mode else {}
    return plain


def _in_plain_mode(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would clip to white
        wide = image if image.mode in {"I", "I;16"} else image.convert("I")
        # Pillow's type of `point` names NumPy, which is not installed.
        return wide.point(lambda grey: grey / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]
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
    buffer = BytesIO()
    image.save(buffer, step.format.codec, icc_profile=image.info.get("icc_profile"), **step.options)
    return buffer.getvalue()
