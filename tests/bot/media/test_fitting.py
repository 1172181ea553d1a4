from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from bot.errors import ImageError
from bot.media import ImageFormat, fit, fitting
from tests.pictures import (
    ORIENTATION,
    ROTATED,
    animated,
    chunk,
    noise,
    opened,
    picture,
    refusal,
    srgb_profile,
    with_exif,
)


class TestFit:
    def test_leaves_alone_what_fits_exactly(self) -> None:
        data = picture("WEBP", (64, 48))
        fitted = fit(data, len(data), name="result")
        assert fitted.data is data
        assert (fitted.content_type, fitted.extension) == ("image/webp", "webp")
        assert (fitted.width, fitted.height, fitted.reduced) == (64, 48, False)

    def test_gives_up_a_little_quality_first_and_no_pixels(self) -> None:
        data = noise((1000, 800), strength=8)
        fitted = fit(data, len(_at_quality(data, 95, "4:4:4")), name="result")
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
        image = opened(noise((200, 200)))
        image.putalpha(0)
        image.save(buffer, "PNG")
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

    @pytest.mark.parametrize("kind", ["HEIF", "AVIF", "BMP", "TIFF"])
    def test_makes_a_jpeg_of_what_not_everybody_can_look_at(self, kind: str) -> None:
        fitted = fit(picture(kind), 1_000_000, name="result")
        assert (fitted.content_type, fitted.reduced) == (ImageFormat.JPEG.content_type, True)


class TestWithoutLoss:
    def test_what_is_no_picture_goes_first(self) -> None:
        data = picture("PNG")
        long = data[:33] + chunk(b"tEXt", b"Comment\0" + b"x" * 5_000) + data[33:]
        fitted = fit(long, len(data), name="result")
        assert (fitted.data, fitted.extension, fitted.reduced) == (data, "png", False)

    @pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
    def test_what_is_coded_with_loss_loses_no_more_to_metadata(self, kind: str) -> None:
        data = picture(kind, exif=with_exif(orientation=1, secret=b"x" * 5_000))
        fitted = fit(data, len(data) - 4_000, name="result")
        assert fitted.reduced is False
        assert (fitted.width, fitted.height) == (40, 30)
        assert opened(fitted.data).tobytes() == opened(data).tobytes()

    def test_how_to_turn_a_picture_is_not_lost_with_its_metadata(self) -> None:
        data = picture("JPEG", (64, 48), exif=with_exif(orientation=ROTATED, secret=b"x" * 5_000))
        fitted = fit(data, len(data) - 4_000, name="result")
        assert opened(fitted.data).size == (fitted.width, fitted.height) == (48, 64)
        assert fitted.reduced

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
    def test_a_careless_png_keeps_every_pixel(self, mode: str) -> None:
        data = picture("PNG", (700, 500), mode, compress_level=0)
        fitted = fit(data, len(data) - 1, name="result")
        assert (fitted.content_type, fitted.extension, fitted.reduced) == ("image/webp", "webp", False)
        assert (fitted.width, fitted.height) == (700, 500)
        assert opened(fitted.data).convert("RGBA").tobytes() == opened(data).convert("RGBA").tobytes()

    def test_the_colour_profile_stays(self) -> None:
        profile = srgb_profile()
        data = picture("PNG", (700, 500), compress_level=0, icc_profile=profile)
        fitted = fit(data, len(data) - 1, name="result")
        assert (fitted.extension, opened(fitted.data).info["icc_profile"]) == ("webp", profile)

    def test_a_png_that_is_to_be_turned_keeps_every_pixel(self) -> None:
        data = picture("PNG", (700, 500), compress_level=0, exif=with_exif(orientation=ROTATED))
        fitted = fit(data, len(data) // 2, name="result")
        assert (fitted.width, fitted.height, fitted.reduced) == (500, 700, False)
        upright = opened(data).transpose(Image.Transpose.ROTATE_270)
        assert opened(fitted.data).convert("RGB").tobytes() == upright.tobytes()

    def test_sixteen_bits_are_more_than_can_be_kept(self) -> None:
        buffer = BytesIO()
        Image.new("I;16", (200, 200), 0x8001).save(buffer, "PNG", compress_level=0)
        fitted = fit(buffer.getvalue(), 20_000, name="result")
        assert (fitted.extension, fitted.reduced) == ("jpg", True)

    def test_a_side_that_webp_does_not_know_is_no_obstacle(self) -> None:
        data = picture("PNG", (16_384, 8), compress_level=0)
        fitted = fit(data, len(data) - 1, name="result")
        assert (fitted.extension, fitted.width) == ("jpg", 16_384)

    @pytest.mark.parametrize("kind", ["WEBP", "GIF"])
    def test_of_what_moves_the_first_frame_stays(self, kind: str) -> None:
        fitted = fit(animated(kind).ljust(5_000, b"\0"), 4_000, name="result")
        image = opened(fitted.data)
        assert (fitted.extension, fitted.reduced, getattr(image, "n_frames", 1)) == ("jpg", True, 1)
        assert image.getpixel((10, 5)) == pytest.approx((254, 0, 0), abs=8)

    @pytest.mark.parametrize(("size", "limit"), [((1_000, 800), 100_000), ((60, 40), 10), ((4_000, 3), 100)])
    def test_nothing_is_tried_that_has_no_chance(
        self, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], limit: int
    ) -> None:
        tried: list[tuple[int, int]] = []
        encode = fitting._encode

        def watched(image: Image.Image, step: fitting.Step) -> bytes:
            if step is fitting.LOSSLESS_WEBP:
                tried.append(image.size)
            return encode(image, step)

        monkeypatch.setattr(fitting, "_encode", watched)
        with suppress(ImageError):
            fit(noise(size), limit, name="result")
        assert tried
        assert all(max(tile) <= 128 for tile in tried)


def _at_quality(data: bytes, quality: int, subsampling: str) -> bytes:
    buffer = BytesIO()
    opened(data).convert("RGB").save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()
