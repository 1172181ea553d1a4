"""Paints what was asked for: a landscape, a card with the words of the request, the references as prints.

Whoever looks at a picture sees the prompt, the model by the name people know, ratio, resolution, which picture of how
many it is, and the references that were really fetched.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from bot.sandbox.toapis.backdrop import landscape
from bot.sandbox.toapis.lettering import Lettering, fit, font, printable
from bot.sandbox.toapis.pixels import Size, curved, resized

Box: TypeAlias = tuple[int, int, int, int]
Format: TypeAlias = Literal["PNG", "JPEG", "WEBP"]

THUMBNAIL = 640  # pixels of the long side of a kept reference
_WHITE = (255, 255, 255)
_SCALES = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}


@dataclass(frozen=True, kw_only=True)
class Commission:
    """What one picture is to show.

    Attributes:
        size: width and height in pixels.
        prompt: as it was asked.
        model: the name people know.
        facts: short notes such as "16:9" or "2K", shown in a row.
        number: which picture of the request, from 1.
        variation: another value gives another landscape for the same words, as a model does.
        references: thumbnails of the references, as `thumbnail` made them.
    """

    size: Size
    prompt: str
    model: str
    facts: Sequence[str]
    number: int = 1
    variation: str = ""
    references: Sequence[Image.Image] = ()


def pixel_size(ratio: str, resolution: str) -> Size:
    """The pixels of a picture: the exact ratio, at the area of a square of the resolution's side.

    Args:
        ratio: such as "16:9".
        resolution: "0.5K", "1K", "2K" or "4K": squares of 512, 1024, 2048 and 4096 pixels.
    """
    across, down = (int(side) for side in ratio.split(":"))
    step = max(1, round(_SCALES[resolution] / math.sqrt(across * down)))
    return across * step, down * step


def shrink(size: Size, long_side: int | None) -> Size:
    """`size` with a long side of at most `long_side` pixels."""
    if long_side is None or max(size) <= long_side:
        return size
    share = long_side / max(size)
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def thumbnail(data: bytes) -> Image.Image:
    """A small upright copy of a picture.

    Raises:
        OSError: the bytes are not a picture Pillow can read (`PIL.UnidentifiedImageError` included).
    """
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (THUMBNAIL, THUMBNAIL))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((THUMBNAIL, THUMBNAIL))
        opaque = Image.new("RGB", upright.size, (240, 240, 240))
        overlay = upright.convert("RGBA")
        opaque.paste(overlay, (0, 0), overlay)
        return opaque


def paint(commission: Commission) -> Image.Image:
    """The picture; the same for the same commission."""
    seed = f"{commission.prompt}\n{commission.model}\n{commission.number}\n{commission.variation}"
    image = landscape(commission.size, commission.prompt, seed)
    if min(commission.size) >= 48:  # below that nothing could be read
        card = _draw_card(image, commission)
        _hang_references(image, card, commission.references)
    return image


def encode(image: Image.Image, format: Format, *, quality: int = 90, compress: bool = True) -> bytes:  # noqa: A002 - Pillow's own name for it
    """The bytes of a picture; `compress=False` makes a PNG as large as its pixels."""
    buffer = io.BytesIO()
    if format == "PNG":
        image.save(buffer, "PNG", compress_level=3 if compress else 0)
    else:
        image.save(buffer, format, quality=quality)
    return buffer.getvalue()


def _draw_card(image: Image.Image, commission: Commission) -> Box:
    """The card with the words of the request; returns where it is."""
    width, height = image.size
    unit = min(math.sqrt(width * height) / 100, min(width, height) / 36)
    margin, padding = round(3 * unit), round(2.6 * unit)
    widest = min(width - 2 * margin, round(max(64 * unit, width * 0.46)))
    inner = widest - 2 * padding
    small = max(7, round(1.75 * unit))
    title = fit(printable(commission.model).upper(), inner, small * 2, small, small)
    facts = fit("  ·  ".join(commission.facts), inner, small * 3, small, small)
    gap = round(1.2 * unit)
    spare = (
        round(height * (0.36 if height >= width / 2 else 0.86)) - 2 * padding - title.height - facts.height - 2 * gap
    )
    words = fit(printable(commission.prompt), inner, max(spare, small), max(8, round(3.9 * unit)), small)

    content = round(max(title.width, words.width, facts.width))
    tall = title.height + words.height + facts.height + 2 * gap + 2 * padding
    box = (margin, height - margin - tall, margin + content + 2 * padding, height - margin)
    _frost(image, box, round(1.6 * unit))
    draw = ImageDraw.Draw(image, "RGBA")
    y = box[1] + padding
    for lettering, colour, after in (
        (title, (255, 226, 168), gap),
        (words, _WHITE, gap),
        (facts, (208, 214, 232), 0),
    ):
        _write(draw, (box[0] + padding, y), lettering, colour)
        y += lettering.height + after
    return box


def _write(draw: ImageDraw.ImageDraw, corner: tuple[int, int], lettering: Lettering, colour: tuple[int, ...]) -> None:
    x, y = corner
    for number, line in enumerate(lettering.lines):
        draw.text((x, y + number * lettering.pitch), line, font=font(lettering.size), fill=colour)


def _rounded(size: Size, radius: int) -> Image.Image:
    """A mask with smooth round corners."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), radius * 2, fill=255)
    return mask.reduce(2)


def _frost(image: Image.Image, box: Box, radius: int) -> None:
    """Lay a dark pane of frosted glass over a part of the picture."""
    size = (box[2] - box[0], box[3] - box[1])
    coarse = resized(image.crop(box), (max(1, size[0] // 8), max(1, size[1] // 8)))
    pane = resized(coarse.filter(ImageFilter.GaussianBlur(3)), size)
    pane = Image.blend(pane, Image.new("RGB", size, (14, 16, 30)), 0.58)
    image.paste(pane, box[:2], _rounded(size, radius))
    line = max(1, radius // 9)
    ImageDraw.Draw(image, "RGBA").rounded_rectangle(box, radius, outline=(255, 255, 255, 56), width=line)


def _hang_references(image: Image.Image, card: Box, references: Sequence[Image.Image]) -> None:
    """Hang the references as prints with a white border in the largest free part beside or above the card."""
    if not references:
        return
    width, height = image.size
    edge = card[0]
    above = (edge, edge, width - edge, card[1] - edge)
    beside = (card[2] + edge, edge, width - edge, height - edge)
    area = max((above, beside), key=lambda box: _print_side(box, len(references)))
    side = min(_print_side(area, len(references)), round(min(width, height) * 0.34))
    if side < 12:
        return
    columns = max(1, (area[2] - area[0]) // side)
    rows = math.ceil(len(references) / columns)
    columns = math.ceil(len(references) / rows)
    for place, reference in enumerate(references):
        row, column = divmod(place, columns)
        centre = (area[2] - round((columns - column - 0.5) * side), area[1] + round((row + 0.5) * side))
        _hang(image, reference, centre, round(side * 0.86), (-4, 3, -2, 5, 2)[place % 5])


def _print_side(area: Box, count: int) -> int:
    """The side of the largest square of which `count` fit into an area."""
    width, height = area[2] - area[0], area[3] - area[1]
    if width <= 0 or height <= 0:
        return 0
    return max(min(width // columns, height // math.ceil(count / columns)) for columns in range(1, count + 1))


def _hang(image: Image.Image, reference: Image.Image, centre: tuple[int, int], side: int, turn: int) -> None:
    border = max(1, side // 24)
    inner = max(1, round(side * 0.92) - 2 * border)
    sheet = ImageOps.expand(ImageOps.contain(reference, (inner, inner), Image.Resampling.LANCZOS), border, _WHITE)
    mask = Image.new("L", sheet.size, 255)
    room = max(2, side // 12)
    sheet = ImageOps.expand(sheet, room, _WHITE).rotate(turn, Image.Resampling.BICUBIC, expand=True)
    mask = ImageOps.expand(mask, room, 0).rotate(turn, Image.Resampling.BICUBIC, expand=True)
    corner = (centre[0] - sheet.width // 2, centre[1] - sheet.height // 2)
    shadow = curved(mask.filter(ImageFilter.GaussianBlur(room / 2.5)), lambda value: value / 512)
    image.paste((6, 8, 18), (corner[0] + room // 6, corner[1] + room // 3), shadow)
    image.paste(sheet, corner, mask)
