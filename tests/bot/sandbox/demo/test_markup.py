from datetime import datetime

import pytest

from bot.sandbox.demo.markup import Line, readable

NOW = 1_700_000_000


def shown(content: str) -> str:
    (line,) = readable(content, {"17": "Ada"}, NOW)
    return line.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "in 0 seconds"),
        (1, "in 1 second"),
        (44, "in 44 seconds"),
        (50, "in 1 minute"),
        (60 * 40, "in 40 minutes"),
        (3 * 3600 - 7, "in 3 hours"),
        (24 * 3600, "in 1 day"),
        (-120, "2 minutes ago"),
    ],
)
def test_a_relative_time_is_in_the_unit_a_person_would_use(seconds: int, words: str) -> None:
    assert shown(f"again <t:{NOW + seconds}:R>.") == f"again {words}."


def test_a_time_is_in_the_reader_s_own_time_zone() -> None:
    assert shown(f"<t:{NOW}:t>") == datetime.fromtimestamp(NOW).astimezone().strftime("%H:%M")
    assert shown(f"<t:{NOW}>") == shown(f"<t:{NOW}:f>")


def test_what_is_escaped_stays_as_it_was_typed() -> None:
    assert shown(r"\<\@17\> \*a\* 1\:8 back\\slash") == r"<@17> *a* 1:8 back\slash"


def test_mentions_are_names_and_strangers_are_said_to_be_so() -> None:
    assert shown("<@17> and <@!17> and <@18>") == "@Ada and @Ada and @unknown-user"


def test_links_are_their_words_and_where_they_lead() -> None:
    assert (
        shown("see [Picture 1](<https://files.example/1.jpg>), now")
        == "see Picture 1 (https://files.example/1.jpg), now"
    )
    assert shown("[a](https://a.example) [b](c)") == "a (https://a.example) [b](c)"


def test_commands_that_can_be_clicked_are_their_names() -> None:
    assert shown("use </imagine:123> or </easel limits:4>") == "use /imagine or /easel limits"


def test_quotes_and_small_print_are_told_from_text() -> None:
    assert readable("<@17>\n> a fox\n-# 4 s\n>no quote", {"17": "Ada"}, NOW) == [
        Line("@Ada"),
        Line("a fox", "quote"),
        Line("4 s", "small"),
        Line(">no quote"),
    ]
