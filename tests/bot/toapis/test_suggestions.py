"""A model's further parameters in words, and suggestions of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis.catalog import MODELS, NANO_BANANA, NANO_BANANA_2, NANO_BANANA_PRO, NANO_BANANA_VERTEX, Model
from bot.toapis.check import check
from bot.toapis.flags import read_list
from bot.toapis.further import in_words
from bot.toapis.schema import ImageRequest
from bot.toapis.suggestions import further_suggestions, ratio_or_auto_suggestions


@pytest.mark.parametrize(
    ("model", "typed", "suggested"),
    [
        (NANO_BANANA_2, "", ["search", "search, image search"]),
        (NANO_BANANA_2, "sea", ["search", "search, image search"]),
        (NANO_BANANA_2, "--im", ["search, image search"]),
        (NANO_BANANA_2, "search", ["search", "search, image search"]),
        (NANO_BANANA_2, "search, ", ["search, image search"]),
        (NANO_BANANA_2, "search, i", ["search, image search"]),
        (NANO_BANANA_2, "image search", ["search, image search"]),
        (NANO_BANANA_2, "search, image search, ", []),
        (NANO_BANANA_PRO, "", ["orientation landscape", "orientation portrait"]),
        (NANO_BANANA, "por", ["orientation portrait"]),
        (NANO_BANANA_PRO, "orientation portrait", ["orientation portrait"]),
        (NANO_BANANA_VERTEX, "png", ["png"]),
        (NANO_BANANA_VERTEX, "pn", ["png"]),
    ],
)
def test_complete_values_go_on_from_what_is_typed(model: Model, typed: str, suggested: list[str]) -> None:
    assert further_suggestions(model, typed)[: len(suggested) or None] == suggested


def test_what_is_nonsense_or_another_models_gives_what_the_model_has() -> None:
    for typed in ("zzz", "temperature 1", "temperature 1, "):
        assert further_suggestions(NANO_BANANA_2, typed) == ["search", "search, image search"]


def test_nothing_is_suggested_that_contradicts_what_is_typed() -> None:
    after_png = further_suggestions(NANO_BANANA_VERTEX, "png, temperature 0.3, ")

    assert after_png
    assert all(value.startswith("temperature 0.3, ") and "png" in value for value in after_png)
    assert not any("quality" in value or "webp" in value for value in after_png)
    assert "quality 90, png" not in further_suggestions(NANO_BANANA_VERTEX, "quality 90, ")


def test_a_number_on_its_way_is_offered_as_it_stands_and_as_it_may_become() -> None:
    assert further_suggestions(NANO_BANANA_VERTEX, "quality 9")[:2] == ["quality 9", "quality 90"]


def test_nothing_is_suggested_that_would_lose_what_else_is_typed() -> None:
    assert further_suggestions(NANO_BANANA_2, "4k, ") == []
    assert further_suggestions(NANO_BANANA_2, "16:9") == []
    assert further_suggestions(NANO_BANANA_2, f"search,{' ' * 100}") == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_whatever_is_suggested_is_sound_and_reads_back_as_it_is(model: Model) -> None:
    values = further_suggestions(model, "")
    for _ in range(3):
        for value in values:
            flagged = read_list(value)
            assert not flagged.problems
            assert in_words(flagged.options) == value
            assert check(ImageRequest(model=model.id, prompt="x", options=flagged.options), 0) == ()
        values = [longer for value in values for longer in further_suggestions(model, f"{value}, ")]


def test_the_first_pictures_own_ratio_is_offered_first() -> None:
    label, value = ratio_or_auto_suggestions(NANO_BANANA_2, "")[0]
    assert (label, value) == ("Auto (as the first picture)", "auto")
    assert len(ratio_or_auto_suggestions(NANO_BANANA_2, "")) == 15
    assert ratio_or_auto_suggestions(NANO_BANANA_2, " AU") == [(label, value)]
    assert ratio_or_auto_suggestions(NANO_BANANA_2, "wide")[0] == ("16:9 widescreen", "16:9")
    assert (label, value) not in ratio_or_auto_suggestions(NANO_BANANA_2, "wide")


def test_options_are_told_in_the_words_that_set_them() -> None:
    options = read_list("quality 80, webp, search=no, temperature .5, image search").options

    assert in_words(options) == "search=no, image search, temperature 0.5, webp, quality 80"
    assert in_words({}) == ""
    assert in_words({"imageOutputOptions": {"mimeType": "gif"}, "safetySettings": []}) == "gif"


@given(
    st.sampled_from(MODELS), st.text(st.sampled_from("search,image temperature 0.5pngqualityjpeg-—=:;\n"), max_size=40)
)
def test_no_text_breaks_the_suggestions(model: Model, typed: str) -> None:
    values = further_suggestions(model, typed)

    assert len(values) == len(set(values)) <= 25
    assert all(0 < len(value) <= 100 for value in values)
