"""Pictures of many pixels or bytes, as references."""

from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from bot.media import REFERENCE_BYTES, prepare_reference, upright_size
from bot.media.opening import is_large
from tests.pictures import (
    chunk,
    jpeg_claiming,
    large_jpeg,
    noise,
    opened,
    picture,
    png_claiming,
    refusal,
    very_large,
    with_exif,
)


@pytest.mark.exhaustive
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
