import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ui.inert import inert, length, plain, shortened
from tests.samples import NASTY

UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|<>@#\[\]]")


@pytest.mark.parametrize(
    "typed",
    [
        "**bold** _it_ ~~gone~~ `code` ||spoiler||",
        "<@123> <@&5> <#7> <t:1:R> <:fox:1> </imagine:9>",
        "[click](https://example.org)",
        "```\nblock",
    ],
)
def test_markup_is_escaped(typed: str) -> None:
    assert not UNESCAPED.search(inert(typed, 300))


@pytest.mark.parametrize("typed", ["# title", "> quote", "- item", "+ item", "-# small", "1. first", "1) first"])
def test_what_begins_a_line_as_markup_begins_it_as_text(typed: str) -> None:
    assert re.match(r"\\|\d+\\", inert(typed, 300))


@pytest.mark.parametrize(
    "link", ["https://example.org/x", "discord.gg/abc", "discord.com/invite/abc", "discord.gift/x"]
)
def test_a_link_neither_links_nor_unfolds(link: str) -> None:
    assert not re.search(r"[:.\w]/", inert(f"see {link}", 300))


@pytest.mark.parametrize("invisible", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\x00", "\x1b", "\ud800"])
def test_what_cannot_be_seen_is_left_out(invisible: str) -> None:
    assert plain(f"a{invisible}b", 10) == "ab"


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\u2028", "\u00a0", "   "])
def test_everything_stands_on_one_line(space: str) -> None:
    assert plain(f"{space}a{space}b{space}", 10) == "a b"


def test_compound_emoji_and_persian_spelling_survive() -> None:
    assert plain("👩\u200d🚀 می\u200cخواهم", 50) == "👩\u200d🚀 می\u200cخواهم"


def test_a_pile_of_accents_does_not_spill_over_the_lines_around() -> None:
    assert plain("a" + "\u0301" * 50, 100).count("\u0301") <= 4


def test_ordinary_words_are_left_alone() -> None:
    assert inert("Ein Fuchs im Schnee, 4K!", 100) == "Ein Fuchs im Schnee, 4K!"


def test_a_short_text_is_not_shortened() -> None:
    assert shortened("abcde", 5) == "abcde"


def test_a_long_text_says_that_it_goes_on() -> None:
    assert shortened("abcdef", 5) == "abcd…"


def test_emoji_count_as_discord_may_count_them() -> None:
    assert length("a😀") == 3
    assert shortened("😀😀😀", 5) == "😀😀…"


@settings(deadline=None)  # a busy machine is no failure
@given(NASTY, st.integers(1, 300))
def test_any_text_becomes_one_harmless_line_within_its_limit(typed: str, limit: int) -> None:
    shown = inert(typed, limit)
    assert length(plain(typed, limit)) <= limit
    assert length(shown) <= 2 * limit
    assert len(shown.splitlines()) <= 1
    assert not UNESCAPED.search(shown)
    shown.encode()


def test_half_a_character_counts_as_one() -> None:
    assert length("a\ud83d😀") == 4
