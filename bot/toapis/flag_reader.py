"""Reading one flag after another: its name, the value after it, and where it ends."""

import difflib
import re
from collections.abc import Callable

from bot.texts import Text
from bot.toapis.flag_names import (
    NAMES,
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
from bot.toapis.foreign_flags import foreign_at_start
from bot.toapis.options import shown
from bot.toapis.schema import JSON

MARK = re.compile(r"(?<!\S)(?:--|[-–—]?[–—―])(?=[^\W_]|\.\d)")
"""The dashes of a flag, as far as they are no prose."""

_QUOTED = re.compile(r"[\"“”„«'‘](?P<words>[^\"“”„«»'‘’]*)[\"“”»'’][,;.!?]*")
_BINDING = re.compile(r"\s*[=:]\s*")
_YES_OR_NO = re.compile(r"(?:\s*[=:]\s*(yes|no|true|false|on|off|1|0)|\s+(true|false))(?![^\s,;.!?])", re.IGNORECASE)
_STOPS = ",;.!?"
_CLOSING_DASH = re.compile(r"[^\W_][^\s\w]*[–—―](?=[\s,;.!?)]|$)")
_SURELY_A_VALUE = re.compile(r"\d{1,5}[:∶x×]\d{1,5}|\d{0,2}(?:\.\d)?k", re.IGNORECASE)
_LONGEST_ASIDE = 100  # characters between two dashes
_LONGEST = 6  # words of a value, such as "gemini 3 pro image preview"
_LONGEST_NAME = 24  # characters of a misspelt flag
_MOST_COMPARISONS = 20  # about a millisecond each; prose full of dashes must not hold everyone up
_MOST_DASHES = 50  # long ones; who writes so many writes prose, and half a millisecond each is enough
_MOST_PROBLEMS = 10  # who has so many wrote no flags
_ALIKE = 0.7  # of 1, by difflib


class FlagReader:
    """Reads flag after flag of one text.

    Attributes:
        values: what was said so far, by the names in `bot.toapis.flag_names`; as it was typed where no model has it.
        problems: what was not understood so far.
    """

    def __init__(self, text: str, *, end: re.Pattern[str], unknown: str) -> None:
        """Begin.

        Args:
            text: all of it.
            end: what ends a flag at the latest, besides the next one.
            unknown: the key of the sentence that names an unknown flag.
        """
        self.values: dict[str, JSON] = {}
        self.problems: list[Text] = []
        self._comparisons = 0
        self._dashes = 0
        self._text = text
        self._end = end
        self._unknown = unknown

    @property
    def gave_up(self) -> bool:
        """Whether so much was not understood that reading on would not help."""
        return len(self.problems) >= _MOST_PROBLEMS

    def read(self, start: int, *, typed_from: int, may_be_prose: bool = False) -> int | None:
        """Read the flag whose name begins at `start`, after its dashes. Returns its end, or None if it is prose."""
        span = self._text[start : self._stop(start)]
        if may_be_prose and self._is_prose(start, span):
            return None
        if named := flag_at_start(span):
            flag, length = named
            return start + self._named(flag, span, length, self._text[typed_from : start + length])
        if typed_from < start and (foreign := foreign_at_start(span, may_be_prose=may_be_prose)):
            return start + self._foreign(foreign, span, self._text[typed_from:start])
        if bare := _bare(span):
            name, value, length = bare
            self.values[name] = value
            return start + length
        word = span.split(maxsplit=1)[0] if span.strip() else span
        name = re.split("[=:]", word)[0].rstrip(_STOPS) or word
        close = self._close(name)
        if may_be_prose and close is None:
            return None
        typed = shown(self._text[typed_from:start] + name)
        if close is None:
            self.problems.append(Text(self._unknown, {"flag": typed}))
        else:
            meant = f"--{close.replace(' ', '-')}" if typed_from < start else close
            self.problems.append(Text("flags.unknown_close", {"flag": typed, "close": meant}))
        return start + max(len(word), 1)

    def _is_prose(self, start: int, span: str) -> bool:
        """Whether a single long dash is punctuation: "–5 °C", "—portrait of a lady— hung there", "—public opinion"."""
        self._dashes += 1
        if self._dashes > _MOST_DASHES:
            return True
        aside = self._text[start : start + _LONGEST_ASIDE].partition("\n")[0]
        if _CLOSING_DASH.search(aside):
            return True
        if not span[0].isalpha():
            word = span.split(maxsplit=1)[0].rstrip(_STOPS)
            return _SURELY_A_VALUE.fullmatch(word) is None
        named, bare = flag_at_start(span), _bare(span)
        if named is not None:
            flag, length = named
            return isinstance(flag, Switch) and span[length : length + 1] != "=" and _says_more(span[length:])
        return bare is not None and _says_more(span[bare[2] :])

    def _foreign(self, found: re.Match[str], span: str, dashes: str) -> int:
        """Name a flag of another image generator. Returns where it ends, with what belongs to it."""
        if not found["negative"]:
            name = found[0].removesuffix(found["value"] or "")
            self.problems.append(Text("flags.foreign", {"flag": shown(dashes + name)}))
            return found.end()
        flag, unwanted = shown(dashes + found[0]), shown(span[found.end() :].strip(" \t=:" + _STOPS))
        alone = Text("flags.negative_alone", {"flag": flag})
        self.problems.append(Text("flags.negative", {"flag": flag, "unwanted": unwanted}) if unwanted else alone)
        return len(span)

    def _close(self, name: str) -> str | None:
        """The flag that was probably meant."""
        self._comparisons += 1
        if len(name) > _LONGEST_NAME or self._comparisons > _MOST_COMPARISONS:
            return None
        return next(iter(difflib.get_close_matches(name.casefold(), NAMES, n=1, cutoff=_ALIKE)), None)

    def _stop(self, start: int) -> int:
        """Where a flag that begins at `start` ends at the latest."""
        found = [pattern.search(self._text, start) for pattern in (MARK, self._end)]
        return min((match.start() for match in found if match), default=len(self._text))

    def _named(self, flag: Setting | Switch | Reserved, span: str, length: int, typed: str) -> int:
        """Read what follows a flag's name. Returns the length of it all."""
        if isinstance(flag, Setting):
            return self._setting(flag, span, length, typed)
        if isinstance(flag, Reserved):
            self.problems.append(Text("check.option_reserved", {"option": shown(typed)}))
            return length + len(span[length:].split(maxsplit=1)[0]) if span[length : length + 1] == "=" else length
        answer = _YES_OR_NO.match(span, length)
        said_no = answer is not None and (answer[1] or answer[2]).casefold() in {"no", "false", "off", "0"}
        self.values[flag.name] = flag.value is not said_no
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
            self.problems.append(Text("flags.value_missing", {"flag": shown(typed), "example": flag.example}))
        return begin + end

    def _set(self, flag: Setting, value: JSON, raw: str, typed: str) -> None:
        if flag.name == "count" and value is None:
            self.problems.append(Text("flags.count", {"flag": shown(typed), "value": shown(raw)}))
            return
        name = flag.name
        if name == "size":
            name = "ratio" if value is not None and not is_resolution(value) else "resolution"
        self.values[name] = raw if value is None else value


def _bare(span: str) -> tuple[str, JSON, int] | None:
    """Read a value that needs no name: "pro", "16:9", "4k", "png". Returns what it sets, to what, and its length."""
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
            return name, value, end
    for name, looks_like in (("ratio", looks_like_ratio), ("resolution", looks_like_resolution)):
        if looks_like(word):
            return name, word, len(first)
    return None


def _says_more(rest: str) -> bool:
    """Whether words follow, so that it goes on as a sentence does."""
    return bool(rest.strip(" \t" + _STOPS))


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


def _past_stops(span: str, position: int) -> int:
    return position + len(span[position:]) - len(span[position:].lstrip(_STOPS))
