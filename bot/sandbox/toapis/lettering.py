"""Text for the painted pictures: what the built-in font can show, wrapped to a width."""

import functools
import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_ALMOST = str.maketrans({"—": "-", "–": "-", "×": "x", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l"})
_MISSING = "\ufffd"  # stands for a character the font has no glyph for, and shows as the font's empty box


@functools.lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's built-in font at `size` pixels.

    Raises:
        RuntimeError: this Pillow was built without FreeType.
    """
    loaded = ImageFont.load_default(size=size)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise RuntimeError("the sandbox paints with FreeType, which this Pillow lacks")  # noqa: TRY004 - not the caller's
    return loaded


def _drawing(character: str) -> bytes:
    image = Image.new("L", (48, 48))
    ImageDraw.Draw(image).text((8, 8), character, font=font(24), fill=255)
    return image.tobytes()


@functools.lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    return _drawing(character) != _drawing(_MISSING)


def _shown(character: str) -> str:
    """What stands for a character: itself, its closest relative, an emoji's name, or a mark."""
    if character.isspace():
        return " "
    if _has_glyph(character):
        return character
    category = unicodedata.category(character)
    if category.startswith("M") or category in ("Cf", "Sk", "Cn"):  # accents, joiners, skin tones
        return ""
    if category == "So":
        return f" ({unicodedata.name(character, 'sign').lower()}) "
    return _MISSING


def printable(text: str) -> str:
    """`text` in characters the font has, on one line."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_ALMOST))
    return " ".join("".join(_shown(character) for character in decomposed).split())


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """Text set in lines of one size, in pixels."""

    size: int
    lines: tuple[str, ...]

    @property
    def pitch(self) -> int:
        """The distance between two baselines."""
        return round(self.size * 1.28)

    @property
    def height(self) -> int:
        """From the top of the first line to the bottom of the last."""
        return self.pitch * len(self.lines)

    @property
    def width(self) -> float:
        """Of the longest line."""
        return max((font(self.size).getlength(line) for line in self.lines), default=0)


def _fitting(word: str, face: ImageFont.FreeTypeFont, width: int) -> int:
    """How many characters of a word fit into a width; at least one."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if face.getlength(word[:middle]) <= width else (low, middle - 1)
    return low


def wrap(text: str, size: int, width: int) -> Lettering:
    """`text` in as many lines as it needs to be no wider than `width` pixels; a longer word is broken."""
    face = font(size)
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        if line and face.getlength(f"{line} {rest}") <= width:
            line = f"{line} {rest}"
            continue
        if line:
            lines.append(line)
        while face.getlength(rest) > width and len(rest) > 1:
            fitting = _fitting(rest, face, width)
            lines.append(rest[:fitting])
            rest = rest[fitting:]
        line = rest
    if line:
        lines.append(line)
    return Lettering(size=size, lines=tuple(lines))


def fit(text: str, width: int, height: int, largest: int, smallest: int) -> Lettering:
    """`text` as large as it fits into a box, or cut with an ellipsis where even the smallest size does not fit."""
    size = largest
    while True:
        lettering = wrap(text[: 4 * (width * height) // (size * size) + 16], size, width)
        if lettering.height <= height or size <= smallest:
            break
        size = max(smallest, round(size * 0.9))
    room = max(1, height // lettering.pitch)
    if len(lettering.lines) <= room:
        return lettering
    last = lettering.lines[room - 1]
    while last and font(size).getlength(f"{last}…") > width:
        last = last[:-1]
    return Lettering(size=size, lines=(*lettering.lines[: room - 1], f"{last.rstrip()}…"))
