"""A landscape drawn from a seed: the background of every picture the stand-in paints."""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw

from bot.sandbox.toapis.pixels import Size, curved, resized

Colour: TypeAlias = tuple[int, int, int]

_LARGEST = 1_300_000  # pixels; a larger picture gets its soft background enlarged


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The light of a scene, and the words in a prompt that ask for it."""

    words: frozenset[str]
    sky: tuple[Colour, ...]  # from the zenith down to the horizon
    light: Colour  # of the sun or the moon
    haze: Colour  # of the farthest ridge
    earth: Colour  # of the nearest ridge
    stars: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PALETTES: tuple[Palette, ...] = (
    Palette(
        words=_words("sunset evening dusk autumn fall warm orange fox dragon fire"),
        sky=((54, 38, 92), (148, 62, 112), (238, 112, 92), (255, 196, 128)),
        light=(255, 236, 196),
        haze=(222, 122, 110),
        earth=(38, 22, 52),
    ),
    Palette(
        words=_words("morning dawn spring pink cherry flower flowers rabbit cat kitten"),
        sky=((96, 128, 196), (176, 162, 214), (246, 190, 200), (255, 228, 206)),
        light=(255, 248, 232),
        haze=(206, 172, 198),
        earth=(56, 58, 98),
    ),
    Palette(
        words=_words("night moon star stars space galaxy astronaut dark neon city cyberpunk owl wolf"),
        sky=((8, 10, 34), (20, 26, 72), (48, 58, 122), (112, 104, 164)),
        light=(240, 240, 255),
        haze=(78, 82, 142),
        earth=(8, 10, 28),
        stars=True,
    ),
    Palette(
        words=_words("aurora arctic winter snow ice cold penguin frozen"),
        sky=((6, 22, 48), (14, 62, 92), (44, 138, 142), (170, 226, 206)),
        light=(232, 255, 246),
        haze=(104, 172, 182),
        earth=(10, 32, 54),
        stars=True,
    ),
    Palette(
        words=_words("sea ocean lighthouse ship sailing boat beach fish whale water storm blue island"),
        sky=((28, 66, 122), (64, 128, 178), (142, 196, 212), (246, 232, 204)),
        light=(255, 250, 226),
        haze=(128, 172, 192),
        earth=(14, 42, 66),
    ),
    Palette(
        words=_words("forest green garden jungle tree trees meadow frog bear mountain mountains"),
        sky=((44, 96, 112), (108, 162, 148), (196, 214, 168), (250, 238, 196)),
        light=(255, 250, 214),
        haze=(142, 178, 150),
        earth=(16, 44, 42),
    ),
    Palette(
        words=_words("desert sand mars canyon camel gold summer lion red"),
        sky=((62, 92, 142), (182, 152, 150), (244, 186, 128), (255, 222, 160)),
        light=(255, 246, 214),
        haze=(226, 158, 112),
        earth=(78, 34, 32),
    ),
)


def choose_palette(prompt: str, rng: random.Random) -> Palette:
    """The palette most of whose words are in the prompt, or any if none is."""
    asked = {word.strip(".,;:!?\"'()") for word in prompt.lower().split()}
    scores = [len(palette.words & asked) for palette in PALETTES]
    best = max(scores)
    if best == 0:
        return rng.choice(PALETTES)
    return PALETTES[scores.index(best)]


def landscape(size: Size, prompt: str, seed: str) -> Image.Image:
    """A landscape of `size` pixels, the same for the same arguments, in the light the prompt speaks of."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret: the same seed must give the same picture
    palette = choose_palette(prompt, rng)
    shrink = min(1.0, math.sqrt(_LARGEST / (size[0] * size[1])))
    small = (max(8, round(size[0] * shrink)), max(8, round(size[1] * shrink)))
    image = _scene(small, palette, rng)
    return image if small == size else resized(image, size)


def _scene(size: Size, palette: Palette, rng: random.Random) -> Image.Image:
    width, height = size
    unit = min(size) / 100
    horizon = height * rng.uniform(0.5, 0.6)
    image = _gradient(size, palette.sky, horizon)
    if palette.stars:
        _draw_stars(image, horizon, rng)
    sun = (width * rng.choice((rng.uniform(0.2, 0.36), rng.uniform(0.62, 0.8))), horizon - rng.uniform(6, 34) * unit)
    _glow(image, sun, 90 * unit, palette.light, 0.75)
    _glow(image, sun, 30 * unit, palette.light, 0.8)
    _disc(image, sun, rng.uniform(6.5, 9) * unit, palette.light)
    _clouds(image, palette, horizon, rng)
    _draw_birds(image, sun, unit, palette.earth, rng)
    _ridges(image, palette, horizon, rng)
    _vignette(image)
    return image


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The colour that is `share` (0 to 1) of the way from `a` to `b`."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _gradient(size: Size, stops: Sequence[Colour], end: float) -> Image.Image:
    """The stops from top to `end`, in even steps, and the last of them below."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        place = min(y / end, 1.0) * (len(stops) - 1)
        at = min(int(place), len(stops) - 2)
        column.putpixel((0, y), mix(stops[at], stops[at + 1], place - at))
    return resized(column, size)


def _glow(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: float) -> None:
    side = max(2, round(2 * radius))
    falloff = resized(Image.radial_gradient("L"), (side, side))
    mask = curved(falloff, lambda value: strength * max(0.0, 1 - value / 181) ** 2.2)
    corner = (round(centre[0] - radius), round(centre[1] - radius))
    image.paste(Image.new("RGB", (side, side), colour), corner, mask)


def _disc(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    side = max(4, round(2 * radius))
    mask = Image.new("L", (side * 4, side * 4))
    ImageDraw.Draw(mask).ellipse((4, 4, side * 4 - 4, side * 4 - 4), fill=255)
    corner = (round(centre[0] - radius), round(centre[1] - radius))
    image.paste(Image.new("RGB", (side, side), colour), corner, mask.reduce(4))


def _draw_stars(image: Image.Image, horizon: float, rng: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(max(40, width * height // 4500)):
        x, y = rng.uniform(0, width), horizon * rng.random() ** 1.4
        under = image.getpixel((min(int(x), width - 1), min(int(y), height - 1)))
        assert isinstance(under, tuple)  # noqa: S101 - an RGB image has no other pixels; for the type checker
        light = mix((under[0], under[1], under[2]), (255, 255, 255), rng.uniform(0.25, 1) * (1 - y / horizon) ** 0.5)
        radius = rng.choice((0.4, 0.4, 0.6, 0.9, 1.3)) * min(width, height) / 1000
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=light)


def _clouds(image: Image.Image, palette: Palette, horizon: float, rng: random.Random) -> None:
    """Long thin clouds: smooth noise of three scales, stretched sideways."""
    width = image.width
    height = max(2, round(horizon))
    cell = min(image.size)
    noise: Image.Image | None = None
    for octave, share in ((3, 0.0), (6, 0.4), (14, 0.25)):
        grid = (max(2, width * octave // (2 * cell) + 2), max(2, 3 * height * octave // cell + 2))
        layer = resized(Image.frombytes("L", grid, rng.randbytes(grid[0] * grid[1])), (width, height))
        noise = layer if noise is None else Image.blend(noise, layer, share)
    assert noise is not None  # noqa: S101 - the loop ran; for the type checker
    mask = curved(noise, lambda value: 0.6 * max(0.0, (value - 138) / 90))
    fade = resized(Image.linear_gradient("L"), (width, height))
    mask = ImageChops.multiply(mask, fade)
    image.paste(Image.new("RGB", (width, height), mix(palette.sky[-1], (255, 255, 255), 0.35)), (0, 0), mask)


def _draw_birds(image: Image.Image, sun: tuple[float, float], unit: float, colour: Colour, rng: random.Random) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 7)):
        x, y = sun[0] + rng.uniform(-26, 26) * unit, sun[1] - rng.uniform(4, 20) * unit
        span = rng.uniform(0.7, 1.6) * unit
        wing = span * rng.uniform(0.3, 0.6)
        line = [(x - span, y - wing), (x - span * 0.4, y - wing * 0.9), (x, y)]
        line += [(2 * x - px, py) for px, py in reversed(line[:2])]
        draw.line(line, fill=mix(colour, (60, 60, 80), 0.3), width=max(1, round(0.22 * unit)), joint="curve")


def _ridges(image: Image.Image, palette: Palette, horizon: float, rng: random.Random) -> None:
    """Ridges from the far haze to the near dark, each with mist at its foot; pines stand on the nearest."""
    width, height = image.size
    short = min(image.size)
    layers = 6
    for layer in range(layers):
        depth = layer / (layers - 1)
        base = horizon + (height - horizon) * (depth**1.25) * 0.74
        rise = short * (0.16 - 0.05 * depth) * rng.uniform(0.8, 1.2)
        line = _ridge_line(width, base, rise, short * (0.5 + 0.6 * depth), rng)
        colour = mix(palette.haze, palette.earth, depth**0.8)
        mask = Image.new("L", (width * 2, height * 2))
        draw = ImageDraw.Draw(mask)
        draw.polygon([*((2 * x, 2 * y) for x, y in line), (2 * width, 2 * height), (0, 2 * height)], fill=255)
        if layer >= layers - 2:
            _draw_pines(draw, line, short * (0.05 + 0.06 * (layer == layers - 1)), rng)
        top = int(min(y for _, y in line))
        foot = mix(colour, palette.sky[-1], 0.5 * (1 - depth))
        ground = _gradient((width, height), (colour, colour), height)
        ground.paste(_gradient((width, height - top), (colour, foot), (height - top) * 0.6), (0, top))
        image.paste(ground, (0, 0), mask.reduce(2))


def _ridge_line(
    width: int, base: float, rise: float, wavelength: float, rng: random.Random
) -> list[tuple[float, float]]:
    """Points every few pixels of a line of fractal hills around `base`."""
    waves = [
        (wavelength / 1.9**octave, 0.5**octave, rng.uniform(0, 2 * math.pi), rng.uniform(0.8, 1.25))
        for octave in range(7)
    ]

    def height_at(x: float) -> float:
        total = 0.0
        for length, share, phase, stretch in waves:
            turn = 2 * math.pi * x / (length * stretch) + phase
            total += share * (1 - 1.6 * abs(math.sin(turn / 2)) + 0.2 * math.sin(turn))
        return total

    step = max(1.0, width / 700)
    return [(x * step, base - rise * (0.35 + 0.6 * height_at(x * step))) for x in range(round(width / step) + 2)]


def _draw_pines(draw: ImageDraw.ImageDraw, line: list[tuple[float, float]], tallest: float, rng: random.Random) -> None:
    """Pines along a ridge, in the doubled coordinates of its mask."""
    x = rng.uniform(0, tallest)
    for place, (here, there) in enumerate(itertools.pairwise(line)):
        while here[0] <= x < there[0]:
            tall = tallest * rng.uniform(0.35, 1.0)
            if math.sin(place / 37 + tallest) > -0.35:  # in groves, with gaps between
                _draw_pine(draw, 2 * x, 2 * (here[1] + tall * 0.12), 2 * tall)
            x += tall * rng.uniform(0.12, 0.6)


def _draw_pine(draw: ImageDraw.ImageDraw, x: float, foot: float, tall: float) -> None:
    for tier in range(4):
        top = foot - tall * (1 - tier * 0.2)
        half = tall * (0.07 + 0.05 * tier)
        draw.polygon(((x, top), (x + half, top + tall * 0.4), (x - half, top + tall * 0.4)), fill=255)


def _vignette(image: Image.Image) -> None:
    mask = resized(Image.radial_gradient("L"), image.size)
    mask = curved(mask, lambda value: 0.42 * max(0.0, (value - 90) / 165) ** 1.5)
    image.paste(Image.new("RGB", image.size, (8, 8, 20)), (0, 0), mask)
