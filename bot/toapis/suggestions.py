"""Suggestions while somebody types a ratio or a model's further parameters, which go on from what is typed."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bot.texts import Text
from bot.toapis.catalog import Model
from bot.toapis.check import keeps_every_pixel
from bot.toapis.flags import Flagged, read_list
from bot.toapis.further import in_words, merged
from bot.toapis.schema import JSON
from bot.toapis.typed import AUTO
from bot.toapis.words import MAX_SUGGESTIONS, ratio_suggestions

MAX_LENGTH = 100  # characters of a choice's name and value; source: Discord's API documentation, "Application Commands"

_LAST_ITEM = re.compile(r"(?P<before>.*(?:[;\n]|,(?!\d)|(?<!\d),))?(?P<last>.*)", re.DOTALL)
_OFFERED: Mapping[str, tuple[JSON, ...]] = MappingProxyType(
    {
        "google_search": (True,),
        "google_image_search": (True,),
        "orientation": ("landscape", "portrait"),
        "temperature": (0, 0.5, 1.5, 2),
        "topP": (0.5, 0.8, 1),
        "imageOutputOptions": (
            {"mimeType": "image/png"},
            {"mimeType": "image/jpeg"},
            {"mimeType": "image/webp"},
            {"compressionQuality": 80},
            {"compressionQuality": 90},
            {"compressionQuality": 100},
        ),
    }
)


def ratio_or_auto_suggestions(model: Model, typed: str) -> list[tuple[str, str]]:
    """As `words.ratio_suggestions`, with the first picture's own ratio first."""
    label = str(Text("ratio.auto"))
    begun = label.casefold().startswith(typed.strip().casefold())
    auto = [(label, AUTO)] if begun else []
    others = [] if auto and typed.strip() else ratio_suggestions(model, typed)
    return (auto + others)[:MAX_SUGGESTIONS]


def further_suggestions(model: Model, typed: str) -> list[str]:
    """Complete values for what is typed so far, as far as the model has it; the likeliest first."""
    if len(typed) > MAX_LENGTH:
        return []
    found = _LAST_ITEM.fullmatch(typed)
    before, last = (found["before"] or "", found["last"].strip()) if found else ("", "")
    head, tail = read_list(before), read_list(last)
    if _says_more(head) or _says_more(tail):
        return []
    known = _of(model, head.options)
    values: list[str] = []
    if last and not tail.problems and (whole := merged(known, _of(model, tail.options))) != known:
        values.append(in_words(whole))
        values += _continued(model, known, last)
        values += _continued(model, whole, "")
    else:
        values += _continued(model, known, last) or _continued(model, known, "")
    return [value for value in dict.fromkeys(values) if len(value) <= MAX_LENGTH][:MAX_SUGGESTIONS]


def _continued(model: Model, known: Mapping[str, JSON], typed: str) -> list[str]:
    """What is known with one more parameter each, of those that fit what is typed of it."""
    wanted = typed.casefold().lstrip("-–—").strip()
    found: list[str] = []
    for item in _items(model):
        together = merged(known, item)
        is_new = together != known and merged(item, known) == together
        if is_new and not keeps_every_pixel(together) and _fits(wanted, in_words(item)):
            found.append(in_words(together))
    return found


def _items(model: Model) -> Iterator[Mapping[str, JSON]]:
    offered = {option.name for option in model.options}
    for name, values in _OFFERED.items():
        if name in offered:
            yield from (merged({name: value}, {}) for value in values)


def _fits(wanted: str, words: str) -> bool:
    return any(part.startswith(wanted) for item in words.split(", ") for part in (item, *item.split()))


def _of(model: Model, options: Mapping[str, JSON]) -> dict[str, JSON]:
    offered = {option.name for option in model.options}
    return {name: value for name, value in options.items() if name in offered}


def _says_more(flagged: Flagged) -> bool:
    """Whether something is set that a suggestion of parameters would lose."""
    others = (flagged.model, flagged.ratio, flagged.resolution, flagged.count, flagged.spoiler, flagged.private)
    return any(other is not None for other in others)
