"""Every message that Easel can show, in one file for a reader to judge the tone: `wording.md` beside this one."""

import difflib
import os
import string
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest

from bot.texts import _AREAS, ENGLISH, Text
from tests.clocks import START
from tests.wording.reading import words
from tests.wording.samples import VALUES
from tests.wording.screen import Screen
from tests.wording.screens import screens

FILE = Path(__file__).with_name("wording.md")
WRITE = "EASEL_WRITE_WORDING"
HOW = f"Where the new words are as they should be: {WRITE}=1 python -m pytest tests/wording, and commit {FILE.name}."
PREFACE = """\
# Every message that Easel can show

`test_wording.py` writes this file, and fails where the program says something else. The words are in `bot/texts/`.

First the screens, as a person sees them: ┃ is a quotation, · small print, 🖼 a picture with its alternative text, […] a
button. Then every sentence with sample values, and its key.\
"""


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_sentence_has_a_sample_for_each_of_its_values(key: str) -> None:
    wanted = {name for _, name, _, _ in string.Formatter().parse(ENGLISH[key]) if name}
    assert set(VALUES.get(key, {})) == wanted, f"tests/wording/samples.py: values of “{key}” for {sorted(wanted)}"


def test_no_sample_is_of_a_sentence_that_is_gone() -> None:
    assert sorted(VALUES.keys() - ENGLISH.keys()) == []


async def test_every_message_reads_as_the_file_shows_it(tmp_path: Path) -> None:
    seen = [screen async for screen in screens(tmp_path)]
    current = "\n".join((PREFACE, *_drawn(seen), *_sentences(), ""))
    if os.environ.get(WRITE):
        FILE.write_text(current, "utf-8")
    filed = FILE.read_text("utf-8")
    if filed != current:
        lines = difflib.unified_diff(filed.splitlines(), current.splitlines(), "filed", "shown now", lineterm="", n=3)
        pytest.fail("\n".join((*lines, "", HOW)), pytrace=False)


def _drawn(seen: Sequence[Screen]) -> Iterator[str]:
    for section, together in groupby(seen, key=lambda screen: screen.section):
        yield from ("", f"## {section}")
        for screen in together:
            yield from ("", f"### {screen.title}", "", "~~~text", *screen.lines, "~~~")


def _sentences() -> Iterator[str]:
    yield from ("", "## Every sentence")
    for area in _AREAS:
        yield ""
        for key in area:
            said = " ⏎ ".join(words(str(Text(key, VALUES.get(key, {}))), {}, START)).strip(" ⏎")
            yield f"- `{key}`: {said}"
