"""The reference pictures that the tour hands in, drawn here so that no file has to be brought along."""

import io
import math
import random
from collections.abc import Sequence
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from bot.sandbox.toapis.backdrop import landscape

Point: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]

_VIEWS = (
    *("sunset", "morning", "night", "aurora", "ocean", "forest"),
    *("desert", "autumn", "spring", "winter", "island", "meadow"),
)
_FINER = 3  # drawn so many times larger and then reduced, for smooth edges


def cat() -> bytes:
    """A cat before the full moon, as a PNG of 720 × 720 pixels."""
    night: Colour = (24, 30, 58)
    sheet = _sheet((720, 720), night)
    glow = Image.new("L", sheet.size)
    ImageDraw.Draw(glow).ellipse(_scaled(((130, 70), (590, 530))), fill=150)
    sheet.paste((250, 226, 170), (0, 0), glow.filter(ImageFilter.GaussianBlur(46 * _FINER)))
    draw = ImageDraw.Draw(sheet)
    draw.ellipse(_scaled(((165, 105), (555, 495))), fill=(252, 238, 200))
    for centre, radius in (((290, 200), 34), ((455, 250), 22), ((330, 400), 26), ((250, 300), 16), ((420, 160), 14)):
        draw.ellipse(_around(centre, radius), fill=(243, 224, 180))
    _draw_cat(draw, (14, 16, 30))
    draw.rectangle(_scaled(((0, 628), (720, 720))), fill=(14, 16, 30))
    return _png(sheet)


def lighthouse() -> bytes:
    """A pencil sketch of a lighthouse, as a PNG of 640 × 800 pixels."""
    paper, pencil = (246, 240, 226), (64, 60, 66)
    rng = random.Random(7)  # noqa: S311 - the wobble of a hand, nothing secret
    sheet = _sheet((640, 800), paper)
    draw = ImageDraw.Draw(sheet)
    tower: list[Point] = [(262, 640), (290, 270), (370, 270), (398, 640)]
    draw.polygon(_scaled(tower), fill=(252, 249, 242))
    for top, bottom in ((330, 400), (470, 545)):
        band = [(_edge(top, -1), top), (_edge(top, 1), top), (_edge(bottom, 1), bottom), (_edge(bottom, -1), bottom)]
        draw.polygon(_scaled(band), fill=(206, 92, 78))
    draw.polygon(_scaled(((306, 210), (354, 210), (354, 262), (306, 262))), fill=(255, 222, 130))
    for line in _lighthouse_lines(tower):
        _pencil(draw, line, pencil, rng)
    return _png(sheet)


def postcards() -> dict[str, bytes]:
    """Twelve postcards with a view each, as JPEG files of 480 × 360 pixels, by file name."""
    cards: dict[str, bytes] = {}
    for view in _VIEWS:
        card, data = ImageOps.expand(landscape((452, 332), view, view), 14, "white"), io.BytesIO()
        card.save(data, "JPEG", quality=88)
        cards[f"postcard-{view}.jpg"] = data.getvalue()
    return cards


def _sheet(size: tuple[int, int], colour: Colour) -> Image.Image:
    return Image.new("RGB", (size[0] * _FINER, size[1] * _FINER), colour)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * _FINER, y * _FINER) for x, y in points]


def _around(centre: Point, radius: float) -> list[Point]:
    x, y = centre
    return _scaled(((x - radius, y - radius), (x + radius, y + radius)))


def _png(sheet: Image.Image) -> bytes:
    data = io.BytesIO()
    sheet.reduce(_FINER).save(data, "PNG", optimize=True)
    return data.getvalue()


def _draw_cat(draw: ImageDraw.ImageDraw, fur: Colour) -> None:
    """It sits with its back to us and raises its tail."""
    left = [(360 - _half_width(y), y) for y in range(330, 640, 4)]
    draw.polygon(_scaled([*left, *((720 - x, y) for x, y in reversed(left))]), fill=fur)
    draw.ellipse(_scaled(((288, 256), (432, 372))), fill=fur)
    for ear in (((290, 318), (282, 210), (350, 266)), ((430, 318), (438, 210), (370, 266))):
        draw.polygon(_scaled(ear), fill=fur)
    for share in (number / 120 for number in range(121)):
        place = (420 + 118 * share + 26 * math.sin(5.2 * share), 612 - 150 * share**2 + 24 * math.sin(4.4 * share))
        draw.ellipse(_around(place, 16 - 5 * share), fill=fur)


def _half_width(y: float) -> float:
    """Of the cat, from the neck to the sill."""
    return 50 + 44 * (1 - math.cos(math.pi * min(1.0, (y - 330) / 250))) / 2


def _edge(y: float, side: int) -> float:
    """Where the tower's left (-1) or right (1) edge is at a height."""
    return 330 + side * (40 + 28 * (y - 270) / 370)


def _lighthouse_lines(tower: Sequence[Point]) -> list[Sequence[Point]]:
    lines: list[Sequence[Point]] = [
        [*tower, tower[0]],
        [(276, 270), (384, 270), (384, 256), (276, 256), (276, 270)],
        [(306, 256), (306, 208), (354, 208), (354, 256)],
        [(330, 256), (330, 208)],
        [(296, 208), (330, 160), (364, 208), (296, 208)],
        [(330, 160), (330, 136)],
        [(312, 640), (312, 596), (330, 580), (348, 596), (348, 640)],
        [(322, 440), (338, 440), (338, 416), (322, 416), (322, 440)],
    ]
    lines += [[(_edge(y, -1), y), (_edge(y, 1), y)] for y in (330, 400, 470, 545)]
    lines += [[(x, 256), (x, 238)] for x in range(280, 385, 13)]
    lines += [[(276, 238), (384, 238)]]
    # Hatching on the side in the shade, rays of the lamp, rocks, waves, gulls.
    lines += [[(_edge(y, 1) - 22, y + 10), (_edge(y, 1) - 3, y - 6)] for y in range(284, 636, 9)]
    lines += [[(372, 228), (590, 168)], [(372, 236), (600, 236)], [(288, 228), (70, 168)], [(288, 236), (60, 236)]]
    lines += [[(120, 668), (168, 640), (214, 652), (262, 632), (398, 632), (452, 650), (500, 636), (548, 668)]]
    lines += [[(200, 668), (224, 654)], [(420, 664), (446, 652)], [(300, 660), (352, 648)]]
    for start, y in ((60, 690), (96, 716), (50, 742), (130, 768)):
        lines.append([(start + step * 6, y + 7 * math.sin(step / 2.6)) for step in range((580 - start) // 6)])
    lines += [
        [(x - 20, y - 7), (x - 9, y - 12), (x, y), (x + 9, y - 12), (x + 20, y - 7)] for x, y in ((150, 110), (208, 84))
    ]
    return lines


def _pencil(draw: ImageDraw.ImageDraw, line: Sequence[Point], colour: Colour, rng: random.Random) -> None:
    """Two strokes over each other, neither quite straight."""
    for _ in range(2):
        points = [(x + rng.uniform(-1.6, 1.6), y + rng.uniform(-1.6, 1.6)) for x, y in line]
        draw.line(_scaled(points), fill=colour, width=round(1.5 * _FINER), joint="curve")
