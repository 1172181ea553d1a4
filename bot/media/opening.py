"""Open a file as a picture, see that it is whole, and say by name what is wrong with one that is not."""

import math
import re
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from bot.errors import ImageError
from bot.media import jpeg
from bot.media.formats import ImageFormat, sniff
from bot.texts import Text

MAX_PIXELS = 40_000_000  # a 4K picture has 17 million; more is a bomb or a poster, at up to 4 bytes a pixel
MAX_LARGE_PIXELS = 110_000_000  # of a person's picture that is no bomb; telephones make 48, 50 and 108 million
MAX_LARGE_WEBP_PIXELS = 64_000_000  # its decoder takes 17 bytes a pixel, others 4 to 8
MAX_JPEG_PIXELS = 250_000_000  # where it can be read at a smaller scale; telephones make up to 200 million

# Photographs have 0.05 bytes a pixel and more, bombs a hundredth: DEFLATE alone can pack a thousand into one.
_LEAST_BYTES_PER_PIXEL = 0.02

# Pillow compares every header with its limit before it allocates; up to twice the limit it would only warn.
Image.MAX_IMAGE_PIXELS = MAX_LARGE_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
pillow_heif.register_heif_opener(thumbnails=False)  # pyright: ignore[reportUnknownMemberType] - its options have no types

_BOMB_PIXELS = re.compile(r"\((\d+) pixels\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageInfo:
    """What the header says. Width and height are pixels as stored: an EXIF orientation is not applied."""

    format: ImageFormat
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A picture with its header read and nothing decoded.

    Attributes:
        size: pixels as stored.
        shrunk: whether it has more than `MAX_PIXELS`, and must be made smaller (`at_smaller_scale`).
    """

    image: ImageFile.ImageFile
    format: ImageFormat
    size: tuple[int, int]
    shrunk: bool


def inspect(data: bytes, *, name: str) -> ImageInfo:
    """Read the header and see that the file is whole.

    Args:
        data: the file.
        name: what the person calls it, for the text of an error.

    Raises:
        ImageError: no picture, not of a kind we know, over `MAX_PIXELS`, damaged or cut short.
    """
    with opened(data, name) as source:
        info = ImageInfo(format=source.format, width=source.image.width, height=source.image.height)
        require_whole(source, data, name)
    return info


@contextmanager
def opened(data: bytes, name: str, *, shrink: bool = False) -> Generator[Opened]:
    """The picture in the file; whatever Pillow raises within becomes an `ImageError`.

    Args:
        data: the file.
        name: what the person calls it.
        shrink: whether it may have more than `MAX_PIXELS`, to be made smaller, where the file is large enough for them.
    """
    kind = sniff(data)
    if kind is None:
        raise ImageError(f"{name}: no known magic bytes", text=Text("image.not_an_image", {"name": name}))
    if kind is ImageFormat.JPEG and not jpeg.is_sound(data):
        raise _damaged(name, "cut short, or more scans than any camera makes")
    try:
        large = _large_jpeg(data) if shrink and kind is ImageFormat.JPEG else None
        with large or Image.open(BytesIO(data), formats=[kind.codec]) as image:
            size = image.size
            if large is None:
                _require_sane(size, name, _most_pixels(data, kind, size) if shrink else MAX_PIXELS)
            shrunk = size[0] * size[1] > MAX_PIXELS
            if shrunk and isinstance(image, JpegImageFile):
                _read_at_smaller_scale(image)
            yield Opened(image=image, format=kind, size=size, shrunk=shrunk)
    except (ImageError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = _BOMB_PIXELS.search(str(error))
        pixels = int(found[1]) if found else MAX_LARGE_PIXELS
        limit = _most_pixels(data, kind, (pixels, 1)) if shrink else MAX_PIXELS
        raise _too_many_pixels(str(error), pixels, name, limit) from error
    except Exception as error:  # hostile bytes make Pillow raise nearly everything
        raise _damaged(name, repr(error)) from error


def require_whole(source: Opened, data: bytes, name: str) -> None:
    """See that the file has an end, without decoding it where its format allows. A PNG is of no use afterwards.

    Raises:
        ImageError: it has none.
        Exception: whatever Pillow raises.
    """
    match source.format:
        case ImageFormat.PNG:
            source.image.verify()  # every chunk's checksum, up to the end chunk
            whole = True
        case ImageFormat.JPEG:
            whole = True  # or it would not be open
        case ImageFormat.WEBP:
            whole = len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case _:
            source.image.load()
            whole = True
    if not whole:
        raise _damaged(name, "cut short")


def may_be_large(data: bytes) -> bool:
    """Whether the file has enough bytes for more than `MAX_PIXELS`; with fewer it would be a bomb."""
    return len(data) >= MAX_PIXELS * _LEAST_BYTES_PER_PIXEL


def is_large(data: bytes, *, name: str) -> bool:
    """Whether a person's picture has more than `MAX_PIXELS`, so that decoding it takes much memory.

    Raises:
        ImageError: no picture, not of a kind we know, of too many pixels, or cut short.
    """
    with opened(data, name, shrink=True) as source:
        return source.shrunk


def _most_pixels(data: bytes, kind: ImageFormat, size: tuple[int, int]) -> int:
    """How many pixels a person's picture may have, as its file is large enough for so many or not."""
    coded = jpeg.coded_bytes(data) if kind is ImageFormat.JPEG else len(data)
    if coded < size[0] * size[1] * _LEAST_BYTES_PER_PIXEL:
        return MAX_PIXELS
    return MAX_LARGE_WEBP_PIXELS if kind is ImageFormat.WEBP else MAX_LARGE_PIXELS


def _require_sane(size: tuple[int, int], name: str, most: int) -> None:
    """Pillow's own look at the size depends on filters for warnings, which anybody in the process may change."""
    width, height = size
    if not width or not height:
        raise _damaged(name, f"{width} x {height} pixels")
    if width * height > most:
        raise _too_many_pixels(f"{width} x {height} pixels", width * height, name, most)


def _large_jpeg(data: bytes) -> JpegImageFile | None:
    """A JPEG over `MAX_PIXELS`; None if it is smaller, or could be a bomb."""
    image = JpegImageFile(BytesIO(data))  # unlike `Image.open`, it does not compare the header with the limit
    pixels = image.width * image.height
    if not MAX_PIXELS < pixels <= MAX_JPEG_PIXELS or not jpeg.can_be_read_in_strips(data, pixels):
        return None
    return image


def _read_at_smaller_scale(image: JpegImageFile) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth."""
    scale = next(scale for scale in (2, 4, 8) if image.width * image.height / scale**2 <= MAX_PIXELS)
    image.draft(None, (image.width // scale, image.height // scale))


def _damaged(name: str, why: str) -> ImageError:
    return ImageError(f"{name}: {why}", text=Text("image.damaged", {"name": name}))


def _too_many_pixels(why: str, pixels: int, name: str, limit: int) -> ImageError:
    values: dict[str, str | int | float] = {"name": name, "limit": limit // 1_000_000}
    values["pixels"] = math.ceil(pixels / 100_000) / 10
    return ImageError(f"{name}: {why}", text=Text("image.too_many_pixels", values))
