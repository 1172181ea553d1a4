"""What is private in a picture's file, and does not go along with it."""

import struct
import zlib

import pytest

from bot.media import prepare_reference
from tests.pictures import (
    chunk,
    noise,
    opened,
    picture,
    srgb_profile,
    with_exif,
)

SECRET = b"47.3769N 8.5417E"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
TAIL = b"PK\x03\x04 an archive of " + SECRET


class TestWhatIsPrivate:
    @pytest.mark.parametrize("orientation", [1, 6])
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
    def test_place_and_description_are_gone(self, kind: str, orientation: int) -> None:
        exif = with_exif(orientation=orientation, secret=SECRET)
        data = picture(kind, (64, 48), exif=exif, xmp=XMP)
        assert SECRET in data
        prepared = prepare_reference(data, name="x")
        assert SECRET not in prepared.data
        assert b"Exif" not in prepared.data
        assert b"EXIF" not in prepared.data
        assert dict(opened(prepared.data).getexif()) == {}

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF"])
    def test_what_lies_behind_the_end_is_gone(self, kind: str) -> None:
        assert SECRET not in prepare_reference(picture(kind) + TAIL, name="x").data

    @pytest.mark.parametrize("kind", ["JPEG", "GIF"])
    def test_a_comment_is_gone(self, kind: str) -> None:
        data = picture(kind, comment=SECRET)
        assert SECRET in data
        assert SECRET not in prepare_reference(data, name="x").data

    def test_a_comment_is_gone_from_a_photograph_that_is_turned(self) -> None:
        data = picture("JPEG", comment=SECRET, exif=with_exif(orientation=6))
        assert SECRET not in prepare_reference(data, name="x").data

    @pytest.mark.parametrize("marker", [*range(0xE1, 0xF0), 0xFE])
    def test_no_segment_of_an_application_stays_in_a_jpeg(self, marker: int) -> None:
        data = picture("JPEG")
        segment = bytes((0xFF, marker)) + struct.pack(">H", len(SECRET) + 2) + SECRET
        assert prepare_reference(data[:2] + segment + data[2:], name="x").data == data

    def test_a_segment_between_two_scans_is_gone(self) -> None:
        data = picture("JPEG", progressive=True)
        second_scan = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
        segment = b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET
        assert prepare_reference(data[:second_scan] + segment + data[second_scan:], name="x").data == data

    def test_the_thumbnail_in_the_first_segment_of_a_jpeg_is_gone(self) -> None:
        data = picture("JPEG")
        body = b"JFIF\0\1\1\0\0\1\0\1\4\1" + SECRET[:12]
        header = b"\xff\xe0" + struct.pack(">H", len(body) + 2) + body
        assert prepare_reference(data[:2] + header + data[20:], name="x").data == data

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            (b"tEXt", b"Author\0" + SECRET),
            (b"zTXt", b"Author\0\0" + zlib.compress(SECRET)),
            (b"iTXt", b"Author\0\0\0\0\0" + SECRET),
            (b"tIME", b"\x07\xea\1\1\1\1\1"),
            (b"prVt", SECRET),
        ],
    )
    def test_no_other_chunk_stays_in_a_png(self, kind: bytes, body: bytes) -> None:
        data = picture("PNG")
        assert prepare_reference(data[:33] + chunk(kind, body) + data[33:], name="x").data == data

    def test_no_other_chunk_stays_in_a_webp(self) -> None:
        data = picture("WEBP", icc_profile=srgb_profile())
        longer = data + b"PRVT" + struct.pack("<I", len(SECRET)) + SECRET
        longer = longer[:4] + struct.pack("<I", len(longer) - 8) + longer[8:]
        assert prepare_reference(longer, name="x").data == data

    @pytest.mark.parametrize("orientation", [1, 6])
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
    def test_the_colour_profile_stays(self, kind: str, orientation: int) -> None:
        profile = srgb_profile()
        data = picture(kind, icc_profile=profile, exif=with_exif(orientation=orientation, secret=SECRET))
        assert opened(prepare_reference(data, name="x").data).info["icc_profile"] == profile

    def test_the_pixels_stay_as_they_are(self) -> None:
        for kind in ("JPEG", "PNG", "WEBP"):
            data = picture(kind, exif=with_exif(orientation=1, secret=SECRET))
            assert opened(prepare_reference(data, name="x").data).tobytes() == opened(data).tobytes()

    def test_printing_colours_stay_as_they_are(self) -> None:
        data = noise((40, 30), "JPEG", "CMYK")
        assert opened(prepare_reference(data + TAIL, name="x").data).tobytes() == opened(data).tobytes()
