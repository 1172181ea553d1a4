"""Discord's markup as a person reads it: mentions, times, commands, links, quotes, small print.

Source: Discord's API documentation, "Message Formatting", and its help page on Markdown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "quote", "small", "file", "buttons", "form", "note"]

_INLINE = re.compile(
    r"\\(?P<escaped>[^\w\s])"
    r"|<@!?(?P<user>\d+)>"
    r"|<t:(?P<at>\d{1,12})(?::(?P<style>[tTdDfFR]))?>"
    r"|</(?P<command>[^:<>]{1,100}):\d+>"
    r"|\[(?P<words>[^\[\]]+)\]\(<?(?P<link>https?://[^\s<>()]+)>?\)"
)
_PREFIXES: Mapping[str, Kind] = {"> ": "quote", "-# ": "small"}
_TIMES: Mapping[str, str] = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "%d %B %Y",
    "f": "%d %B %Y %H:%M",
    "F": "%A, %d %B %Y %H:%M",
}
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Line:
    """One line of what is shown, and what it is."""

    text: str
    kind: Kind = "text"


def readable(content: str, names: Mapping[str, str], now: float) -> list[Line]:
    """The lines of a message.

    Args:
        content: as it was sent.
        names: of the accounts that may be mentioned, by id.
        now: Unix seconds; times such as "in 3 hours" count from here.
    """

    def shown(found: re.Match[str]) -> str:
        if found["escaped"]:
            return found["escaped"]
        if found["user"]:
            return f"@{names.get(found['user'], 'unknown-user')}"
        if found["command"]:
            return f"/{found['command']}"
        if found["link"]:
            return f"{found['words']} ({found['link']})"
        return _time(int(found["at"]), found["style"] or "f", now)

    lines: list[Line] = []
    for line in content.split("\n"):
        prefix = next((prefix for prefix in _PREFIXES if line.startswith(prefix)), "")
        kind = _PREFIXES.get(prefix, "text")
        lines.append(Line(_INLINE.sub(shown, line.removeprefix(prefix)), kind))
    return lines


def _time(at: int, style: str, now: float) -> str:
    if style == "R":
        return _relative(at - now)
    return datetime.fromtimestamp(at).astimezone().strftime(_TIMES[style])


def _relative(seconds: float) -> str:
    """In the largest unit of which it is about one or more: "in 3 hours", "2 minutes ago"."""
    away = abs(seconds)
    unit, length = next((each for each in _UNITS if away >= 0.75 * each[1]), _UNITS[-1])
    count = round(away / length)
    words = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{words} ago" if seconds < 0 else f"in {words}"
