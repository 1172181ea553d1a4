import struct
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ImageError
from bot.media import MAX_PIXELS, ImageFormat, fit, inspect, prepare_reference, sniff
from tests.pictures import (
    animated,
    gif_claiming,
    jpeg_claiming,
    picture,
    png_claiming,
    refusal,
    webp_claiming,
    with_exif,
)

SOUND = [
    *(picture(kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF")),
    *(picture(kind, exif=with_exif(orientation=6)) for kind in ("JPEG", "PNG", "WEBP")),
]


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
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", ImageFormat.HEIC),
            (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", ImageFormat.HEIC),
            (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", ImageFormat.AVIF),
        ],
    )
    def test_of_a_telephone_without_a_picture_in_it_is_damaged(self, data: bytes, kind: ImageFormat) -> None:
        assert sniff(data) is kind
        assert refusal(lambda: inspect(data, name="image1"))[0] == "image.damaged"

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

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF"])
    @pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
    def test_cut_short_is_damaged(self, kind: str, share: float) -> None:
        data = picture(kind, (300, 200))
        cut = data[: max(16, int(len(data) * share))]
        for look in (inspect, prepare_reference):
            key, sentence = refusal(partial(look, cut, name="image3"))
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

    def test_of_more_pixels_than_allowed_is_refused_whatever_others_think_of_warnings(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for look in (inspect, prepare_reference):
                key, sentence = refusal(partial(look, png_claiming(7_000, 7_000), name="image1"))
                assert key == "image.too_many_pixels"
                assert "49.0 million" in sentence

    @pytest.mark.parametrize("claiming", [png_claiming, jpeg_claiming])
    @pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
    def test_without_any_pixels_is_damaged(self, claiming: Callable[[int, int], bytes], size: tuple[int, int]) -> None:
        for look in (inspect, prepare_reference, partial(fit, limit=10)):
            assert refusal(partial(look, claiming(*size), name="x"))[0] == "image.damaged"

    def test_a_jpeg_of_endless_scans_is_refused_before_they_are_decoded(self) -> None:
        data = picture("JPEG", (300, 200), progressive=True, exif=with_exif(orientation=6))
        start = data.rindex(b"\xff\xda")
        bomb = data[:start] + data[start:-2] * 200 + data[-2:]
        for look in (inspect, prepare_reference, partial(fit, limit=10)):
            assert refusal(partial(look, bomb, name="x"))[0] == "image.damaged"
        assert inspect(data, name="x").width == 300

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_whatever_the_bytes_only_our_own_error_is_raised(self, data: st.DataObject) -> None:
        start = data.draw(st.sampled_from(SOUND))
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
            ("HEIF", "image/heic", "heic"),
            ("AVIF", "image/avif", "avif"),
            ("BMP", "image/bmp", "bmp"),
            ("TIFF", "image/tiff", "tiff"),
        ],
    )
    def test_says_kind_and_size_by_the_bytes(self, kind: str, content_type: str, extension: str) -> None:
        info = inspect(picture(kind, (64, 48)), name="misnamed.txt")
        assert (info.format.codec, info.width, info.height) == (kind, 64, 48)
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

    @pytest.mark.parametrize("film", [b"ftyp\xff\xd9\xff\xda", b"ftyp\xff\xda", b"\xff\xd8\xff\xe1\xff\xff"])
    def test_takes_a_moving_photograph_whatever_the_bytes_of_its_film(self, film: bytes) -> None:
        photograph = picture("JPEG")
        for look in (inspect, partial(fit, limit=2**20)):
            assert look(photograph + film, name="x").width == 40
        assert prepare_reference(photograph + film, name="x").data == photograph
