"""Pictures made on the spot: sound ones of every kind, and files that lie about themselves."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener  # pyright: ignore[reportUnknownVariableType] - its options have no types

from bot.errors import ImageError

register_heif_opener()

ORIENTATION = 0x0112  # the EXIF tag
ROTATED = 6  # its value for "turn right to view"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    buffer = BytesIO()
    ImageOps.fit(Image.radial_gradient("L"), size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def with_exif(*, orientation: int, secret: bytes = b"") -> Image.Exif:
    """How to turn a picture, and where and of what it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if secret:
        exif[0x010E] = secret.decode()  # ImageDescription
        exif.get_ifd(0x8825).update({1: "N", 29: secret.decode()})  # GPS: hemisphere, and its date as a place for text
    return exif


def noise(
    size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", *, strength: float = 200, **options: Any
) -> bytes:
    """A picture that no encoder makes small; of little strength it is like a photograph in the dark."""
    bands = [Image.effect_noise(size, strength) for _ in mode]
    buffer = BytesIO()
    Image.merge(mode, bands).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def png_of(length: int, size: tuple[int, int]) -> bytes:
    """A sound, black PNG of exactly so many bytes, all of them its picture's: empty blocks of the coding fill it up."""
    ends = png_claiming(*size)[: 8 + 25], chunk(b"IEND", b"")
    packed = zlib.compress(bytes((1 + 3 * size[0]) * size[1]))
    missing = length - len(b"".join(ends)) - len(chunk(b"IDAT", packed))
    parts = missing * 3 % 5  # of 12 bytes more each, so that the rest can be had by blocks of 5
    stream = packed[:2] + b"\0\0\0\xff\xff" * ((missing - 12 * parts) // 5) + packed[2:]
    first = [chunk(b"IDAT", stream[part : part + 1]) for part in range(parts)]
    return b"".join((ends[0], *first, chunk(b"IDAT", stream[parts:]), ends[1]))


def webp_claiming(width: int, height: int) -> bytes:
    data = bytearray(picture("WEBP", lossless=True))
    bits = data.index(b"VP8L") + 9  # behind the chunk's length and its signature: 14 bits each
    flags = int.from_bytes(data[bits : bits + 4], "little") & ~((1 << 28) - 1)
    data[bits : bits + 4] = (flags | (height - 1) << 14 | (width - 1)).to_bytes(4, "little")
    return bytes(data)


def gif_claiming(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + picture("GIF")[10:]


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(picture("JPEG"))
    start_of_frame = data.index(b"\xff\xc0")
    data[start_of_frame + 5 : start_of_frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "green", "blue")]
    buffer = BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=50)
    return buffer.getvalue()


def large_jpeg(*, progressive: bool = False) -> bytes:
    """Of more pixels than are read at full scale, to be turned."""
    buffer = BytesIO()
    image = Image.new("RGB", (8_000, 5_200), (40, 90, 160))
    image.save(buffer, "JPEG", progressive=progressive, exif=with_exif(orientation=6))
    return buffer.getvalue()


def very_large(kind: str, **options: Any) -> bytes:
    """A grainy picture of 40.6 million pixels, made of tiles since that is quick."""
    tile = Image.effect_noise((504, 504), 60)
    image = Image.new("L", (8_064, 5_040))
    for x in range(0, image.width, tile.width):
        for y in range(0, image.height, tile.height):
            image.paste(tile, (x, y))
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def srgb_profile() -> bytes:
    create: Callable[[str], Any] = getattr(ImageCms, "createProfile")  # noqa: B009 - Pillow does not type its result
    profile = create("sRGB")
    return ImageCms.ImageCmsProfile(profile).tobytes()


def refusal(look: Callable[[], object]) -> tuple[str, str]:
    """The key of the text for the user, and the sentence."""
    with pytest.raises(ImageError) as caught:
        look()
    return caught.value.text.key, str(caught.value.text)
