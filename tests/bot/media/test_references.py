import struct
from io import BytesIO

import pytest
from PIL import Image

from bot.media import prepare_reference, upright_size
from tests.pictures import (
    animated,
    chunk,
    opened,
    picture,
    srgb_profile,
    with_exif,
)


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
