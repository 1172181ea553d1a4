"""The pictures themselves."""

import io
import math
import random

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.sandbox.toapis.backdrop import PALETTES, choose_palette, landscape
from bot.sandbox.toapis.lettering import fit, font, printable, wrap
from bot.sandbox.toapis.painting import Commission, encode, paint, pixel_size, shrink, thumbnail
from bot.sandbox.toapis.rules import MODELS
from tests.bot.sandbox.toapis.caller import picture

RATIOS = sorted({ratio for model in MODELS.values() for ratio in model.ratios})


def commission(
    size: tuple[int, int] = (320, 180), prompt: str = "a fox", references: int = 0, number: int = 1
) -> Commission:
    return Commission(
        size=size,
        prompt=prompt,
        model="Nano Banana 2",
        facts=("16:9", "1K"),
        number=number,
        references=[thumbnail(picture())] * references,
    )


def rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - decides on colours only


def differ(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


@pytest.mark.parametrize(
    "prompt", ["", "猫と犬 🐱", "x" * 3000, "\u200d\ufe0f", "a\x00b\nc\td", "مرحبا", "e\u0301" * 50]
)
@pytest.mark.parametrize("size", [(320, 180), (90, 720), (720, 90), (1, 8), (50, 50)])
def test_any_prompt_is_painted_at_any_size(prompt: str, size: tuple[int, int]) -> None:
    assert paint(commission(size, prompt, references=14)).size == size


def test_the_same_commission_gives_the_same_picture() -> None:
    assert not differ(paint(commission(references=2)), paint(commission(references=2)))


@pytest.mark.parametrize("other", [commission(prompt="a cat"), commission(number=2), commission(references=1)])
def test_what_was_asked_shows_in_the_picture(other: Commission) -> None:
    assert differ(paint(commission()), paint(other))


def test_the_prompt_is_legible_on_a_dark_card() -> None:
    bare = landscape((640, 360), "a fox", "seed")
    painted = paint(commission((640, 360)))
    corner = (30, 250, 150, 330)
    assert max(ImageStat.Stat(painted.crop(corner).convert("L")).extrema[0]) == 255
    assert ImageStat.Stat(painted.crop((25, 345, 60, 348)).convert("L")).mean[0] < 80
    assert differ(bare.crop(corner), painted.crop(corner))


@pytest.mark.parametrize(
    ("prompt", "word"),
    [("An owl at night.", "night"), ("lion in the DESERT!", "desert"), ("a ship, a storm and a fox", "storm")],
)
def test_the_words_of_the_prompt_choose_the_light(prompt: str, word: str) -> None:
    assert word in choose_palette(prompt, rng(0)).words


def test_a_prompt_without_such_words_gets_any_light_but_always_the_same() -> None:
    chosen = [choose_palette("untitled", rng(number)) for number in range(40)]
    assert chosen == [choose_palette("untitled", rng(number)) for number in range(40)]
    assert {min(palette.words) for palette in chosen} == {min(palette.words) for palette in PALETTES}


@pytest.mark.parametrize("resolution", ["0.5K", "1K", "2K", "4K"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_pixels_keep_the_exact_ratio_at_the_area_of_the_resolution(ratio: str, resolution: str) -> None:
    width, height = pixel_size(ratio, resolution)
    across, down = (int(side) for side in ratio.split(":"))
    side = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}[resolution]
    assert width * down == height * across
    assert math.sqrt(width * height) == pytest.approx(side, rel=0.03)


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        ((800, 400), None, (800, 400)),
        ((800, 400), 1000, (800, 400)),
        ((800, 400), 80, (80, 40)),
        ((8, 800), 16, (1, 16)),
    ],
)
def test_a_limit_on_the_long_side_keeps_the_shape(
    size: tuple[int, int], limit: int | None, expected: tuple[int, int]
) -> None:
    assert shrink(size, limit) == expected


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "1"])
def test_references_of_any_colour_mode_become_thumbnails(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    small = thumbnail(encode(Image.new(mode, (2000, 1000)), kind))
    assert (small.mode, small.size) == ("RGB", (640, 320))


def test_a_reference_on_its_side_is_put_upright() -> None:
    image = Image.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112] = 6  # the orientation: turned by 90 degrees
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    assert thumbnail(buffer.getvalue()).size == (20, 40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a  b\n c", "a b c"),
        ("café — 16×9", "cafe - 16x9"),
        ("a 🦊 runs", "a (fox face) runs"),
        ("👩\u200d🚀", "(woman) (rocket)"),
        ("👍🏽", "(thumbs up sign)"),
        ("猫", "\ufffd"),
    ],
)
def test_what_the_font_lacks_is_put_in_other_words(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_wrapped_lines_are_no_wider_than_their_box_and_lose_nothing() -> None:
    text = "short words and averyveryverylongwordthatdoesnotfitintooneline at all"
    lettering = wrap(text, 20, 120)
    assert all(font(20).getlength(line) <= 120 for line in lettering.lines)
    assert "".join("".join(lettering.lines).split()) == "".join(text.split())


def test_text_is_as_large_as_it_fits() -> None:
    short, long = fit("fox", 400, 100, 40, 10), fit("fox " * 60, 400, 100, 40, 10)
    assert (short.size, short.lines) == (40, ("fox",))
    assert 10 <= long.size < 40
    assert long.height <= 100


def test_text_that_fits_at_no_size_ends_in_an_ellipsis() -> None:
    lettering = fit("fox " * 5000, 200, 50, 40, 10)
    assert lettering.size == 10
    assert lettering.height <= 50
    assert lettering.lines[-1].endswith("…")
