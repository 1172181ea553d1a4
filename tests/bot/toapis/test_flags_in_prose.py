"""Flags and what merely looks like one: prose with dashes, and the flags of other image generators."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis import flag_reader
from bot.toapis.flag_names import understand_model
from bot.toapis.flags import Flagged, read_flags


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " a  cat ",
        "a -- b",
        "--",
        "---",
        "a cat ---",
        "a cat — on a mat",
        "a cat – on a mat",
        "a cat—on a mat",
        "a cat —on a mat",
        "—Hola, dijo el gato",
        "well--known",
        "a state-of-the-art lamp",
        "16:9 widescreen 4k pro",
        "minus –5 degrees",
        "-4k -pro",
        'a sign saying "--pro"',
        "---pro",
        "-- pro",
        "-- pro tip",
        "---\ntitle\n---",
        "<!-- pro -->",
        "for (i = 9; i--; ) { x-- }",
        "- a fox\n- a hen",
        "von –2 bis –4 Grad",
        "–1 to 4 degrees",
        "–1–4 °C",
        "–1/4 inch",
        "in 1990 –2048",
        "—4 pessoas",
        "a wall —portrait of a lady— in oil",
        "a wall —portrait— in oil",
        "a wall —images of war— in oil",
        "—No, gracias —dijo el gato",
        "—public opinion",
        "—search for meaning",
        "–wide street",
        "—auto rojo",
        "—tall, dark man",
        "—Landscape with a fox.",
        "—style matters",
        "a\n\n  b\t",
    ],
)
def test_what_is_no_flag_stays_in_the_prompt_as_it_was(typed: str) -> None:
    assert read_flags(typed) == Flagged(words=typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--pro a red fox", "a red fox"),
        ("a red fox --pro at night", "a red fox at night"),
        ("a --4k red --ratio 16:9 fox --n 2 at night", "a red fox at night"),
        ("--ratio 16:9 16 cats", "16 cats"),
        ("--temperature 0.4 3 cats", "3 cats"),
        ("--search of 3 cats", "of 3 cats"),
        ("--private no text in it", "no text in it"),
        ("--pro, a red fox", "a red fox"),
        ("--model pro, 2 cats", "2 cats"),
        ("--portrait photo of a man", "photo of a man"),
        ("first line\n--pro\nsecond line", "first line\n\nsecond line"),
    ],
)
def test_flags_may_stand_anywhere_and_leave_the_other_words_in_order(typed: str, words: str) -> None:
    flagged = read_flags(typed)

    assert flagged.words == words
    assert flagged.problems == ()


@pytest.mark.parametrize(
    "typed",
    [
        *("--v 6", "--v 6.1", "--V 5.2", "--version=6", "--q 2", "--q .5", "--s 250", "--s=250", "--stylize 250"),
        *("--c 20", "--chaos 20", "--seed 42", "--niji 6", "--style raw", "--iw 2", "--weird 100", "--repeat 4"),
        *("--cref https://a.example/b.png", "--sref random", "--sref https://a.example/b https://a.example/c"),
        *("--tile", "--fast", "--turbo", "--raw", "--steps 30", "--cfg 7.5", "--w 1024", "—v 6", "–s 250", "—niji 6"),
    ],
)
def test_a_flag_of_another_image_generator_is_named_and_none_of_it_painted(typed: str) -> None:
    for text, words in (
        (f"a red fox {typed}", "a red fox"),
        (f"a red fox {typed} --4k at night", "a red fox at night"),
    ):
        flagged = read_flags(text)
        (problem,) = flagged.problems
        assert str(problem).startswith(f"“{re.split('[ =]', typed)[0]}” belongs to another image generator;")
        assert flagged.words == words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--no text", "Easel does not know “--no”. Say it in words instead, such as “without text”."),
        ("--no text, people.", "Easel does not know “--no”. Say it in words instead, such as “without text, people”."),
        ("--no", "Easel does not know “--no”. Say it in words instead, such as “without text”."),
        ("--negative=blur", "Easel does not know “--negative”. Say it in words instead, such as “without blur”."),
    ],
)
def test_what_should_not_be_there_is_asked_for_in_words(typed: str, sentence: str) -> None:
    flagged = read_flags(f"a red fox {typed} --ar 16:9")

    assert [str(problem) for problem in flagged.problems] == [sentence]
    assert (flagged.words, flagged.ratio) == ("a red fox", "16:9")


def test_everything_that_someone_brings_along_is_named_at_once() -> None:
    flagged = read_flags("a red fox —ar 16:9 —v 6 —s 250 --no text")

    assert [problem.key for problem in flagged.problems] == ["flags.foreign", "flags.foreign", "flags.negative"]
    assert (flagged.words, flagged.ratio) == ("a red fox", "16:9")


@pytest.mark.parametrize(
    "words", ["—abc ", "—abc— ", "—pro a ", "--pro ", "--x ", "—", "--model ", '--model "', "--no "]
)
def test_prose_full_of_dashes_makes_no_endless_work(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    understood: list[str] = []

    def find_model(text: str) -> str | None:
        understood.append(text)
        return understand_model(text)

    def get_close_matches(word: str, *_: Any, **__: Any) -> list[str]:
        compared.append(word)
        return []

    monkeypatch.setattr(flag_reader, "understand_model", find_model)
    monkeypatch.setattr("difflib.get_close_matches", get_close_matches)
    text = words * (6000 // len(words))
    read_flags(text)

    assert len(compared) <= 20
    assert len(understood) <= max(200, text.count("--"))


@given(st.text(st.characters(exclude_characters="-–—―"), max_size=50))
def test_words_without_dashes_come_back_unchanged(text: str) -> None:
    assert read_flags(text) == Flagged(words=text)
