from typing import Any, cast

import discord
import pytest

from bot.ui.pictures import mask_problems

MIB = 1024 * 1024


def attachment(
    filename: str = "file.png",
    content_type: str | None = "image/png",
    size: int = 1000,
    pixels: tuple[int, int] | None = (640, 480),
) -> discord.Attachment:
    payload: dict[str, Any] = {"id": "1", "filename": filename, "size": size, "url": "https://cdn.example/1/2/f"}
    payload |= {"proxy_url": payload["url"]}
    if content_type is not None:
        payload["content_type"] = content_type
    if pixels is not None:
        payload |= {"width": pixels[0], "height": pixels[1]}
    return discord.Attachment(
        data=cast("Any", payload), state=discord.Client(intents=discord.Intents.none())._connection
    )


class TestMaskProblems:
    def test_there_are_none_where_it_fits_the_first_picture(self) -> None:
        pictures = {"image2": attachment(), "image3": attachment(pixels=(10, 10))}
        assert mask_problems(attachment(size=4 * MIB), pictures) == []

    @pytest.mark.parametrize(
        ("mask", "first"),
        [
            (attachment(), attachment(pixels=None)),
            (attachment(pixels=None), attachment()),
            (attachment(content_type=None, pixels=None), attachment()),
            (attachment(content_type="application/octet-stream", pixels=None), attachment()),
            (attachment(pixels=(480, 640)), attachment("photo.jpg", "image/jpeg")),
        ],
        ids=["first unknown", "mask unknown", "no type", "unknown type", "a photograph on its side"],
    )
    def test_what_discord_does_not_know_is_left_to_the_bytes(
        self, mask: discord.Attachment, first: discord.Attachment
    ) -> None:
        assert mask_problems(mask, {"image1": first}) == []

    def test_that_there_is_no_picture_is_said_elsewhere(self) -> None:
        assert mask_problems(attachment(size=5 * MIB), {}) == []

    def test_another_size_than_the_first_picture_is_refused_with_both_sizes(self) -> None:
        (problem,) = mask_problems(attachment(pixels=(640, 481)), {"image2": attachment(), "image3": attachment()})
        assert problem.key == "mask.other_size"
        assert "640 × 481" in str(problem)
        assert "image2 has 640 × 480" in str(problem)

    def test_another_kind_of_file_is_refused(self) -> None:
        (problem,) = mask_problems(attachment("mask.jpg", "image/jpeg", pixels=(1, 1)), {"image1": attachment()})
        assert str(problem) == "mask: this must be a PNG of exactly the same size as image1."

    def test_one_byte_too_many_is_refused(self) -> None:
        (problem,) = mask_problems(attachment(size=4 * MIB + 1), {"image1": attachment()})
        assert str(problem) == "mask: the file is larger than 4 MiB. Please attach a smaller one."

    def test_all_that_is_wrong_is_said_at_once(self) -> None:
        mask = attachment("mask.webp", "image/webp", size=5 * MIB)
        assert [problem.key for problem in mask_problems(mask, {"image1": attachment()})] == [
            "download.too_large",
            "mask.not_png",
        ]
