"""Flags in free words: "a red fox --model pro --ratio 16:9 --4k", read forgivingly, and taken out of the prompt.

A flag is two dashes (or the long dash that phones make of them) at the beginning of a word. What is not a flag stays
in the prompt, in order; a flag that nobody knows is a problem that names it, and never becomes a part of the prompt.
Values that no model offers stay as they were typed, for `bot.toapis.check` to name.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.texts import Text
from bot.toapis.flag_names import PRIVATE, SPOILER
from bot.toapis.flag_reader import MARK, FlagReader
from bot.toapis.further import grouped, merged
from bot.toapis.schema import JSON
from bot.toapis.typed import Typed

LONGEST_LIST = 200
"""Characters of a list of flags alone; all that a model has takes fewer."""

_BETWEEN_ITEMS = re.compile(r"(?:[\s,;+]|and\b|[-–—―]+(?=[^\W_]))*", re.IGNORECASE)
_LINE_END = re.compile(r"\n")
_ITEM_END = re.compile(r"[;\n]|,(?!\d)|(?<!\d),")
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """Words, and the flags that stood among them.

    Attributes:
        words: without the flags; exactly what was typed if there was none.
        model, ratio, resolution, count, spoiler, private: None: not said.
        options: the model's other parameters by their wire names.
        problems: what was not understood.
    """

    words: str
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    count: int | None = None
    options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    spoiler: bool | None = None
    private: bool | None = None
    problems: tuple[Text, ...] = ()

    def typed(self) -> Typed:
        """The same as a request in somebody's own words; one picture if no number was said."""
        return Typed(
            prompt=self.words,
            model=self.model,
            ratio=self.ratio,
            resolution=self.resolution,
            count=1 if self.count is None else self.count,
            options=self.options,
        )


def read_flags(text: str) -> Flagged:
    """Take the flags out of words. Never raises."""
    reader = FlagReader(text, end=_LINE_END, unknown="flags.unknown")
    kept: list[str] = []
    position = 0
    for mark in MARK.finditer(text):
        if mark.start() < position or reader.gave_up:
            continue
        end = reader.read(mark.end(), typed_from=mark.start(), may_be_prose=mark[0] != "--")
        if end is not None:
            kept.append(text[position : mark.start()].rstrip(" \t"))
            position = end
    if not position:
        return _flagged(reader, text)
    return _flagged(reader, "".join([*kept, text[position:]]).strip())


def read_list(text: str) -> Flagged:
    """Read flags alone, with or without dashes and commas: "search, temperature 0.4, png". Never raises."""
    reader = FlagReader(text, end=_ITEM_END, unknown="flags.unknown_item")
    position = _skip_to_item(text, 0)
    while position < len(text) and not reader.gave_up:
        end = reader.read(position, typed_from=position)
        position = _skip_to_item(text, end or len(text))
    return _flagged(reader, "")


def joined(*parts: Flagged) -> Flagged:
    """What was said in several places, as one; where two say different things, the first one holds."""
    options: Mapping[str, JSON] = {}
    for part in parts:
        options = merged(part.options, options)
    return Flagged(
        words=" ".join(part.words for part in parts if part.words),
        model=_first(part.model for part in parts),
        ratio=_first(part.ratio for part in parts),
        resolution=_first(part.resolution for part in parts),
        count=_first(part.count for part in parts),
        options=options,
        spoiler=_first(part.spoiler for part in parts),
        private=_first(part.private for part in parts),
        problems=tuple(problem for part in parts for problem in part.problems),
    )


def _first(values: Iterable[_Value | None]) -> _Value | None:
    return next((value for value in values if value is not None), None)


def _skip_to_item(text: str, position: int) -> int:
    between = _BETWEEN_ITEMS.match(text, position)
    return between.end() if between else position


def _flagged(reader: FlagReader, words: str) -> Flagged:
    """All that was read, with the words that remain."""
    said = reader.values
    return Flagged(
        words=words,
        model=_text(said.get("model")),
        ratio=_text(said.get("ratio")),
        resolution=_text(said.get("resolution")),
        count=_whole(said.get("count")),
        options=grouped(said),
        spoiler=_truth(said.get(SPOILER)),
        private=_truth(said.get(PRIVATE)),
        problems=tuple(reader.problems),
    )


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: JSON) -> int | None:
    return value if isinstance(value, int) else None


def _truth(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None
