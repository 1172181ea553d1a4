"""Look at bytes that claim to be pictures: what they are, whether they are sound, and how they fit under a size limit.

A name and a content type prove nothing; the first bytes and the header decide. Pixels are decoded only where a picture
must be converted. Everything here is synchronous and takes processor time, so callers go through `Darkroom`.
"""

import asyncio
import enum
import math
import os
import re
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import PurePath
from typing import TypeVar

from PIL import Image, ImageFile, ImageOps

from bot.errors import ImageError
from bot.texts import Text

T = TypeVar("T")

MAX_PIXELS = 40_000_000  # a 4K picture has 17 million; more is a bomb or a poster, at up to 4 bytes a pixel
REFERENCE_BYTES = 10 * 1024 * 1024

# Pillow compares every header with its limit before it allocates; up to twice the limit it would only warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_BOMB_PIXELS = re.compile(r"\((\d+) pixels\)")
_JPEG_SIDE = 65_500  # libjpeg's limit
_JPEG_STEPS = ((95, "4:4:4"), (90, "4:4:4"), (85, "4:2:0"), (75, "4:2:0"))  # quality, chroma subsampling


class ImageFormat(enum.Enum):
    """A kind of picture, as its first bytes say; the value is its name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    GIF = "GIF"
    HEIC = "HEIC"
    AVIF = "AVIF"
    BMP = "BMP"
    TIFF = "TIFF"

    @property
    def content_type(self) -> str:
        """Such as "image/png"."""
        return f"image/{self.name.lower()}"

    @property
    def extension(self) -> str:
        """Of a file name, without the dot."""
        return "jpg" if self is ImageFormat.JPEG else self.name.lower()


_USABLE = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP, ImageFormat.GIF})

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), ImageFormat.JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ImageFormat.PNG),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ImageFormat.WEBP),
    (re.compile(rb"GIF8[79]a"), ImageFormat.GIF),
    # ISO base media: the major brand tells, or for a generic one ("mif1") the compatible brands behind it.
    (re.compile(rb".{4}ftyp(avi[fs]|mi[fa]1.{4,40}avi[fs])", re.DOTALL), ImageFormat.AVIF),
    (re.compile(rb".{4}ftyp(hei[cxms]|hev[cxms]|m[is]f1)", re.DOTALL), ImageFormat.HEIC),
    # "BM" begins words too; four reserved bytes are zero.
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), ImageFormat.BMP),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), ImageFormat.TIFF),
)


@dataclass(frozen=True, kw_only=True)
class ImageInfo:
    """What the header says. Width and height are pixels as stored: an EXIF orientation is not applied."""

    format: ImageFormat
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class PreparedReference:
    """A reference as the gateway takes it: JPEG, PNG or WebP of at most 10 MiB."""

    data: bytes
    content_type: str
    filename: str


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A picture within a size limit; `reduced` says whether it had to be encoded anew. Width and height are pixels."""

    data: bytes
    content_type: str
    extension: str
    width: int
    height: int
    reduced: bool


def sniff(data: bytes) -> ImageFormat | None:
    """What the first bytes say; None if they begin no picture that we know by name."""
    return next((kind for magic, kind in _MAGIC if magic.match(data)), None)


def inspect(data: bytes, *, name: str) -> ImageInfo:
    """Read the header and see that the file is whole.

    Args:
        data: the file.
        name: what the person calls it, for the text of an error.

    Raises:
        ImageError: no picture, not of a kind we can use, over `MAX_PIXELS`, damaged or cut short.
    """
    with _opened(data, name) as (image, kind):
        info = ImageInfo(
            format=kind,
            width=image.width,
            height=image.height,
        )
        if not _is_whole(image, kind, data):
            raise ImageError(f"{name}: cut short", text=Text("image.damaged", {"name": name}))
    return info


def prepare_reference(data: bytes, *, name: str) -> PreparedReference:
    """A reference for the gateway: unchanged if it can take it as it is, a GIF as its first frame.

    Raises:
        ImageError: as `inspect` says, or larger than 10 MiB.
    """
    info = inspect(data, name=name)
    if info.format is ImageFormat.GIF:
        with _opened(data, name) as (image, _):
            converted = BytesIO()
            image.save(converted, "PNG")
        fitted = fit(converted.getvalue(), REFERENCE_BYTES, name=name)
        filename = _filename(name, fitted.extension)
        return PreparedReference(data=fitted.data, content_type=fitted.content_type, filename=filename)
    if len(data) > REFERENCE_BYTES:
        raise _too_large(len(data), REFERENCE_BYTES, name)
    filename = _filename(name, info.format.extension)
    return PreparedReference(data=data, content_type=info.format.content_type, filename=filename)


def fit(data: bytes, limit: int, *, name: str) -> Fitted:
    """A picture of at most `limit` bytes: unchanged if it is, else as JPEG with as little loss as the limit allows.

    First quality gives way (a 4K PNG of 17 MB fits under 10 MiB at 95, 4:4:4), then size. Transparency becomes white,
    an EXIF orientation is applied, a colour profile is kept.

    Raises:
        ImageError: as `inspect` says, or the limit is too small for any JPEG.
    """
    info = inspect(data, name=name)
    if len(data) <= limit:
        return _fitted(data, info.format, (info.width, info.height), reduced=False)
    with _opened(data, name) as (image, _):
        flat = _flattened(image)
        profile = image.info.get("icc_profile") or b""
        is_for_mode = profile[16:20] == (b"GRAY" if flat.mode == "L" else b"RGB ")  # its header's colour space
        encoded, size = _smallest_loss(flat, limit, profile if is_for_mode else None)
    if len(encoded) > limit:
        raise _too_large(len(encoded), limit, name)
    return _fitted(encoded, ImageFormat.JPEG, size, reduced=True)


class Darkroom:
    """Runs the functions above in threads, off the event loop, as many at once as there are processors."""

    def __init__(self, workers: int | None = None) -> None:
        """Open the room.

        Args:
            workers: pictures worked on at the same time; the number of processors by default.
        """
        self._threads = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="darkroom")

    async def inspect(self, data: bytes, *, name: str) -> ImageInfo:
        """See `inspect`."""
        return await self._run(partial(inspect, data, name=name))

    async def prepare_reference(self, data: bytes, *, name: str) -> PreparedReference:
        """See `prepare_reference`."""
        return await self._run(partial(prepare_reference, data, name=name))

    async def fit(self, data: bytes, limit: int, *, name: str) -> Fitted:
        """See `fit`."""
        return await self._run(partial(fit, data, limit, name=name))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


@contextmanager
def _opened(data: bytes, name: str) -> Generator[tuple[ImageFile.ImageFile, ImageFormat]]:
    """The picture with its header read and nothing decoded; whatever Pillow raises within becomes an `ImageError`."""
    kind = sniff(data)
    if kind is None:
        raise ImageError(f"{name}: no known magic bytes", text=Text("image.not_an_image", {"name": name}))
    if kind not in _USABLE:
        text = Text("image.format_not_usable", {"name": name, "format": kind.value})
        raise ImageError(f"{name}: {kind.value}", text=text)
    try:
        with Image.open(BytesIO(data), formats=[kind.name]) as image:
            yield image, kind
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(error, name) from error
    except Exception as error:  # hostile bytes make Pillow raise nearly everything
        raise ImageError(f"{name}: {error!r}", text=Text("image.damaged", {"name": name})) from error


def _fitted(data: bytes, kind: ImageFormat, size: tuple[int, int], *, reduced: bool) -> Fitted:
    kinds = {"content_type": kind.content_type, "extension": kind.extension}
    return Fitted(data=data, width=size[0], height=size[1], reduced=reduced, **kinds)


def _is_whole(image: ImageFile.ImageFile, kind: ImageFormat, data: bytes) -> bool:
    """Whether the file has an end, without decoding it where its format allows; may raise what Pillow raises."""
    match kind:
        case ImageFormat.PNG:
            image.verify()  # every chunk's checksum, up to the end chunk
        case ImageFormat.JPEG:
            # Within a scan these two markers cannot occur; a thumbnail, with markers of its own, comes before it.
            return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") > 0
        case ImageFormat.WEBP:
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case _:
            image.load()
    return True


def _flattened(image: Image.Image) -> Image.Image:
    """Upright and without transparency, in a mode that JPEG knows."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer)
        return flat
    if upright.mode.startswith("I"):  # sixteen bits of grey, which a plain conversion would clip to white
        # Pillow's type of `point` names NumPy, which is not installed.
        return upright.point(lambda grey: grey / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]
    return upright if upright.mode in {"RGB", "L"} else upright.convert("RGB")


def _smallest_loss(image: Image.Image, limit: int, profile: bytes | None) -> tuple[bytes, tuple[int, int]]:
    """The first JPEG within `limit`, and its width and height; the last and smallest one if none is."""
    if max(image.size) > _JPEG_SIDE:
        image.thumbnail((_JPEG_SIDE, _JPEG_SIDE))
    encoded = b""
    for quality, subsampling in _JPEG_STEPS:
        encoded = _jpeg(image, quality, subsampling, profile)
        if len(encoded) <= limit:
            return encoded, image.size
    while len(encoded) > limit and max(image.size) > 1:
        # A file shrinks a little less than its area; 0.9 leaves room for that and makes sure of progress.
        shrink = 0.9 * min(1.0, math.sqrt(limit / len(encoded)))
        image.thumbnail((max(1, image.width * shrink), max(1, image.height * shrink)), Image.Resampling.LANCZOS)
        encoded = _jpeg(image, *_JPEG_STEPS[-1], profile)
    return encoded, image.size


def _jpeg(image: Image.Image, quality: int, subsampling: str, profile: bytes | None) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=subsampling, icc_profile=profile)
    return buffer.getvalue()


def _filename(name: str, extension: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePath(name).stem).strip("-")[:40]
    return f"{stem or 'image'}.{extension}"


def _too_large(size: int, limit: int, name: str) -> ImageError:
    text = Text("download.too_large", {"name": name, "limit": f"{limit / 2**20:.4g} MiB"})
    return ImageError(f"{name}: {size} bytes, {limit} allowed", text=text)


def _too_many_pixels(error: Exception, name: str) -> ImageError:
    found = _BOMB_PIXELS.search(str(error))
    pixels = int(found[1]) if found else MAX_PIXELS
    values: dict[str, str | int | float] = {"name": name, "limit": MAX_PIXELS // 1_000_000}
    values["pixels"] = math.ceil(pixels / 100_000) / 10
    return ImageError(f"{name}: {error}", text=Text("image.too_many_pixels", values))
