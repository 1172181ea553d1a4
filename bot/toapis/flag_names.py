"""Which flags there are, by the names people give them, and what the values after them mean."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from bot.toapis.catalog import MODELS, RESOLUTION_EDGES
from bot.toapis.schema import JSON
from bot.toapis.typed import AUTO
from bot.toapis.words import find_model, find_ratio, find_resolution

PRIVATE, SPOILER = "private", "spoiler"

_PAIR = re.compile(r"\d{1,5}\s*(?:[:/x×*∶–-]|by|to)\s*\d{1,5}(?:\s*px)?", re.IGNORECASE)
_SIZE = re.compile(r"\d{0,3}(?:\.\d)?k", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?\d{0,9})(?:[.,](\d{1,9}))?%?")
_COUNTED = MappingProxyType({"one": 1, "two": 2, "three": 3, "four": 4})
_PICTURE_TYPES = MappingProxyType({"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"})
_ORIENTATIONS = MappingProxyType(
    {
        **dict.fromkeys(("landscape", "horizontal", "wide", "widescreen"), "landscape"),
        **dict.fromkeys(("portrait", "vertical", "tall", "upright"), "portrait"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A flag that has a value after it.

    Attributes:
        name: what it sets; "size" sets the resolution or the ratio.
        names: what people call it; a space may be left out or be a dash.
        example: a value, for who forgot it.
        understand: the value that words mean, or None.
    """

    name: str
    names: tuple[str, ...]
    example: str
    understand: Callable[[str], JSON]


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A flag that says it all; `value` is what it means if it is on."""

    name: str
    names: tuple[str, ...]
    value: bool = True


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """A parameter that is the operator's to decide."""

    name: str
    names: tuple[str, ...]


def understand_model(text: str) -> str | None:
    """The id of the model that is meant."""
    model = find_model(text)
    return model.id if model else None


def understand_ratio(text: str) -> str | None:
    """The ratio that is meant, of whichever model."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if typed.casefold() == AUTO:
        return AUTO
    if any(letter.isdigit() for letter in typed) and not _PAIR.fullmatch(typed):
        return None  # "16:9 a cat": what follows belongs to the prompt
    return next((ratio for model in MODELS if (ratio := find_ratio(model, typed))), None)


def understand_resolution(text: str) -> str | None:
    """The resolution that is meant, of whichever model."""
    return next((found for model in MODELS if (found := find_resolution(model, text))), None)


def looks_like_ratio(word: str) -> bool:
    """Whether it has the form of a ratio, although there may be no such ratio."""
    return _PAIR.fullmatch(word) is not None


def looks_like_resolution(word: str) -> bool:
    """Whether it has the form of a resolution, although there may be no such resolution."""
    return _SIZE.fullmatch(word) is not None and any(letter.isdigit() for letter in word)


def is_resolution(value: JSON) -> bool:
    """Whether a value is a resolution rather than a ratio."""
    return isinstance(value, str) and value in RESOLUTION_EDGES


def understand_type(text: str) -> str | None:
    """The kind of file that is meant: "image/png"."""
    return _PICTURE_TYPES.get(text.strip().casefold().removeprefix("image/").removeprefix("."))


def _size(text: str) -> str | None:
    return understand_resolution(text) or understand_ratio(text)


def _orientation(text: str) -> str | None:
    return _ORIENTATIONS.get(text.strip().casefold())


def _number(text: str) -> int | float | None:
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or not any(letter.isdigit() for letter in found[0]):
        return None
    whole, fraction = found[1], found[2]
    return int(whole) if fraction is None else float(f"{whole}.{fraction}")


def _count(text: str) -> int | None:
    word = text.strip().casefold().strip("x×")
    number = _COUNTED.get(word, _number(word))
    return number if isinstance(number, int) else None


SETTINGS = (
    Setting(name="model", names=("model", "m"), example="pro", understand=understand_model),
    Setting(
        name="ratio",
        names=("ratio", "ar", "aspect", "aspect ratio", "shape"),
        example="16:9",
        understand=understand_ratio,
    ),
    Setting(name="resolution", names=("resolution", "res"), example="2K", understand=understand_resolution),
    Setting(name="size", names=("size",), example="2K", understand=_size),
    Setting(name="count", names=("count", "n", "number", "pictures", "images"), example="2", understand=_count),
    Setting(name="orientation", names=("orientation",), example="portrait", understand=_orientation),
    Setting(name="temperature", names=("temperature", "temp"), example="0.4", understand=_number),
    Setting(name="topP", names=("top p",), example="0.8", understand=_number),
    Setting(name="mimeType", names=("format", "file type", "type"), example="png", understand=understand_type),
    Setting(name="compressionQuality", names=("quality", "compression"), example="90", understand=_number),
)
SWITCHES = (
    Switch(name="google_search", names=("search", "google search", "web search", "google")),
    Switch(name="google_image_search", names=("image search", "google image search", "google images")),
    Switch(name=SPOILER, names=("spoiler",)),
    Switch(name=PRIVATE, names=("private", "privately", "secret")),
    Switch(name=PRIVATE, names=("public", "publicly"), value=False),
)
RESERVED = (
    Reserved(name="personGeneration", names=("person generation",)),
    Reserved(name="safetySettings", names=("safety settings", "safety")),
    Reserved(name="maxOutputTokens", names=("max output tokens", "output tokens", "max tokens")),
)

_BY_NAME = {
    name.replace(" ", ""): flag for group in (SETTINGS, SWITCHES, RESERVED) for flag in group for name in flag.names
}
NAMES = tuple(sorted(name for group in (SETTINGS, SWITCHES, RESERVED) for flag in group for name in flag.names))
_NAME = re.compile(
    "({})(?=[\\s=:,;.!?]|$)".format(
        "|".join(name.replace(" ", "[ _-]?") for name in sorted(NAMES, key=len, reverse=True))
    ),
    re.IGNORECASE,
)


def flag_at_start(text: str) -> tuple[Setting | Switch | Reserved, int] | None:
    """The flag whose name the text begins with, the longest if several fit, and the length of what was typed."""
    found = _NAME.match(text)
    if found is None:
        return None
    return _BY_NAME[re.sub("[ _-]", "", found[1]).casefold()], found.end()
