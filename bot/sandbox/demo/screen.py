"""The terminal: who said what in columns, colours where they are wanted, and one line that is redrawn in place."""

import os
import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TextIO

from bot.sandbox.demo.markup import Kind, Line

NO_BREAK = "\u00a0"  # a space at which no line is broken
_NARROWEST, _WIDEST = 40, 96  # columns
_GUTTER = 8  # columns for the name of who speaks

_STYLES: Mapping[str, str] = {
    "bold": "1",
    "dim": "2",
    "good": "32",
    "bad": "31",
    "Ada": "1;36",
    "Ben": "1;32",
    "Cleo": "1;35",
    "You": "1;36",
    "Easel": "1;33",
}
_KIND_STYLES: Mapping[Kind, str] = {
    "quote": "dim",
    "small": "dim",
    "note": "dim",
    "buttons": "bold",
    "file": "",
    "form": "",
}
_MARKS: Mapping[Kind, str] = {"quote": "▎ ", "file": "▪ ", "form": "│ "}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # bidirectional controls of Unicode
_PLAINER: Mapping[int, int | str] = {
    **str.maketrans("▰▱▎▪│─·×“”’–✓✗", '#.|*|--x""\'-+x'),
    ord("…"): "...",
    ord("→"): "->",
}


class ScreenGone(Exception):
    """Nobody reads any more: the pipe or the terminal was closed."""


class Screen:
    """Writes to a stream whatever its encoding is; on a terminal with colours, unless NO_COLOR is set."""

    def __init__(self, stream: TextIO) -> None:
        # Conventions of terminals (no-color.org, terminfo), not settings of the bot.
        self._redraws = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colours = self._redraws and not os.environ.get("NO_COLOR")
        self._stream = stream
        self._progress = ""

    def say(self, text: str = "", style: str = "") -> None:
        """Write a paragraph over the full width."""
        self.end_progress()
        for line in _wrapped(text, self._width):
            self._write(f"{self._styled(line, style)}\n")

    def log(self, lines: Iterable[str]) -> None:
        """Write lines as they are, set off to the right."""
        self.end_progress()
        for line in lines:
            self._write(f"  {self._styled(_printable(line), 'dim')}\n")

    def heading(self, text: str) -> None:
        """Begin a part."""
        self.say()
        self.say(f"── {text} ".ljust(self._width, "─"), "bold")

    def entry(self, who: str, lines: Iterable[Line]) -> None:
        """Write what somebody said, under their name."""
        self.end_progress()
        self._write("\n")
        name = self._styled(who.ljust(_GUTTER), who)
        for line in lines:
            mark = _MARKS.get(line.kind, "")
            room = self._width - _GUTTER - len(mark)
            for part in _wrapped(line.text, room):
                self._write(f"{name}{self._styled(f'{mark}{part}', _KIND_STYLES.get(line.kind, ''))}\n")
                name = " " * _GUTTER

    def note(self, text: str, style: str = "dim") -> None:
        """Add a remark of ours below what somebody said."""
        self.end_progress()
        mark = "→ "
        for part in _wrapped(text, self._width - _GUTTER - len(mark)):
            self._write(f"{' ' * _GUTTER}{self._styled(f'{mark}{part}', style)}\n")
            mark = "  "

    def progress(self, who: str, text: str) -> None:
        """Show how far something is: in place of what was shown before, or as another line if it reads differently."""
        if text == self._progress:
            return
        if self._redraws:
            lead = "" if self._progress else "\n"
            shown = _printable(text)[: self._width - _GUTTER]
            self._write(f"{lead}\r\x1b[2K{self._styled(who.ljust(_GUTTER), who)}{self._styled(shown, 'dim')}")
        elif self._progress:
            self._write(f"{' ' * _GUTTER}{_printable(text)}\n")
        else:
            self.entry(who, [Line(text)])
        self._progress = text

    def end_progress(self) -> None:
        """Take the redrawn line away, as Discord takes the message away."""
        if self._progress and self._redraws:
            self._write("\r\x1b[2K\x1b[1A")
        self._progress = ""

    @property
    def _width(self) -> int:
        # One column less: some terminals wrap as soon as the last one is written.
        return min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((_WIDEST, 24)).columns - 1))

    def _styled(self, text: str, style: str) -> str:
        code = _STYLES.get(style) if self._colours and text.strip() else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise ScreenGone from error


def _wrapped(text: str, width: int) -> list[str]:
    lines = textwrap.wrap(_printable(text), width, break_on_hyphens=False)  # file names and addresses have hyphens
    return [line.replace(NO_BREAK, " ") for line in lines] or [""]


def _printable(text: str) -> str:
    """Without what would move the cursor, colour the terminal or turn the direction of writing."""
    return "".join("\ufffd" if _steers(letter) else letter for letter in text)


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs"} or unicodedata.bidirectional(letter) in _TURNS
