"""Reading what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.choices import CHOICES
from bot.toapis.catalog import MODELS, NANO_BANANA, NANO_BANANA_2, NANO_BANANA_PRO, NANO_BANANA_VERTEX, Model
from bot.toapis.words import (
    find_model,
    find_ratio,
    find_resolution,
    ratio_label,
    ratio_suggestions,
    resolution_label,
    resolution_suggestions,
)

EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


@pytest.mark.parametrize("typed", ["", " ", "nano", "dall-e", "5", "gemini", "🍌"])
def test_a_name_that_no_model_has_finds_none(typed: str) -> None:
    assert find_model(typed) is None


@EVERY_MODEL
def test_a_model_is_found_by_its_id_its_name_and_its_aliases_in_any_spelling(model: Model) -> None:
    for name in (model.id, model.name, *model.aliases):
        for typed in (name, name.upper(), f"  {name} ", name.replace("-", " "), name.replace(" ", "")):
            assert find_model(typed) is model


def test_no_two_models_share_a_name() -> None:
    names = [name for model in MODELS for name in (model.id, model.name, *model.aliases)]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "typed", ["", "17:9", "0:9", "16:0", "16", "sixteen", "99999:1", "1000016:9", "16:900000", "1.1:1", "x"]
)
def test_text_that_is_no_ratio_of_the_model_finds_none(typed: str) -> None:
    assert find_ratio(NANO_BANANA_PRO, typed) is None


@pytest.mark.parametrize("typed", ["21:9", "cinema", "4:5", "1:8"])
def test_a_ratio_of_another_model_is_not_found(typed: str) -> None:
    assert find_ratio(NANO_BANANA, typed) is None


@pytest.mark.parametrize(
    ("typed", "ratio"),
    [
        ("16:9", "16:9"),
        ("16x9", "16:9"),
        ("16×9", "16:9"),
        ("16/9", "16:9"),
        (" 16 : 9 ", "16:9"),
        ("16：9", "16:9"),
        ("16 by 9", "16:9"),
        ("32:18", "16:9"),
        ("1920x1080", "16:9"),
        ("2560x1080", "21:9"),
        ("1024x1792", "9:16"),
        ("1365x1024", "4:3"),
        ("16-9", "16:9"),
        ("16–9", "16:9"),
        ("Widescreen 16:9", "16:9"),
        ("16:9 widescreen", "16:9"),
        ("WideScreen", "16:9"),
        ("square", "1:1"),
        ("portrait", "3:4"),
        ("landscape", "4:3"),
        ("phone", "9:16"),
        ("phone-screen", "9:16"),
        ("cinema", "21:9"),
    ],
)
def test_people_may_type_a_ratio_in_many_ways(typed: str, ratio: str) -> None:
    assert find_ratio(NANO_BANANA_2, typed) == ratio


@EVERY_MODEL
def test_a_suggested_label_typed_back_means_its_value(model: Model) -> None:
    for label, value in ratio_suggestions(model, ""):
        assert find_ratio(model, label) == find_ratio(model, value) == value
    for label, value in resolution_suggestions(model, "", "16:9"):
        assert find_resolution(model, label) == find_resolution(model, value) == value


@pytest.mark.parametrize(
    ("typed", "resolution"),
    [
        ("4k", "4K"),
        (" 4 K", "4K"),
        ("4096", "4K"),
        ("UHD", "4K"),
        ("ultra hd", "4K"),
        ("2048", "2K"),
        ("1k", "1K"),
        ("0.5k", "0.5K"),
        (".5K", "0.5K"),
        ("512", "0.5K"),
        ("5k", None),
        ("3K", None),
        ("", None),
        ("1024x1024", None),
    ],
)
def test_people_may_type_a_resolution_in_many_ways(typed: str, resolution: str | None) -> None:
    assert find_resolution(NANO_BANANA_2, typed) == resolution


def test_a_resolution_that_the_model_lacks_is_not_found() -> None:
    assert find_resolution(NANO_BANANA, "4k") is None
    assert find_resolution(NANO_BANANA_VERTEX, "1k") is None
    assert resolution_suggestions(NANO_BANANA_VERTEX, "1k") == []


def test_nothing_typed_suggests_everything_in_the_catalogues_order() -> None:
    assert [value for _, value in ratio_suggestions(NANO_BANANA_2, "")] == list(NANO_BANANA_2.ratios)
    assert [value for _, value in resolution_suggestions(NANO_BANANA_2, "")] == list(NANO_BANANA_2.resolutions)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("16:9", "16:9"),
        ("16x", "16:9"),
        ("16-", "16:9"),
        ("wi", "16:9"),
        ("cin", "21:9"),
        ("1920x1080", "16:9"),
        ("21", "21:9"),
        ("oster", "2:3"),
        ("scre", "4:3"),
    ],
)
def test_the_best_match_is_suggested_first(typed: str, first: str) -> None:
    assert ratio_suggestions(NANO_BANANA_2, typed)[0] == (ratio_label(first), first)


def test_what_does_not_fit_is_not_suggested_unless_nothing_fits() -> None:
    assert {value for _, value in ratio_suggestions(NANO_BANANA_2, "square")} == {"1:1"}
    assert len(ratio_suggestions(NANO_BANANA_2, "zzz")) == len(NANO_BANANA_2.ratios)
    assert [value for _, value in resolution_suggestions(NANO_BANANA_2, "4")] == ["4K"]


def test_every_ratio_has_a_label_and_every_label_its_ratio() -> None:
    ratios = {ratio for model in MODELS for ratio in model.ratios}

    assert {ratio_label(ratio).split(" ")[0] for ratio in ratios} == ratios
    assert len({ratio_label(ratio) for ratio in ratios}) == len(ratios)
    assert sum(key.startswith("ratio.") for key in CHOICES) == len(ratios) + len(["auto"])


@EVERY_MODEL
def test_the_word_that_a_ratio_is_shown_with_may_be_typed_for_it(model: Model) -> None:
    for label, value in ratio_suggestions(model, ""):
        assert find_ratio(model, label.removeprefix(value)) == value


def test_labels_say_it_in_human_words() -> None:
    assert ratio_label("16:9") == "16:9 widescreen"
    assert resolution_label(NANO_BANANA_PRO, "2K", "16:9") == "2K · about 2752 × 1536 pixels"
    assert resolution_label(NANO_BANANA_PRO, "2K") == "2K · about 2048 × 2048 pixels"
    assert resolution_label(NANO_BANANA_PRO, "2K", "nonsense") == "2K · about 2048 × 2048 pixels"


@given(st.sampled_from(MODELS), st.text(max_size=20))
def test_no_text_breaks_the_reading_or_the_suggestions(model: Model, typed: str) -> None:
    assert find_ratio(model, typed) in (None, *model.ratios)
    assert find_resolution(model, typed) in (None, *model.resolutions)
    assert find_model(typed) in (None, *MODELS)
    for suggestions in (ratio_suggestions(model, typed), resolution_suggestions(model, typed, typed)):
        assert len(suggestions) == len(set(suggestions)) <= 25
        assert all(0 < len(label) <= 100 for label, _ in suggestions)
