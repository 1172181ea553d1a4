"""The segments of a JPEG file, read without decoding a pixel.

Source: ITU-T T.81, annex B; the application segments of JFIF, of ICC profiles and of Adobe's colour transform.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # neither a stuffed byte nor a restart nor a fill byte

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BASELINE = frozenset({0xC0, 0xC1})  # sequential, Huffman
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})

_MOST_SCANS = 100  # a progressive picture has about 10; each costs a walk over all pixels, however little is in it

_BLOCK_PIXELS = 64
_BLOCK_BITS = 2  # the least that a sequential scan spends on a block: a code for its mean and one for its end


@dataclass(frozen=True)
class Segment:
    """A marker with its body, and for a scan the coded pixels behind it."""

    marker: int
    body: bytes
    scan: bytes = b""

    def encode(self) -> bytes:
        """As it stands in a file."""
        return bytes((0xFF, self.marker)) + (len(self.body) + 2).to_bytes(2, "big") + self.body + self.scan


def segments(data: bytes) -> Iterator[Segment]:
    """What lies between the start and the first end marker; what lies behind the end is not looked at.

    Raises:
        ValueError: the file ends before its end marker, or a segment is impossible.
    """
    position = 2
    while True:
        start = _next_marker(data, position)
        marker = data[start + 1]
        if marker == _EOI:
            return
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        position = start + 2 + length
        if marker == _SOI or length < 2 or position > len(data):
            raise ValueError(f"a JPEG segment {marker:#x} of {length} bytes at {start}")
        body = data[start + 4 : position]
        if marker == _SOS:
            end = _next_marker(data, position)
            yield Segment(marker, body, data[position:end])
            position = end
        else:
            yield Segment(marker, body)


def is_sound(data: bytes) -> bool:
    """Whether it has an end, and scans in a number that can be decoded in good time.

    What lies behind the end, such as the film of a moving photograph, may contain any bytes.
    """
    try:
        scans = sum(segment.marker == _SOS for segment in segments(data))
    except ValueError:
        return False
    return 0 < scans <= _MOST_SCANS


def coded_bytes(data: bytes) -> int:
    """How many bytes its pixels are coded in; what lies behind the end, for one, does not count.

    Raises:
        ValueError: as `segments` says.
    """
    return sum(len(segment.scan) for segment in segments(data))


def without_metadata(data: bytes) -> bytes:
    """The same pixels and colour profile, and nothing else: no EXIF, XMP, IPTC, comment, thumbnail or further file.

    Raises:
        ValueError: as `segments` says, or there is no scan.
    """
    kept = [kept for segment in segments(data) if (kept := _kept(segment)) is not None]
    if not any(segment.marker == _SOS for segment in kept):
        raise ValueError("a JPEG without a scan")
    return b"".join((b"\xff\xd8", *(segment.encode() for segment in kept), b"\xff\xd9"))


def can_be_read_in_strips(data: bytes, pixels: int) -> bool:
    """Whether a decoder needs memory for some lines only, and the file is large enough to hold so many pixels.

    A progressive picture, and one with its colours in scans of their own, is kept in memory as a whole.

    Raises:
        ValueError: as `segments` says.
    """
    components = 0
    for segment in segments(data):
        if segment.marker in _FRAMES:
            if segment.marker not in _BASELINE or len(segment.body) < 6:
                return False
            components = segment.body[5]
        elif segment.marker == _SOS:
            needed = pixels // _BLOCK_PIXELS * _BLOCK_BITS // 8
            return segment.body[:1] == bytes([components]) and len(segment.scan) >= needed
    return False


def _next_marker(data: bytes, position: int) -> int:
    found = _MARKER.search(data, position)
    if found is None:
        raise ValueError("a JPEG without an end")
    return found.start()


def _kept(segment: Segment) -> Segment | None:
    body = segment.body
    match segment.marker:
        case 0xE0 if body.startswith(b"JFIF\0") and len(body) >= 14:
            return Segment(segment.marker, body[:12] + b"\0\0")  # without its thumbnail
        case 0xE2 if body.startswith(b"ICC_PROFILE\0"):
            return segment
        case 0xEE if body.startswith(b"Adobe"):
            return Segment(segment.marker, body[:12])  # without it colours are read wrongly
        case marker if marker in _FRAMES | _TABLES | {_SOS}:
            return segment
        case _:
            return None
