"""Flags in free words: "a red fox --model pro --ratio 16:9 --4k", read forgivingly, and taken out of the prompt.

A flag is two dashes (or the long dash that phones make of them) at the beginning of a word. What is not a flag stays
in the prompt, in order; a flag that nobody knows is a problem that names it, and never becomes a part of the prompt.
Values that no model offers stay as they were typed, for `bot.toapis.check` to name.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.texts import Text
from bot.toapis.flag_names import (
    NAMES,
    PRIVATE,
    SPOILER,
    Reserved,
    Setting,
    Switch,
    flag_at_start,
    is_resolution,
    looks_like_ratio,
    looks_like_resolution,
    understand_model,
    understand_ratio,
    understand_resolution,
    understand_type,
)
from bot.toapis.options import shown
from bot.toapis.schema import JSON
from bot.toapis.typed import Typed

_MARK = re.compile(r"(?<!\S)(?:--|[-–—]?[–—―])(?=[^\W_]|\.\d)")
_BETWEEN_ITEMS = re.compile(r"(?:[\s,;+]|and\b|[-–—―]+(?=[^\W_]))*", re.IGNORECASE)
_LINE_END = re.compile(r"\n")
_ITEM_END = re.compile(r"[;\n]|,(?!\d)|(?<!\d),")
_QUOTED = re.compile(r"[\"“”„«'‘](?P<words>[^\"“”„«»'‘’]*)[\"“”»'’][,;.!?]*")
_BINDING = re.compile(r"\s*[=:]\s*")
_YES_OR_NO = re.compile(r"(?:\s*[=:]\s*(yes|no|true|false|on|off|1|0)|\s+(true|false))(?![^\s,;.!?])", re.IGNORECASE)
_STOPS = ",;.!?"
_LONGEST = 6  # words of a value, such as "gemini 3 pro image preview"
_LONGEST_NAME = 24  # characters of a misspelt flag
_MOST_PROBLEMS = 10  # who has so many wrote no flags
_ALIKE = 0.7  # of 1, by difflib


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
    reader = _Reader(text, end=_LINE_END, unknown="flags.unknown")
    kept: list[str] = []
    position = 0
    for mark in _MARK.finditer(text):
        if mark.start() < position or reader.gave_up:
            continue
        end = reader.read(mark.end(), typed_from=mark.start(), may_be_prose=mark[0] != "--")
        if end is not None:
            kept.append(text[position : mark.start()].rstrip(" \t"))
            position = end
    if not position:
        return reader.flagged(text)
    return reader.flagged("".join([*kept, text[position:]]).strip())


def read_list(text: str) -> Flagged:
    """Read flags alone, with or without dashes and commas: "search, temperature 0.4, png". Never raises."""
    reader = _Reader(text, end=_ITEM_END, unknown="flags.unknown_item")
    position = _skip_to_item(text, 0)
    while position < len(text) and not reader.gave_up:
        end = reader.read(position, typed_from=position)
        position = _skip_to_item(text, end or len(text))
    return reader.flagged("")


def _skip_to_item(text: str, position: int) -> int:
    between = _BETWEEN_ITEMS.match(text, position)
    return between.end() if between else position


class _Reader:
    """Reads flag after flag of one text."""

    def __init__(self, text: str, *, end: re.Pattern[str], unknown: str) -> None:
        self._text = text
        self._end = end
        self._unknown = unknown
        self._values: dict[str, JSON] = {}
        self._problems: list[Text] = []

    @property
    def gave_up(self) -> bool:
        """Whether so much was not understood that reading on would not help."""
        return len(self._problems) >= _MOST_PROBLEMS

    def read(self, start: int, *, typed_from: int, may_be_prose: bool = False) -> int | None:
        """Read the flag whose name begins at `start`, after its dashes. Returns its end, or None if it is prose."""
        span = self._text[start : self._stop(start)]
        if named := flag_at_start(span):
            flag, length = named
            return start + self._named(flag, span, length, self._text[typed_from : start + length])
        if (bare := self._bare(span)) is not None:
            return start + bare
        word = span.split(maxsplit=1)[0] if span.strip() else span
        name = re.split("[=:]", word)[0].rstrip(_STOPS) or word
        close = _close(name)
        if may_be_prose and close is None:
            return None
        typed = shown(self._text[typed_from:start] + name)
        if close is None:
            self._problems.append(Text(self._unknown, {"flag": typed}))
        else:
            meant = f"--{close.replace(' ', '-')}" if typed_from < start else close
            self._problems.append(Text("flags.unknown_close", {"flag": typed, "close": meant}))
        return start + max(len(word), 1)

    def flagged(self, words: str) -> Flagged:
        """All that was read, with the words that remain."""
        said = dict(self._values)
        if said.get("google_image_search") is True:
            said.setdefault("google_search", True)
        output: dict[str, JSON] = {name: said[name] for name in ("mimeType", "compressionQuality") if name in said}
        names = ("google_search", "google_image_search", "orientation", "temperature", "topP")
        options: dict[str, JSON] = {name: said[name] for name in names if name in said}
        if output:
            options["imageOutputOptions"] = output
        return Flagged(
            words=words,
            model=_text(said.get("model")),
            ratio=_text(said.get("ratio")),
            resolution=_text(said.get("resolution")),
            count=_whole(said.get("count")),
            options=options,
            spoiler=_truth(said.get(SPOILER)),
            private=_truth(said.get(PRIVATE)),
            problems=tuple(self._problems),
        )

    def _stop(self, start: int) -> int:
        """Where a flag that begins at `start` ends at the latest."""
        found = [pattern.search(self._text, start) for pattern in (_MARK, self._end)]
        return min((match.start() for match in found if match), default=len(self._text))

    def _named(self, flag: Setting | Switch | Reserved, span: str, length: int, typed: str) -> int:
        """Read what follows a flag's name. Returns the length of it all."""
        if isinstance(flag, Setting):
            return self._setting(flag, span, length, typed)
        if isinstance(flag, Reserved):
            self._problems.append(Text("flags.reserved", {"flag": shown(typed)}))
            return length + len(span[length:].split(maxsplit=1)[0]) if span[length : length + 1] == "=" else length
        answer = _YES_OR_NO.match(span, length)
        said_no = answer is not None and (answer[1] or answer[2]).casefold() in {"no", "false", "off", "0"}
        self._values[flag.name] = flag.value is not said_no
        return _past_stops(span, answer.end() if answer else length)

    def _setting(self, flag: Setting, span: str, length: int, typed: str) -> int:
        binding = _BINDING.match(span, length)
        begin = binding.end() if binding else length
        rest = span[begin:]
        blank = len(rest) - len(rest.lstrip())
        quoted = _QUOTED.match(rest, blank)
        if quoted:
            raw, end = quoted["words"].strip(), quoted.end()
            value = flag.understand(raw)
        else:
            value, end = _longest(rest, flag.understand)
            first = rest.split(maxsplit=1)[:1]
            raw = "".join(first).rstrip(_STOPS)
            end = end or blank + len("".join(first))
        if raw:
            self._set(flag, value, raw, typed)
        else:
            self._problems.append(Text("flags.value_missing", {"flag": shown(typed), "example": flag.example}))
        return begin + end

    def _set(self, flag: Setting, value: JSON, raw: str, typed: str) -> None:
        if flag.name == "count" and value is None:
            self._problems.append(Text("flags.count", {"flag": shown(typed), "value": shown(raw)}))
            return
        name = flag.name
        if name == "size":
            name = "ratio" if value is not None and not is_resolution(value) else "resolution"
        self._values[name] = raw if value is None else value

    def _bare(self, span: str) -> int | None:
        """Read a value that needs no name: "pro", "16:9", "4k", "png". Returns its length."""
        first = span.split(maxsplit=1)[0] if span.strip() else ""
        word = first.rstrip(_STOPS)
        if word.isdigit() and understand_resolution(word) is None:
            return None
        readings: tuple[tuple[str, Callable[[str], JSON], bool], ...] = (
            ("model", understand_model, True),
            ("ratio", understand_ratio, False),
            ("resolution", understand_resolution, False),
            ("mimeType", understand_type, False),
            ("ratio", understand_ratio, True),
            ("resolution", understand_resolution, True),
        )
        for name, understand, may_be_long in readings:
            value, end = _longest(span if may_be_long else first, understand)
            if value is not None:
                self._values[name] = value
                return end
        for name, looks_like in (("ratio", looks_like_ratio), ("resolution", looks_like_resolution)):
            if looks_like(word):
                self._values[name] = word
                return len(first)
        return None


def _longest(span: str, understand: Callable[[str], JSON]) -> tuple[JSON, int]:
    """The meaning of as many words as mean something together, and where they end; none: (None, 0)."""
    ends: list[int] = []
    for word in re.finditer(r"\S+", span):
        ends.append(word.end())
        if word[0][-1] in _STOPS or len(ends) == _LONGEST:
            break
    for end in reversed(ends):
        if (value := understand(span[:end].strip().rstrip(_STOPS))) is not None:
            return value, end
    return None, 0


def _close(name: str) -> str | None:
    """The flag that was probably meant."""
    if len(name) > _LONGEST_NAME:
        return None
    return next(iter(difflib.get_close_matches(name.casefold(), NAMES, n=1, cutoff=_ALIKE)), None)


def _past_stops(span: str, position: int) -> int:
    return position + len(span[position:]) - len(span[position:].lstrip(_STOPS))


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: JSON) -> int | None:
    return value if isinstance(value, int) else None


def _truth(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None
