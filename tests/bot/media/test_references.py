import struct
import zlib
from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from bot.media import REFERENCE_BYTES, prepare_reference, upright_size
from bot.media.opening import is_large
from tests.pictures import (
    animated,
    chunk,
    jpeg_claiming,
    large_jpeg,
    noise,
    opened,
    picture,
    png_claiming,
    refusal,
    srgb_profile,
    very_large,
    with_exif,
)

SECRET = b"47.3769N 8.5417E"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
TAIL = b"PK\x03\x04 an archive of " + SECRET
LOSSY = ("JPEG", "HEIF", "AVIF")


class TestPrepareReference:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_passes_a_sound_picture_on_untouched(self, kind: str) -> None:
        data = picture(kind)
        assert prepare_reference(data, name="x").data is data

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("holiday.png", "holiday.jpg"),
            ("image1", "image1.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("夏.jpeg", "image.jpg"),
            ('a"b\r\nc;d.gif', "a-b-c-d.jpg"),
            ("", "image.jpg"),
            ("x" * 300, "x" * 40 + ".jpg"),
        ],
    )
    def test_names_the_file_by_its_bytes_and_in_safe_letters(self, name: str, expected: str) -> None:
        prepared = prepare_reference(picture("JPEG"), name=name)
        assert (prepared.filename, prepared.content_type) == (expected, "image/jpeg")

    def test_turns_a_moving_gif_into_its_first_frame(self) -> None:
        prepared = prepare_reference(animated("GIF"), name="dance.gif")
        assert (prepared.filename, prepared.content_type) == ("dance.png", "image/png")
        image = opened(prepared.data)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
        assert getattr(image, "n_frames", 1) == 1

    def test_leaves_behind_what_hides_in_a_gif(self) -> None:
        prepared = prepare_reference(picture("GIF") + b"<script>alert(1)</script>", name="x.gif")
        assert b"script" not in prepared.data

    @pytest.mark.parametrize(
        ("kind", "becomes"),
        [
            ("JPEG", "image/jpeg"),
            ("PNG", "image/png"),
            ("WEBP", "image/webp"),
            ("GIF", "image/png"),
            ("HEIF", "image/jpeg"),
            ("AVIF", "image/jpeg"),
            ("BMP", "image/png"),
            ("TIFF", "image/png"),
        ],
    )
    def test_takes_every_kind_that_people_have(self, kind: str, becomes: str) -> None:
        prepared = prepare_reference(picture(kind, (64, 48)), name="x")
        image = opened(prepared.data)
        assert (prepared.content_type, Image.MIME[image.format or ""]) == (becomes, becomes)
        assert (image.size, prepared.reduced) == ((64, 48), False)
        seen = image.convert("L")
        assert seen.getpixel((32, 24)) == pytest.approx(0, abs=16)
        assert seen.getpixel((0, 0)) == pytest.approx(
            opened(picture(kind, (64, 48))).convert("L").getpixel((0, 0)), abs=16
        )

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "HEIF", "AVIF", "TIFF"])
    def test_keeps_what_is_transparent(self, kind: str) -> None:
        buffer = BytesIO()
        image = Image.new("RGBA", (64, 48), (255, 0, 0, 255))
        image.paste((0, 0, 0, 0), (0, 0, 32, 48))
        image.save(buffer, kind)
        result = opened(prepare_reference(buffer.getvalue(), name="x").data).convert("RGBA")
        assert result.getchannel("A").getpixel((4, 4)) == pytest.approx(0, abs=4)
        assert result.getchannel("A").getpixel((60, 44)) == pytest.approx(255, abs=4)

    def test_takes_the_first_frame_of_a_moving_webp(self) -> None:
        image = opened(prepare_reference(animated("WEBP"), name="x").data)
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((0, 0)) == pytest.approx((255, 0, 0), abs=8)

    def test_takes_the_only_frame_of_a_webp_that_moves_by_name(self) -> None:
        data = animated("WEBP")
        second = data.index(b"ANMF", data.index(b"ANMF") + 4)
        single = data[:4] + struct.pack("<I", second - 8) + data[8:second]
        assert getattr(opened(single), "n_frames", 1) == 1
        image = opened(prepare_reference(single, name="x").data)
        assert image.size == (20, 10)
        assert image.convert("RGB").getpixel((0, 0)) == pytest.approx((255, 0, 0), abs=8)

    def test_keeps_the_greys_of_a_png_with_sixteen_bits_and_a_transparent_one(self) -> None:
        buffer = BytesIO()
        image = Image.new("I;16", (20, 20), 0x8000)
        image.save(buffer, "PNG", transparency=7, exif=with_exif(orientation=6))
        result = opened(prepare_reference(buffer.getvalue(), name="x").data)
        assert result.convert("L").getpixel((9, 9)) == pytest.approx(128, abs=1)

    def test_leaves_a_monstrous_colour_profile_behind(self) -> None:
        profile = srgb_profile().ljust(12 * 2**20, b"\0")
        data = picture("JPEG", icc_profile=profile)
        prepared = prepare_reference(data, name="x")
        assert len(prepared.data) < 10_000
        assert opened(prepared.data).size == (40, 30)

    @pytest.mark.parametrize("kind", ["PNG", "MPO"])
    def test_leaves_the_other_frames_of_a_still_picture_behind(self, kind: str) -> None:
        data = animated(kind)
        prepared = prepare_reference(data, name="x")
        image = opened(prepared.data)
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((0, 0)) == pytest.approx((255, 0, 0), abs=8)
        assert len(prepared.data) < len(data)

    def test_keeps_the_greys_of_a_tiff_with_sixteen_bits(self) -> None:
        for mode in ("I;16", "I;16B"):
            buffer = BytesIO()
            Image.new(mode, (20, 20), 0x8000).save(buffer, "TIFF")
            assert opened(prepare_reference(buffer.getvalue(), name="x").data).getpixel((9, 9)) == pytest.approx(
                128, abs=1
            )


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


class TestOrientation:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
    def test_what_is_to_be_turned_is_turned(self, kind: str) -> None:
        buffer = BytesIO()
        image = Image.new("RGB", (64, 48), "white")
        image.paste("black", (0, 0, 64, 12))  # the upper edge as stored: the right edge as seen
        exif = with_exif(orientation=6)
        image.save(buffer, kind, exif=exif.tobytes())
        result = opened(prepare_reference(buffer.getvalue(), name="x").data).convert("L")
        assert result.size == (48, 64)
        assert result.getpixel((44, 32)) == pytest.approx(0, abs=16)
        assert result.getpixel((4, 32)) == pytest.approx(255, abs=16)

    def test_of_a_png_is_found_behind_its_pixels(self) -> None:
        data = picture("PNG", (64, 48))
        exif = chunk(b"eXIf", with_exif(orientation=6).tobytes().removeprefix(b"Exif\0\0"))
        assert opened(prepare_reference(data[:-12] + exif + data[-12:], name="x").data).size == (48, 64)

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
    def test_the_size_as_seen_is_that_of_the_upright_picture(self, kind: str, orientation: int) -> None:
        data = picture(kind, (64, 48), exif=with_exif(orientation=orientation).tobytes())
        prepared = prepare_reference(data, name="x")
        assert upright_size(data, name="x") == (prepared.width, prepared.height) == opened(prepared.data).size
        assert (prepared.width < prepared.height) is (orientation >= 5)
        assert not prepared.reduced


class TestTooLarge:
    def test_bytes_that_are_no_pixels_do_not_count(self) -> None:
        data = picture("JPEG")
        prepared = prepare_reference(data.ljust(REFERENCE_BYTES + 1, b"\0"), name="x")
        assert (prepared.data, prepared.reduced) == (data, False)

    @pytest.mark.parametrize(
        ("kind", "mode", "becomes"),
        [("BMP", "RGB", "image/jpeg"), ("PNG", "RGB", "image/jpeg"), ("PNG", "RGBA", "image/webp")],
    )
    def test_is_made_smaller_and_says_so(self, kind: str, mode: str, becomes: str) -> None:
        limit = REFERENCE_BYTES // 25
        data = noise((560, 480), kind, mode, compress_level=0)
        assert len(data) > limit
        prepared = prepare_reference(data, name="image2", limit=limit)
        assert len(prepared.data) <= limit
        assert (prepared.content_type, prepared.reduced) == (becomes, True)
        assert opened(prepared.data).size == (560, 480)

    def test_a_png_that_was_stored_carelessly_loses_nothing(self) -> None:
        data = picture("PNG", (2_800, 2_400), compress_level=0)
        assert len(data) > REFERENCE_BYTES
        prepared = prepare_reference(data, name="x")
        assert (prepared.content_type, prepared.reduced) == ("image/png", False)
        assert opened(prepared.data).tobytes() == opened(data).tobytes()

    def test_a_photograph_of_the_best_quality_is_made_smaller(self) -> None:
        data = noise((2_600, 2_600), "JPEG", quality=100, subsampling=0)
        assert len(data) > REFERENCE_BYTES
        prepared = prepare_reference(data, name="x")
        assert len(prepared.data) <= REFERENCE_BYTES
        assert (prepared.content_type, prepared.reduced) == ("image/jpeg", True)

    def test_a_photograph_is_read_at_a_smaller_scale(self) -> None:
        data = large_jpeg()
        prepared = prepare_reference(data, name="x")
        image = opened(prepared.data)
        assert (image.size, prepared.reduced) == ((2_600, 4_000), True)
        assert (prepared.width, prepared.height) == image.size
        assert upright_size(data, name="x") == (5_200, 8_000)
        assert image.convert("RGB").getpixel((9, 9)) == pytest.approx((40, 90, 160), abs=4)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
    def test_of_as_many_pixels_as_telephones_make_is_made_smaller(self, kind: str) -> None:
        options = {"JPEG": {"progressive": True}, "WEBP": {"method": 0}, "PNG": {"compress_level": 1}}.get(kind, {})
        data = very_large(kind, **options)
        assert is_large(data, name="x")
        prepared = prepare_reference(data, name="x")
        assert (prepared.width, prepared.height, prepared.reduced) == (4_032, 2_520, True)
        assert len(prepared.data) <= REFERENCE_BYTES
        image = opened(prepared.data)
        assert image.size == (4_032, 2_520)
        assert image.convert("L").reduce(504).getpixel((0, 0)) == pytest.approx(128, abs=12)
        assert upright_size(data, name="x") == (8_064, 5_040)

    @pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF", "GIF"])
    def test_a_picture_of_another_kind_is_made_smaller_too(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # Encoding so many pixels takes a minute, so the limit is lowered instead.
        for module in ("opening", "fitting"):
            monkeypatch.setattr(f"bot.media.{module}.MAX_PIXELS", 1_000)
        prepared = prepare_reference(picture(kind), name="x")
        assert (prepared.width, prepared.height, prepared.reduced) == (20, 15, True)

    def test_a_large_png_is_turned_as_it_says(self) -> None:
        data = very_large("PNG", compress_level=1, exif=with_exif(orientation=6))
        prepared = prepare_reference(data, name="x")
        assert (prepared.width, prepared.height) == (2_520, 4_032)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_in_a_file_too_small_for_so_many_pixels_is_refused(self, kind: str) -> None:
        buffer = BytesIO()
        options = {"JPEG": {"progressive": True}, "WEBP": {"method": 0}}.get(kind, {})
        Image.new("L", (8_000, 5_200)).save(buffer, kind, **options)
        key, sentence = refusal(lambda: prepare_reference(buffer.getvalue(), name="image1"))
        assert key == "image.too_many_pixels"
        assert "at most 40 million" in sentence

    def test_of_more_pixels_than_anybody_has_is_refused_with_the_limit(self) -> None:
        padding = chunk(b"tEXt", bytes(2_500_000))
        data = png_claiming(11_000, 10_001)
        _, sentence = refusal(lambda: prepare_reference(data[:33] + padding + data[33:], name="image1"))
        assert "110.1 million" in sentence
        assert "at most 110 million" in sentence

    @pytest.mark.parametrize("side", [6_400, 16_000, 65_000])
    def test_a_claim_that_the_file_cannot_hold_is_refused(self, side: int) -> None:
        for bomb in (png_claiming(side, side), jpeg_claiming(side, side), jpeg_claiming(side, side) + bytes(2**21)):
            assert refusal(partial(prepare_reference, bomb, name="x"))[0] == "image.too_many_pixels"
