import io

import pytest
from typing_extensions import override

from bot.sandbox.demo.markup import Line
from bot.sandbox.demo.screen import Screen, ScreenGone


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


class Latin(io.StringIO):
    encoding = "latin-1"


class Closed(io.StringIO):
    @override
    def write(self, text: str, /) -> int:
        raise BrokenPipeError


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def written(stream: io.StringIO) -> str:
    screen = Screen(stream)
    screen.heading("1 of 4")
    screen.entry("Ada", [Line("/imagine prompt:a fox")])
    screen.progress("Easel", "10 %")
    screen.progress("Easel", "10 %")
    screen.progress("Easel", "50 %")
    screen.entry("Easel", [Line("@Ada"), Line("a fox", "quote"), Line("fox.png", "file")])
    screen.note("saved", "good")
    return stream.getvalue()


def test_a_pipe_gets_plain_lines_and_each_progress_once() -> None:
    text = written(io.StringIO())
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.split("\n", 3)[3] == (
        "Ada     /imagine prompt:a fox\n"
        "\n"
        "Easel   10 %\n"
        "        50 %\n"
        "\n"
        "Easel   @Ada\n"
        "        ▎ a fox\n"
        "        ▪ fox.png\n"
        "        → saved\n"
    )


def test_a_terminal_sees_progress_redrawn_in_place_and_then_gone() -> None:
    text = written(Terminal())
    assert text.count("10 %") == 1
    assert "\r\x1b[2K" in text[text.index("10 %") : text.index("50 %")]
    assert "\n" not in text[text.index("10 %") : text.index("50 %")]
    assert "\r\x1b[2K\x1b[1A" in text[text.index("50 %") : text.index("@Ada")]


def test_no_color_takes_the_colours_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = written(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    plain = written(Terminal())
    assert "\x1b[32m" in coloured
    assert "m" not in {code[-1] for code in plain.split("\x1b[")[1:] if code}
    assert not any(f"\x1b[{style}m" in plain for style in ("0", "1", "2", "32", "1;36"))
    assert "\r\x1b[2K" in plain


def test_a_dumb_terminal_is_treated_like_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert written(Terminal()) == written(io.StringIO())


def test_nothing_is_wider_than_the_terminal() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.say("word " * 40)
    screen.heading("a part")
    screen.entry("Ada", [Line("word " * 40), Line("x" * 200, "quote")])
    screen.note("word " * 40)
    assert max(map(len, stream.getvalue().splitlines())) < 60


def test_what_a_person_types_cannot_steer_the_terminal() -> None:
    stream = io.StringIO()
    Screen(stream).entry("Ada", [Line("\x1b[2J\x07\u202ered")])
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()


def test_a_terminal_without_our_characters_gets_the_nearest_it_has() -> None:
    stream = Latin()
    Screen(stream).entry("Ada", [Line("“Köln” … ▰▱ → 猫")])
    assert stream.getvalue() == '\nAda     "Köln" ... #. -> ?\n'


def test_a_closed_stream_is_told() -> None:
    with pytest.raises(ScreenGone):
        Screen(Closed()).say("is anybody there?")
