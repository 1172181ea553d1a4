"""Take out of a picture's file what is not the picture, without decoding it: the container is written anew.

What tells of a person (place, time, camera, names, an earlier version as thumbnail) and what hides behind the end of
the file goes; pixels, transparency and colour profile stay, bit by bit. An EXIF orientation goes too, so a picture that
must be turned has to be turned first.

Source: the PNG specification (third edition) and Google's description of the WebP container.
"""

from collections.abc import Callable, Iterator, Mapping

from bot.media import jpeg
from bot.media.formats import ImageFormat

_PNG_START = 8  # bytes of signature
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"sBIT", b"pHYs"}
    | {b"cHRM", b"gAMA", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI"},
)
_WEBP_START = 12  # bytes of RIFF header
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
_WEBP_MOVES = 0x02  # the flag of an animation
_WEBP_ABSENT = 0x08 | 0x04  # the flags of EXIF and XMP


def without_metadata(data: bytes, kind: ImageFormat) -> bytes:
    """The picture alone; `data` itself if there is nothing else in it.

    Args:
        data: a JPEG, PNG or WebP that does not move (of a moving PNG, the picture for still viewers remains).
        kind: which of the three.

    Raises:
        ValueError: the file is damaged.
        KeyError: it is of another kind.
    """
    clean = _REWRITE[kind](data)
    return data if clean == data else clean


def moves(data: bytes, kind: ImageFormat) -> bool:
    """Whether it is a WebP with frames, perhaps only one: it has no picture for viewers who know no frames."""
    return kind is ImageFormat.WEBP and data[12:16] == b"VP8X" and bool(data[20] & _WEBP_MOVES)


def _png(data: bytes) -> bytes:
    return data[:_PNG_START] + b"".join(chunk for kind, chunk in _png_chunks(data) if kind in _PNG_KEPT)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = _PNG_START
    kind = b""
    while kind != b"IEND":
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            raise ValueError("a PNG without an end")
        kind = data[position + 4 : position + 8]
        yield kind, data[position:end]
        position = end


def _webp(data: bytes) -> bytes:
    kept = b"".join(chunk for kind, chunk in _webp_chunks(data) if kind in _WEBP_KEPT)
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + kept


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    file_end = 8 + int.from_bytes(data[4:8], "little")
    position = _WEBP_START
    while position + 8 <= file_end:
        kind = data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + length
        if end > min(file_end, len(data)):
            raise ValueError("a WebP cut short")
        content = data[position + 8 : end]
        if kind == b"VP8X":
            content = bytes((content[0] & ~_WEBP_ABSENT,)) + content[1:10]
        padding = b"\0" * (len(content) % 2)
        yield kind, kind + len(content).to_bytes(4, "little") + content + padding
        position = end + length % 2


_REWRITE: Mapping[ImageFormat, Callable[[bytes], bytes]] = {
    ImageFormat.JPEG: jpeg.without_metadata,
    ImageFormat.PNG: _png,
    ImageFormat.WEBP: _webp,
}
