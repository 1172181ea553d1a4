from io import BytesIO

import pytest
from PIL import Image

from bot.media import ImageFormat, fit
from tests.pictures import ORIENTATION, ROTATED, noise, opened, picture, refusal, srgb_profile


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

    @pytest.mark.parametrize("kind", ["HEIF", "AVIF", "BMP", "TIFF"])
    def test_makes_a_jpeg_of_what_not_everybody_can_look_at(self, kind: str) -> None:
        fitted = fit(picture(kind), 1_000_000, name="result")
        assert (fitted.content_type, fitted.reduced) == (ImageFormat.JPEG.content_type, True)


def _at_quality(data: bytes, quality: int, subsampling: str) -> bytes:
    buffer = BytesIO()
    opened(data).convert("RGB").save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()
