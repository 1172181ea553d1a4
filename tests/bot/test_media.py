import asyncio
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from bot.errors import ImageError
from bot.media import MAX_PIXELS, REFERENCE_BYTES, Darkroom, ImageFormat, fit, inspect, prepare_reference, sniff

ORIENTATION = 0x0112  # the EXIF tag
ROTATED = 6  # its value for "turn right to view"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    buffer = BytesIO()
    ImageOps.fit(Image.radial_gradient("L"), size).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def noise(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture that no encoder makes small."""
    bands = [Image.effect_noise(size, 200) for _ in mode]
    buffer = BytesIO()
    Image.merge(mode, bands).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


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


class TestAFileThatIsNoUsablePicture:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x89",
            b"\xff\xd8",
            b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b'{"error": "not found"}',
            b"%PDF-1.7\n",
            b"RIFF\x24\x00\x00\x00WAVEfmt ",
            b"BMW is a maker of cars",
            b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2",
            b"<html>" + picture("JPEG"),
        ],
        ids=["empty", "1 byte", "2 bytes", "HTML", "SVG", "JSON", "PDF", "WAV", "words", "MP4", "HTML and a JPEG"],
    )
    def test_of_no_known_kind_is_refused_by_name(self, data: bytes) -> None:
        assert sniff(data) is None
        key, sentence = refusal(lambda: inspect(data, name="image2"))
        assert key == "image.not_an_image"
        assert sentence.startswith("image2: ")

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
            (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
            (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"),
            (picture("AVIF"), "AVIF"),
            (picture("BMP"), "BMP"),
            (picture("TIFF"), "TIFF"),
        ],
    )
    def test_of_a_kind_we_cannot_use_is_called_by_it(self, data: bytes, kind: str) -> None:
        key, sentence = refusal(lambda: inspect(data, name="image1"))
        assert key == "image.format_not_usable"
        assert sentence.startswith(f"image1: {kind} pictures")

    @pytest.mark.parametrize("claiming", [png_claiming, webp_claiming, gif_claiming, jpeg_claiming])
    @pytest.mark.parametrize("side", [6_400, 8_000, 16_000])
    def test_claiming_too_many_pixels_is_refused_before_it_is_decoded(
        self, claiming: Callable[[int, int], bytes], side: int
    ) -> None:
        data = claiming(side, side)
        assert len(data) < 3_000
        for look in (
            lambda: inspect(data, name="image1"),
            lambda: prepare_reference(data, name="image1"),
            lambda: fit(data, 10, name="image1"),
        ):
            key, sentence = refusal(look)
            assert key == "image.too_many_pixels"
            assert f"{side * side / 1e6:.1f}".rstrip("0").rstrip(".") in sentence
            assert "at most 40 million" in sentence

    def test_one_pixel_over_the_limit_is_said_to_be_over_it(self) -> None:
        _, sentence = refusal(lambda: inspect(png_claiming(MAX_PIXELS + 1, 1), name="x"))
        assert "40.1 million" in sentence

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
    @pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
    def test_cut_short_is_damaged(self, kind: str, share: float) -> None:
        data = picture(kind, (300, 200))
        key, sentence = refusal(lambda: inspect(data[: max(16, int(len(data) * share))], name="image3"))
        assert key == "image.damaged"
        assert sentence.startswith("image3: ")

    def test_a_progressive_jpeg_cut_between_two_scans_is_damaged(self) -> None:
        data = picture("JPEG", (300, 200), progressive=True)
        second_scan = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
        assert refusal(lambda: inspect(data[:second_scan], name="x"))[0] == "image.damaged"

    def test_a_jpeg_cut_behind_its_thumbnail_is_damaged(self) -> None:
        # The application segment holds a whole JPEG, with an end marker of its own.
        thumbnail = picture("JPEG", (16, 16))
        segment = b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
        whole = picture("JPEG", (300, 200))
        with_thumbnail = whole[:2] + segment + whole[2:]
        assert inspect(with_thumbnail, name="x").width == 300
        assert refusal(lambda: inspect(with_thumbnail[:-200], name="x"))[0] == "image.damaged"

    def test_a_png_with_one_wrong_bit_is_damaged(self) -> None:
        data = bytearray(picture("PNG", (300, 200)))
        data[len(data) // 2] ^= 1
        assert refusal(lambda: inspect(bytes(data), name="x"))[0] == "image.damaged"

    def test_a_png_without_its_end_is_damaged(self) -> None:
        assert refusal(lambda: inspect(picture("PNG")[:-12], name="x"))[0] == "image.damaged"

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_whatever_the_bytes_only_our_own_error_is_raised(self, data: st.DataObject) -> None:
        start = data.draw(st.sampled_from([picture(kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF")]))
        keep = data.draw(st.integers(0, len(start)))
        broken = start[:keep] + data.draw(st.binary(max_size=80)) + start[keep + data.draw(st.integers(0, 40)) :]
        for look in (inspect, prepare_reference, partial(fit, limit=10)):
            with suppress(ImageError):
                look(broken, name="x")


class TestInspect:
    @pytest.mark.parametrize(
        ("kind", "content_type", "extension"),
        [
            ("JPEG", "image/jpeg", "jpg"),
            ("PNG", "image/png", "png"),
            ("WEBP", "image/webp", "webp"),
            ("GIF", "image/gif", "gif"),
        ],
    )
    def test_says_kind_and_size_by_the_bytes(self, kind: str, content_type: str, extension: str) -> None:
        info = inspect(picture(kind, (64, 48)), name="misnamed.txt")
        assert (info.format.name, info.width, info.height) == (kind, 64, 48)
        assert (info.format.content_type, info.format.extension) == (content_type, extension)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO"])
    def test_takes_a_file_of_several_frames(self, kind: str) -> None:
        info = inspect(animated(kind), name="x")
        assert (info.width, info.height) == (20, 10)

    def test_takes_the_largest_picture_that_is_allowed(self) -> None:
        data = picture("PNG", (8_000, 5_000), "L")
        assert inspect(data, name="x").width * inspect(data, name="x").height == MAX_PIXELS

    def test_takes_a_jpeg_with_something_behind_its_end(self) -> None:
        assert inspect(picture("JPEG") + b"PK\x03\x04 an archive", name="x").format is ImageFormat.JPEG


class TestPrepareReference:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_passes_a_sound_picture_on_untouched(self, kind: str) -> None:
        data = picture(kind)
        assert prepare_reference(data, name="x").data is data

    def test_keeps_the_orientation_of_a_photograph(self) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = ROTATED
        prepared = prepare_reference(picture("JPEG", exif=exif), name="photo.jpg")
        assert opened(prepared.data).getexif()[ORIENTATION] == ROTATED

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

    def test_takes_exactly_ten_mebibytes_and_not_a_byte_more(self) -> None:
        padded = picture("JPEG").ljust(REFERENCE_BYTES, b"\0")
        assert len(prepare_reference(padded, name="x").data) == 10 * 1024 * 1024
        key, sentence = refusal(lambda: prepare_reference(padded + b"\0", name="image4"))
        assert key == "download.too_large"
        assert "10 MiB" in sentence


class TestFit:
    def test_leaves_alone_what_fits_exactly(self) -> None:
        data = picture("WEBP", (64, 48))
        fitted = fit(data, len(data), name="result")
        assert fitted.data is data
        assert (fitted.content_type, fitted.extension) == ("image/webp", "webp")
        assert (fitted.width, fitted.height, fitted.reduced) == (64, 48, False)

    def test_gives_up_a_little_quality_first_and_no_pixels(self) -> None:
        data = picture("PNG", (1000, 800), compress_level=0)
        fitted = fit(data, len(data) - 1, name="result")
        assert (fitted.content_type, fitted.extension, fitted.reduced) == ("image/jpeg", "jpg", True)
        assert (fitted.width, fitted.height) == opened(fitted.data).size == (1000, 800)
        assert fitted.data == _at_quality(data, 95, "4:4:4")

    def test_gives_up_more_quality_before_pixels(self) -> None:
        data = noise((300, 200))
        limit = len(_at_quality(data, 85, "4:2:0"))
        fitted = fit(data, limit, name="result")
        assert len(fitted.data) == limit
        assert (fitted.width, fitted.height) == (300, 200)

    @pytest.mark.parametrize("limit", [20_000, 5_000, 900])
    def test_gives_up_pixels_last_and_keeps_the_ratio(self, limit: int) -> None:
        fitted = fit(noise((600, 300)), limit, name="result")
        assert limit / 3 < len(fitted.data) <= limit
        assert (fitted.width, fitted.height) == opened(fitted.data).size
        assert fitted.width / fitted.height == pytest.approx(2, rel=0.1)

    @pytest.mark.parametrize("size", [(3000, 1), (1, 3000)])
    def test_makes_even_a_line_fit(self, size: tuple[int, int]) -> None:
        assert len(fit(noise(size), 1_000, name="result").data) <= 1_000

    def test_says_so_when_nothing_can_fit(self) -> None:
        assert refusal(lambda: fit(picture(), 10, name="result"))[0] == "download.too_large"

    def test_reads_a_side_that_jpeg_does_not_know(self) -> None:
        data = picture("PNG", (70_000, 4), compress_level=0)
        fitted = fit(data, len(data) - 1, name="result")
        assert fitted.width <= 65_500

    def test_makes_transparency_white(self) -> None:
        buffer = BytesIO()
        Image.new("RGBA", (200, 200), (255, 0, 0, 0)).save(buffer, "PNG", compress_level=0)
        fitted = fit(buffer.getvalue(), 10_000, name="result")
        assert opened(fitted.data).getpixel((100, 100)) == (255, 255, 255)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
    def test_takes_every_mode_of_png(self, mode: str) -> None:
        data = picture("PNG", (200, 200), mode, compress_level=0)
        fitted = fit(data, len(data) - 1, name="result")
        seen = opened(fitted.data).convert("L")
        centre, corner = seen.getpixel((seen.width // 2, seen.height // 2)), seen.getpixel((0, 0))
        assert (centre, corner) == (pytest.approx(0, abs=8), pytest.approx(255, abs=8))

    def test_keeps_the_greys_of_a_png_with_sixteen_bits(self) -> None:
        buffer = BytesIO()
        Image.new("I;16", (200, 200), 0x8000).save(buffer, "PNG", compress_level=0)
        fitted = fit(buffer.getvalue(), 20_000, name="result")
        assert opened(fitted.data).getpixel((100, 100)) == pytest.approx(128, abs=1)

    def test_takes_a_jpeg_in_printing_colours(self) -> None:
        fitted = fit(noise((200, 200), "JPEG", "CMYK", quality=95), 20_000, name="result")
        assert opened(fitted.data).mode == "RGB"

    def test_turns_a_photograph_upright(self) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = ROTATED
        fitted = fit(noise((300, 200), "JPEG", exif=exif, quality=95), 20_000, name="result")
        assert fitted.height > fitted.width
        assert ORIENTATION not in opened(fitted.data).getexif()

    def test_keeps_the_colour_profile(self) -> None:
        profile = srgb_profile()
        fitted = fit(noise((300, 200), icc_profile=profile), 100_000, name="result")
        assert opened(fitted.data).info["icc_profile"] == profile

    def test_drops_a_profile_of_other_colours(self) -> None:
        profile = srgb_profile()
        fitted = fit(noise((300, 200), "PNG", "L", icc_profile=profile), 20_000, name="result")
        assert "icc_profile" not in opened(fitted.data).info


class TestDarkroom:
    async def test_works_beside_the_event_loop(self) -> None:
        darkroom = Darkroom()
        looks = asyncio.gather(
            darkroom.inspect(picture(), name="a"),
            darkroom.prepare_reference(picture("GIF"), name="b"),
            darkroom.fit(noise((300, 200)), 20_000, name="c"),
        )
        assert not looks.done()
        info, prepared, fitted = await looks
        assert info.format is ImageFormat.PNG
        assert prepared.filename == "b.png"
        assert len(fitted.data) <= 20_000

    async def test_passes_a_refusal_on(self) -> None:
        with pytest.raises(ImageError):
            await Darkroom().inspect(b"", name="a")

    async def test_works_on_no_more_pictures_at_once_than_it_has_hands(self) -> None:
        darkroom = Darkroom(workers=1)
        finished: list[str] = []

        async def work(name: str, data: bytes) -> None:
            await darkroom.fit(data, 20_000, name=name)
            finished.append(name)

        await asyncio.gather(work("slow", noise((900, 900))), work("quick", picture()))
        assert finished == ["slow", "quick"]


def _at_quality(data: bytes, quality: int, subsampling: str) -> bytes:
    buffer = BytesIO()
    opened(data).convert("RGB").save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()
