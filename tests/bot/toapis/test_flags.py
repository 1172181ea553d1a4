"""Flags among words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis.catalog import MODELS, NANO_BANANA, NANO_BANANA_2, NANO_BANANA_PRO, NANO_BANANA_VERTEX
from bot.toapis.flag_names import RESERVED, SETTINGS, SWITCHES, Setting
from bot.toapis.flags import Flagged, joined, read_flags, read_list
from bot.toapis.typed import Usual

PRO, NB2, VERTEX = NANO_BANANA_PRO.id, NANO_BANANA_2.id, NANO_BANANA_VERTEX.id
PNG = {"imageOutputOptions": {"mimeType": "image/png"}}


def said(flagged: Flagged) -> dict[str, Any]:
    """What was said, without the words."""
    values = {name: getattr(flagged, name) for name in ("model", "ratio", "resolution", "count", "spoiler", "private")}
    return {name: value for name, value in values.items() if value is not None} | dict(flagged.options)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--model pro", {"model": PRO}),
        ("--Model PRO", {"model": PRO}),
        ("--model nano banana pro", {"model": PRO}),
        ("--model nano-banana-2", {"model": NB2}),
        ('--model "nano banana pro"', {"model": PRO}),
        ("--model “Nano Banana 2”", {"model": NB2}),
        ("--model=pro", {"model": PRO}),
        ("--model: pro", {"model": PRO}),
        ("—model pro", {"model": PRO}),
        ("–model pro", {"model": PRO}),
        ("--m vertex", {"model": VERTEX}),
        ("--model Nano Banana (Vertex direct)", {"model": VERTEX}),
        ("--pro", {"model": PRO}),
        ("--nano-banana-2", {"model": NB2}),
        ("--nano banana", {"model": NANO_BANANA.id}),
        ("--nano banana pro", {"model": PRO}),
        ("--ratio 16:9", {"ratio": "16:9"}),
        ("--ar 16:9", {"ratio": "16:9"}),
        ("—ar 16:9", {"ratio": "16:9"}),
        ("--aspect-ratio 16x9", {"ratio": "16:9"}),
        ("--ratio=16:9", {"ratio": "16:9"}),
        ("--ratio = 16 : 9", {"ratio": "16:9"}),
        ("--ratio 16 by 9", {"ratio": "16:9"}),
        ("--ratio 1920x1080", {"ratio": "16:9"}),
        ("--ratio phone screen", {"ratio": "9:16"}),
        ("--ratio auto", {"ratio": "auto"}),
        ("--auto", {"ratio": "auto"}),
        ("--16:9", {"ratio": "16:9"}),
        ("—16:9", {"ratio": "16:9"}),
        ("--widescreen", {"ratio": "16:9"}),
        ("--Square", {"ratio": "1:1"}),
        ("--portrait", {"ratio": "3:4"}),
        ("--1:8", {"ratio": "1:8"}),
        ("--17:9", {"ratio": "17:9"}),
        ("--resolution 4k", {"resolution": "4K"}),
        ("--res 2048", {"resolution": "2K"}),
        ("--2k", {"resolution": "2K"}),
        ("--.5k", {"resolution": "0.5K"}),
        ("--ultra hd", {"resolution": "4K"}),
        ("--8k", {"resolution": "8k"}),
        ("--size 2k", {"resolution": "2K"}),
        ("--size 16:9", {"ratio": "16:9"}),
        ("--count 2", {"count": 2}),
        ("--n 3", {"count": 3}),
        ("--n=4", {"count": 4}),
        ("--count three", {"count": 3}),
        ("--n 2x", {"count": 2}),
        ("--n 0", {"count": 0}),
        ("--search", {"google_search": True}),
        ("--google-search", {"google_search": True}),
        ("--Google Search", {"google_search": True}),
        ("--search=off", {"google_search": False}),
        ("—search=off", {"google_search": False}),
        ("--search true", {"google_search": True}),
        ("--image-search", {"google_search": True, "google_image_search": True}),
        ("--image search", {"google_search": True, "google_image_search": True}),
        ("--image-search --search=no", {"google_search": False, "google_image_search": True}),
        ("--image-search=no", {"google_image_search": False}),
        ("--orientation portrait", {"orientation": "portrait"}),
        ("--orientation Horizontal", {"orientation": "landscape"}),
        ("--temperature 0.4", {"temperature": 0.4}),
        ("--temperature 0,4", {"temperature": 0.4}),
        ("--temp=.4", {"temperature": 0.4}),
        ("--temperature 1", {"temperature": 1}),
        ("--temperature -1", {"temperature": -1}),
        ("--top-p 0.8", {"topP": 0.8}),
        ("--topP 0.8", {"topP": 0.8}),
        ("--top p 1", {"topP": 1}),
        ("--format png", PNG),
        ("--format image/png", PNG),
        ("--file-type .png", PNG),
        ("--png", PNG),
        ("--JPG", {"imageOutputOptions": {"mimeType": "image/jpeg"}}),
        ("--quality 90", {"imageOutputOptions": {"compressionQuality": 90}}),
        ("--webp --quality 90%", {"imageOutputOptions": {"mimeType": "image/webp", "compressionQuality": 90}}),
        ("--spoiler", {"spoiler": True}),
        ("--spoiler=no", {"spoiler": False}),
        ("--private", {"private": True}),
        ("--private=false", {"private": False}),
        ("--public", {"private": False}),
        ("--public=no", {"private": True}),
        ("--4k, --pro.", {"resolution": "4K", "model": PRO}),
        ("--pro\n--4k", {"resolution": "4K", "model": PRO}),
        ("--pro --model vertex", {"model": VERTEX}),
        ("--ratio ９：１６", {"ratio": "9:16"}),
    ],
)
def test_a_flag_is_understood_in_the_words_that_people_use(typed: str, meant: dict[str, Any]) -> None:
    for text, words in ((typed, ""), (f"a red fox {typed}", "a red fox"), (f"  a red\nfox {typed} ", "a red\nfox")):
        flagged = read_flags(text)
        assert said(flagged) == meant
        assert flagged.words == words
        assert flagged.problems == ()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--foo", "“--foo” is not something Easel knows. It knows --model, --ratio, --resolution"),
        ("--stylise=250", "“--stylise” is not something Easel knows."),
        ("--2", "“--2” is not something Easel knows."),
        ("--modle pro", "“--modle” is not something Easel knows. Did you mean “--model”?"),
        ("—modle pro", "“—modle” is not something Easel knows. Did you mean “--model”?"),
        ("--imagesearches", "“--imagesearches” is not something Easel knows. Did you mean “--image-search”?"),
        ("--ratio", "“--ratio” needs a value after it, such as “16:9”."),
        ("--model --4k", "“--model” needs a value after it, such as “pro”."),
        ("--format=\n", "“--format” needs a value after it, such as “png”."),
        ('--model ""', "“--model” needs a value after it, such as “pro”."),
        ("--count many", "“--count” needs a whole number after it, such as 2; “many” is not one."),
        ("--n 1.5", "“--n” needs a whole number after it, such as 2; “1.5” is not one."),
        ("--personGeneration ALLOW_ALL", "“--personGeneration” is for Easel's operator to decide. Leave it out."),
        ("--person-generation=ALLOW_ALL", "“--person-generation” is for Easel's operator to decide."),
        ("--safety off", "“--safety” is for Easel's operator to decide."),
        ("--safety-settings off", "“--safety-settings” is for Easel's operator to decide."),
        ("--maxOutputTokens 5", "“--maxOutputTokens” is for Easel's operator to decide."),
    ],
)
def test_a_flag_that_is_not_understood_is_named_and_never_painted(typed: str, sentence: str) -> None:
    flagged = read_flags(f"a red fox {typed}")

    (problem,) = flagged.problems
    assert str(problem).startswith(sentence)
    assert "--" not in flagged.words
    assert not flagged.options
    assert flagged.model is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--model dall-e", {"model": "dall-e"}),
        ("--ratio huge.", {"ratio": "huge"}),
        ("--size huge", {"resolution": "huge"}),
        ("--orientation diagonal", {"orientation": "diagonal"}),
        ("--temperature hot", {"temperature": "hot"}),
        ("--format gif", {"imageOutputOptions": {"mimeType": "gif"}}),
        ("--n 9", {"count": 9}),
        ("--temperature '0.4", {"temperature": "'0.4"}),
    ],
)
def test_a_value_that_no_model_takes_stays_as_it_was_typed_for_the_check(typed: str, meant: dict[str, Any]) -> None:
    assert said(read_flags(typed)) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", {}),
        (" , ", {}),
        ("search", {"google_search": True}),
        ("search, ", {"google_search": True}),
        ("Image Search", {"google_search": True, "google_image_search": True}),
        ("search, temperature 0.4, png", {"google_search": True, "temperature": 0.4, **PNG}),
        ("search temperature 0,4 png", {"google_search": True, "temperature": 0.4, **PNG}),
        ("--search --temperature=0.4 and --png", {"google_search": True, "temperature": 0.4, **PNG}),
        ("temperature: 0.4; top p: 0.8\npng", {"temperature": 0.4, "topP": 0.8, **PNG}),
        ("orientation portrait", {"orientation": "portrait"}),
        ("jpeg, quality 90", {"imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 90}}),
        ("—search, pro + 4k, 16:9", {"google_search": True, "model": PRO, "resolution": "4K", "ratio": "16:9"}),
    ],
)
def test_a_list_of_parameters_needs_neither_dashes_nor_commas(typed: str, meant: dict[str, Any]) -> None:
    flagged = read_list(typed)

    assert said(flagged) == meant
    assert flagged.problems == ()
    assert not flagged.words


def test_an_item_of_a_list_that_is_not_understood_is_named_with_what_there_is() -> None:
    problems = [str(problem) for problem in read_list("foo, temperture 1, safety off").problems]
    assert read_list("tile").problems[0].key == "flags.unknown_item"

    assert problems[0].startswith("“foo” is not something Easel knows. There is search, image search, orientation")
    assert problems[1] == "“temperture” is not something Easel knows. Did you mean “temperature”?"
    assert problems[-2] == "“safety” is for Easel's operator to decide. Leave it out."


def test_every_flag_that_the_sentence_offers_is_known() -> None:
    (unknown,) = read_flags("--foo").problems
    offered = [word.strip(",.") for word in str(unknown).split() if word.startswith("--")]

    assert len(offered) == 16
    for flag in offered:
        assert not any(problem.key.startswith("flags.unknown") for problem in read_flags(flag).problems)


def test_every_name_works_with_spaces_dashes_underscores_and_none() -> None:
    for flag in (*SETTINGS, *SWITCHES):
        value = f" {flag.example}" if isinstance(flag, Setting) else ""
        for name in flag.names:
            for written in (name, name.replace(" ", "-"), name.replace(" ", "_"), name.replace(" ", ""), name.upper()):
                assert said(read_flags(f"--{written}{value}")), written
                assert said(read_list(f"{written}{value}")), written


def test_what_is_the_operators_cannot_be_set_under_any_name() -> None:
    for flag in RESERVED:
        for name in (flag.name, *flag.names):
            assert not read_flags(f"--{name} OFF").options
            assert [problem.key for problem in read_flags(f"--{name} OFF").problems] == ["check.option_reserved"]


def test_what_was_read_becomes_a_request_in_the_gateways_words() -> None:
    request = read_flags("a fox --pro --16x9 --4k --orientation tall").typed().request(Usual())

    assert (request.model, request.size, request.resolution) == (PRO, "16:9", "4K")
    assert (request.prompt, request.count, request.options) == ("a fox", 1, {"orientation": "portrait"})
    assert read_flags("a fox --n 3").typed().count == 3


def test_of_what_is_said_in_several_places_the_first_holds() -> None:
    chosen = Flagged(words="", ratio="1:1", count=2)
    together = joined(chosen, read_list("webp, 16:9, foo"), read_flags("a fox --png --quality 80 --pro --n 3 --public"))

    assert together.words == "a fox"
    assert (together.model, together.ratio, together.count, together.private) == (PRO, "1:1", 2, False)
    assert together.options == {"imageOutputOptions": {"mimeType": "image/webp", "compressionQuality": 80}}
    assert [problem.key for problem in together.problems] == ["flags.unknown_item"]


def test_a_search_that_was_declined_is_not_implied_by_another_place() -> None:
    together = joined(read_list("search=no"), read_flags("a fox --image-search"))

    assert together.options == {"google_search": False, "google_image_search": True}


def test_someone_who_writes_hundreds_of_unknown_flags_is_told_of_ten() -> None:
    text = " ".join(f"--x{number}" for number in range(500))

    assert len(read_flags(text).problems) == 10
    assert len(read_list(text).problems) == 10


pieces = st.sampled_from(
    ["--", "—", "–", "-", " ", "\n", "=", ":", ",", '"', "“", "”", "model", "ratio", "16", "9", "4k", "pro", "search"]
) | st.text(max_size=4)


@given(st.lists(pieces, max_size=12).map("".join))
def test_no_words_break_the_reading(text: str) -> None:
    for flagged in (read_flags(text), read_list(text)):
        assert all(str(problem) for problem in flagged.problems)
        assert flagged.model is None or flagged.model
        flagged.typed().request(Usual())


@given(st.text(st.characters(categories=["Ll", "Lu"]), max_size=20), st.sampled_from(MODELS))
def test_a_flag_at_the_end_leaves_the_words_before_it(words: str, model: Any) -> None:
    for alias in model.aliases:
        flagged = read_flags(f"{words} --model {alias}")
        assert (flagged.words, flagged.model) == (words, model.id)
