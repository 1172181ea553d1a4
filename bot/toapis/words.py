"""What people call models, ratios and resolutions: reading what they type, and suggestions while they type."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from bot.texts import Text
from bot.toapis.catalog import MODELS, Model, pixel_size

MAX_SUGGESTIONS = 25  # Discord shows no more choices; source: Discord's API documentation, "Application Commands"
PIXELS_FROM = 100  # numbers from here on are pixels, not parts of a ratio, and need not match exactly
PIXEL_TOLERANCE = 0.02  # 1024x1792 is sold as 9:16, 2560x1080 as 21:9

_RATIO_WORDS: Mapping[str, tuple[str, ...]] = {  # what is typed; what is shown is in `bot/texts/choices.py`
    "1:1": ("square", "quadratic", "avatar", "icon"),
    "16:9": ("widescreen", "wide", "hd", "desktop", "video", "youtube"),
    "9:16": ("phone screen", "phone", "tall", "vertical", "story", "reel", "wallpaper phone"),
    "4:3": ("landscape", "classic screen", "horizontal", "tablet"),
    "3:4": ("portrait", "upright", "classic portrait"),
    "3:2": ("photo", "postcard"),
    "2:3": ("poster", "upright photo", "portrait photo", "book cover"),
    "5:4": ("large format", "monitor"),
    "4:5": ("social post", "instagram", "feed"),
    "21:9": ("cinema", "ultrawide", "cinematic", "film", "movie"),
    "4:1": ("banner", "wide banner"),
    "1:4": ("tall banner", "scroll"),
    "8:1": ("strip", "panorama", "wide strip"),
    "1:8": ("tall strip", "bookmark"),
}
_RESOLUTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "0.5K": ("small", "half", "draft", "512"),
    "1K": ("standard", "normal", "1024"),
    "2K": ("large", "2048"),
    "4K": ("largest", "ultra hd", "uhd", "4096"),
}
_PAIR = re.compile(r"(?<![\d.,])(\d{1,5})\s*(?:[:/x×*∶–-]|by|to)\s*(\d{1,5})(?!\d)")
_HALF_PAIR = re.compile(r"^(\d+)\s*[/x×*∶:–-]\s*")  # "16x", on the way to "16x9"


def find_model(text: str) -> Model | None:
    """The model that a typed name, alias or id means."""
    typed = _squeezed(text)
    for model in MODELS:
        if typed in {_squeezed(name) for name in (model.id, model.name, *model.aliases)}:
            return model
    return None


def find_ratio(model: Model, text: str) -> str | None:
    """The ratio of `model` that typed text means: "16:9", "16x9", "1920x1080", "widescreen", or both."""
    typed = _plain(text)
    if pair := _PAIR.search(typed):
        return _nearest(model.ratios, int(pair[1]), int(pair[2]))
    return next((ratio for ratio in model.ratios if _squeezed(typed) in map(_squeezed, _RATIO_WORDS[ratio])), None)


def find_resolution(model: Model, text: str) -> str | None:
    """The resolution of `model` that typed text means: "4k", "2048", "large", or a label as shown."""
    typed = _spaceless(text.partition("·")[0])
    for resolution in model.resolutions:
        names = (resolution, resolution.lstrip("0"), *_RESOLUTION_WORDS[resolution])
        if typed in map(_spaceless, names):
            return resolution
    return None


def ratio_label(ratio: str) -> str:
    """A ratio as it is shown: "16:9 widescreen"."""
    return str(Text(f"ratio.{ratio.replace(':', '_')}", {"ratio": ratio}))


def resolution_label(model: Model, resolution: str, ratio: str | None = None) -> str:
    """A resolution as it is shown, with the size that the picture will about have: "2K · about 2752 × 1536 pixels"."""
    width, height = pixel_size(model, ratio if ratio in model.ratios else "1:1", resolution)
    return str(Text("resolution.pixels", {"resolution": resolution, "width": width, "height": height}))


def ratio_suggestions(model: Model, typed: str) -> list[tuple[str, str]]:
    """Choices for what is typed so far, as (label, value), the best match first; all of them if nothing matches."""
    found = find_ratio(model, typed)
    ranks = {ratio: _rank(typed, (ratio, ratio_label(ratio), *_RATIO_WORDS[ratio])) for ratio in model.ratios}
    return [(ratio_label(ratio), ratio) for ratio in _best(model.ratios, ranks, found)]


def resolution_suggestions(model: Model, typed: str, ratio: str | None = None) -> list[tuple[str, str]]:
    """As `ratio_suggestions`; empty for a model that offers no resolutions."""
    found = find_resolution(model, typed)
    ranks = {name: _rank(typed, (name, *_RESOLUTION_WORDS[name])) for name in model.resolutions}
    return [(resolution_label(model, name, ratio), name) for name in _best(model.resolutions, ranks, found)]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _spaceless(text: str) -> str:
    return _plain(text).replace(" ", "")


def _squeezed(text: str) -> str:
    """Without case, spaces and punctuation, so that "Nano-Banana 2" and "nanobanana2" are the same."""
    return "".join(letter for letter in _plain(text) if letter.isalnum())


def _nearest(ratios: Iterable[str], across: int, down: int) -> str | None:
    if not across or not down:
        return None
    wanted = Fraction(across, down)
    tolerance = PIXEL_TOLERANCE if min(across, down) >= PIXELS_FROM else 0
    for ratio in ratios:
        if abs(wanted / Fraction(ratio.replace(":", "/")) - 1) <= tolerance:
            return ratio
    return None


def _rank(typed: str, names: Sequence[str]) -> int:
    """How well a beginning fits: 0 begins a name, 1 begins a word of one, 2 stands within, 3 does not fit."""
    wanted = _HALF_PAIR.sub(r"\1:", _plain(typed))
    plain = [_plain(name) for name in names]
    if any(name.startswith(wanted) for name in plain):
        return 0
    if any(word.startswith(wanted) for name in plain for word in name.split()):
        return 1
    return 2 if len(wanted) > 1 and any(wanted in name for name in plain) else 3


def _best(values: Sequence[str], ranks: Mapping[str, int], found: str | None) -> list[str]:
    fitting = [value for value in values if value == found or ranks[value] < 3] or list(values)
    return sorted(fitting, key=lambda value: -1 if value == found else ranks[value])[:MAX_SUGGESTIONS]
