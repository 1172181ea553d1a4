"""Noise as photographs have it."""

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.sandbox.toapis.backdrop import landscape
from bot.sandbox.toapis.grain import with_grain
from bot.sandbox.toapis.painting import encode

SIZE = (512, 384)
DISCORD, LARGEST = 10 * 1024 * 1024, 4096 * 4096  # bytes of a file, and pixels of a picture of 4K
SMOOTH = landscape(SIZE, "a lighthouse", "seed")


def bytes_at_4k(data: bytes) -> float:
    """What a picture of 4K would have, if it has as many a pixel."""
    return len(data) / (SIZE[0] * SIZE[1]) * LARGEST


def size_of(image: Image.Image, kind: str, **options: object) -> float:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return bytes_at_4k(buffer.getvalue())


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


def test_the_same_seed_gives_the_same_grain() -> None:
    assert not differ(with_grain(SMOOTH, "a"), with_grain(SMOOTH, "a"))
    assert differ(with_grain(SMOOTH, "a"), with_grain(SMOOTH, "b"))


def test_the_grain_is_too_faint_to_see_and_changes_no_light() -> None:
    grey = Image.new("RGB", SIZE, (100, 100, 100))
    seen = ImageStat.Stat(with_grain(grey, "a"))
    assert seen.mean == pytest.approx([100, 100, 100], abs=0.1)
    assert max(seen.stddev) < 2


def test_the_grain_of_each_colour_is_its_own() -> None:
    red, green, blue = with_grain(Image.new("RGB", SIZE, "grey"), "a").split()
    assert all(ImageStat.Stat(ImageChops.difference(*pair)).mean[0] > 0.5 for pair in ((red, green), (green, blue)))


def test_no_lossless_format_brings_4k_with_grain_under_discord_s_limit_but_a_good_jpeg_does() -> None:
    grainy = with_grain(SMOOTH, "a")
    assert 12e6 < bytes_at_4k(encode(grainy, "PNG")) < 24e6
    assert size_of(grainy, "WEBP", lossless=True, quality=100) > DISCORD
    assert size_of(grainy, "JPEG", quality=95, subsampling="4:4:4") < DISCORD


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 5)])
def test_the_smallest_pictures_get_grain_too(size: tuple[int, int]) -> None:
    assert with_grain(Image.new("RGB", size), "a").size == size
