from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from bot.media import Marked, prepare_mask
from tests.pictures import animated, chunk, noise, opened, picture, png_claiming, png_of, refusal, with_exif

LIMIT = 4 * 1024 * 1024
SIZE = (64, 48)
SAME = Marked(name="image1", size=SIZE, prepared_size=SIZE)
SHRUNK = Marked(name="image1", size=SIZE, prepared_size=(32, 24))


def halves(mode: str, left: object, right: object) -> bytes:
    """A mask with one value on the left and another on the right."""
    image = Image.new(mode, SIZE, right)  # pyright: ignore[reportArgumentType] - whatever the mode needs
    image.paste(left, (0, 0, 32, 48))  # pyright: ignore[reportArgumentType]
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


class TestPrepareMask:
    def test_passes_a_sound_mask_on_untouched(self) -> None:
        data = picture("PNG", SIZE, "RGBA")
        prepared = prepare_mask(data, name="mask", marked=SAME, limit=len(data))
        assert prepared.data is data
        assert (prepared.filename, prepared.content_type) == ("mask.png", "image/png")
        assert (prepared.width, prepared.height, prepared.reduced) == (*SIZE, False)

    def test_takes_out_what_is_private(self) -> None:
        data = picture("PNG", SIZE, "L")
        private = data[:33] + chunk(b"tEXt", b"Author\0Ada") + data[33:] + b"PK\x03\x04"
        assert prepare_mask(private, name="mask", marked=SAME, limit=LIMIT).data == data

    @pytest.mark.parametrize(
        ("mode", "left", "right"),
        [
            ("L", 0, 200),
            ("1", 0, 255),
            ("LA", (0, 255), (0, 0)),
            ("RGB", (0, 0, 0), (255, 255, 255)),
            ("RGBA", (9, 8, 7, 255), (9, 8, 7, 0)),
            ("I;16", 0x2C2C, 60_000),  # Pillow pastes one byte twice
        ],
    )
    def test_follows_a_picture_that_was_made_smaller_and_invents_no_shades(
        self, mode: str, left: object, right: object
    ) -> None:
        prepared = prepare_mask(halves(mode, left, right), name="mask", marked=SHRUNK, limit=LIMIT)
        scaled = opened(prepared.data)
        assert (prepared.width, prepared.height) == scaled.size == (32, 24)
        assert scaled.mode == mode
        assert (scaled.getpixel((15, 12)), scaled.getpixel((16, 12))) == (left, right)

    def test_keeps_the_transparent_colour_of_a_palette(self) -> None:
        image = Image.new("P", SIZE, 1)
        image.putpalette([255, 0, 0, 0, 255, 0])
        image.paste(0, (0, 0, 32, 48))
        buffer = BytesIO()
        image.save(buffer, "PNG", transparency=0)
        scaled = opened(prepare_mask(buffer.getvalue(), name="mask", marked=SHRUNK, limit=LIMIT).data).convert("RGBA")
        assert scaled.getpixel((4, 4)) == (255, 0, 0, 0)
        assert scaled.getpixel((28, 4)) == (0, 255, 0, 255)

    def test_leaves_nothing_private_in_what_it_scales(self) -> None:
        data = picture("PNG", SIZE, "RGB", exif=with_exif(orientation=1, secret=b"47.3769N"))
        assert b"47.3769N" in data
        assert b"47.3769N" not in prepare_mask(data, name="mask", marked=SHRUNK, limit=LIMIT).data

    def test_turns_a_mask_that_is_to_be_turned(self) -> None:
        data = picture("PNG", (48, 64), exif=with_exif(orientation=6))
        prepared = prepare_mask(data, name="mask", marked=SAME, limit=LIMIT)
        assert opened(prepared.data).size == SIZE
        assert dict(opened(prepared.data).getexif()) == {}

    def test_takes_the_still_picture_of_a_moving_png(self) -> None:
        marked = Marked(name="image1", size=(20, 10), prepared_size=(20, 10))
        prepared = prepare_mask(animated("PNG"), name="mask", marked=marked, limit=LIMIT)
        assert getattr(opened(prepared.data), "n_frames", 1) == 1


class TestAMaskThatIsRefused:
    @pytest.mark.parametrize("data", [picture("JPEG", SIZE), picture("WEBP", SIZE), b"<html>", b""])
    def test_is_no_png(self, data: bytes) -> None:
        key, sentence = refusal(lambda: prepare_mask(data, name="mask", marked=SAME, limit=LIMIT))
        assert key == "mask.not_png"
        assert sentence.startswith("mask: ")
        assert "image1" in sentence

    def test_is_one_byte_too_large(self) -> None:
        data = noise(SIZE)
        key, sentence = refusal(lambda: prepare_mask(data, name="mask", marked=SAME, limit=len(data) - 1))
        assert (key, sentence.startswith("mask: ")) == ("download.too_large", True)

    @pytest.mark.parametrize("size", [(65, 48), (64, 47), (48, 64), (32, 24)])
    def test_is_of_another_size_and_says_both(self, size: tuple[int, int]) -> None:
        data = picture("PNG", size)
        for marked in (SAME, SHRUNK):
            key, sentence = refusal(partial(prepare_mask, data, name="mask", marked=marked, limit=LIMIT))
            assert key == "mask.other_size"
            assert f"{size[0]} × {size[1]} pixels and image1 has 64 × 48" in sentence

    @pytest.mark.parametrize("marked", [SAME, SHRUNK])
    def test_is_damaged(self, marked: Marked) -> None:
        data = noise(SIZE)
        for broken in (data[:-200], data[:400], data[:20]):
            key, sentence = refusal(partial(prepare_mask, broken, name="mask", marked=marked, limit=LIMIT))
            assert (key, sentence.startswith("mask: ")) == ("image.damaged", True)

    def test_is_a_bomb(self) -> None:
        bomb = png_claiming(30_000, 30_000)
        marked = Marked(name="image1", size=(30_000, 30_000), prepared_size=SIZE)
        key, sentence = refusal(lambda: prepare_mask(bomb, name="mask", marked=marked, limit=LIMIT))
        assert key == "mask.too_many_pixels"
        assert "900.0 million pixels" in sentence

    def test_has_more_pixels_than_a_mask_may_have_as_its_picture_may(self) -> None:
        data = png_of(200_000, (8_000, 5_001))
        marked = Marked(name="image1", size=(8_000, 5_001), prepared_size=(4_000, 2_500))
        key, sentence = refusal(lambda: prepare_mask(data, name="mask", marked=marked, limit=LIMIT))
        assert key == "mask.too_many_pixels"
        assert "40.1 million pixels" in sentence
        assert "at most 40 million" in sentence
        assert "of it and of image1" in sentence
