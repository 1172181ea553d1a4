"""What is wrong with a request, all of it."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis.catalog import MODELS, NANO_BANANA, NANO_BANANA_2, NANO_BANANA_PRO, NANO_BANANA_VERTEX, Model
from bot.toapis.check import check, check_choices, fitting
from bot.toapis.schema import JSON, ImageRequest
from bot.toapis.typed import Typed, Usual
from bot.toapis.words import find_model

EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def request(model: Model = NANO_BANANA_2, **changes: object) -> ImageRequest:
    return ImageRequest.from_json({"model": model.id, "prompt": "a fox", **changes})


def keys(wanted: ImageRequest, references: int = 0, *, mask: bool = False) -> list[str]:
    return [text.key for text in check(wanted, references, mask=mask)]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wanted = request(
        NANO_BANANA, prompt="x" * 1001, size="21:9", resolution="4K", count=9, options={"google_search": True}
    )

    assert [str(text) for text in check(wanted, 15)] == [
        "The prompt has 1001 characters; Nano Banana reads at most 1000. Shorten it by 1.",
        "Nano Banana does not know the ratio “21:9”. It can do 1:1, 16:9, 9:16, 4:3, 3:4, 3:2, 2:3.",
        "Nano Banana does not offer the resolution “4K”. It offers 1K.",
        "The number of pictures is 9; it must be between 1 and 4.",
        "Nano Banana takes at most 14 reference pictures; the request has 15. Use fewer; “Edit” lets you choose one.",
        "Nano Banana has no option “Google Search”. It can be used with Nano Banana 2.",
    ]


def test_an_unknown_model_is_named_with_those_there_are_and_hides_no_other_fault() -> None:
    texts = check(ImageRequest(model="dall-e", prompt=" ", count=0), 0)

    assert [text.key for text in texts] == ["check.model_unknown", "check.prompt_empty", "check.count_range"]
    assert "“dall-e”" in str(texts[0])
    assert "Nano Banana Pro" in str(texts[0])


@pytest.mark.parametrize(
    "prompt", ["", " ", "\n\t ", "\u200b\u2060", "\u202e\u2066", "\u3164\u2800", "\ufe0f\u0301", "\x00"]
)
@EVERY_MODEL
def test_an_empty_prompt_is_refused(model: Model, prompt: str) -> None:
    assert keys(request(model, prompt=prompt)) == ["check.prompt_empty"]


def test_a_prompt_is_counted_in_unicode_characters() -> None:
    assert keys(request(NANO_BANANA_PRO, prompt="🦊" * 1000)) == []
    assert keys(request(NANO_BANANA_PRO, prompt="🦊" * 1001)) == ["check.prompt_too_long"]


@pytest.mark.parametrize("model", [NANO_BANANA_2, NANO_BANANA_VERTEX])
def test_a_model_without_a_limit_takes_any_prompt(model: Model) -> None:
    assert keys(request(model, prompt="x" * 50_000)) == []


@EVERY_MODEL
def test_every_ratio_and_resolution_of_a_model_is_sound_in_either_case(model: Model) -> None:
    for ratio in model.ratios:
        for resolution in (None, *model.resolutions, *map(str.lower, model.resolutions)):
            assert keys(request(model, size=ratio, resolution=resolution)) == []


def test_a_model_without_resolutions_says_to_leave_it_empty() -> None:
    assert keys(request(NANO_BANANA_VERTEX, resolution="1K")) == ["check.resolution_not_offered"]


@pytest.mark.parametrize(("count", "sound"), [(-1, False), (0, False), (1, True), (4, True), (5, False)])
@EVERY_MODEL
def test_one_to_four_pictures_can_be_asked_of_every_model(model: Model, count: int, *, sound: bool) -> None:
    assert keys(request(model, count=count)) == ([] if sound else ["check.count_range"])


@EVERY_MODEL
def test_references_are_counted_against_the_models_limit(model: Model) -> None:
    assert keys(request(model), model.references) == []
    (told,) = check(request(model), model.references + 1)
    assert f"at most {model.references} reference pictures; the request has {model.references + 1}." in str(told)
    assert "attach" not in str(told)


@EVERY_MODEL
def test_a_model_that_takes_so_many_references_is_named_where_there_is_one(model: Model) -> None:
    (told,) = check(request(model), model.references + 1)
    most = max(known.references for known in MODELS)
    named = re.search(r"such as ([^(]+) \(`--model (\S+)`\)", str(told))
    assert (named is not None) == (model.references < most)
    if named is not None:
        found = find_model(named[2])
        assert found is not None
        assert (found.name, found.references > model.references) == (named[1], True)


def test_a_mask_needs_a_model_that_knows_it_and_a_reference() -> None:
    assert keys(request(NANO_BANANA_PRO), 1, mask=True) == []
    assert keys(request(NANO_BANANA_PRO), 0, mask=True) == ["check.mask_needs_reference"]
    assert keys(request(NANO_BANANA_2), 1, mask=True) == ["check.option_not_offered"]


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (NANO_BANANA_2, {"google_search": True, "google_image_search": True}),
        (NANO_BANANA_2, {"google_search": False, "google_image_search": False}),
        (NANO_BANANA_PRO, {"orientation": "portrait"}),
        (NANO_BANANA, {"orientation": "landscape"}),
        (NANO_BANANA_VERTEX, {"temperature": 0, "topP": 1}),
        (NANO_BANANA_VERTEX, {"temperature": 2.0, "topP": 0.0}),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"mimeType": "image/webp", "compressionQuality": 0}}),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"compressionQuality": 100}}),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"mimeType": "image/png"}}),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {}}),
    ],
)
def test_documented_values_of_options_are_sound(model: Model, options: Mapping[str, JSON]) -> None:
    assert keys(request(model, options=options)) == []


@pytest.mark.parametrize(
    ("model", "options", "key"),
    [
        (NANO_BANANA_2, {"google_image_search": True}, "check.option_needs"),
        (NANO_BANANA_2, {"google_image_search": True, "google_search": False}, "check.option_needs"),
        (NANO_BANANA_2, {"google_search": "true"}, "check.option_flag"),
        (NANO_BANANA_2, {"google_search": 1}, "check.option_flag"),
        (NANO_BANANA_2, {"orientation": "portrait"}, "check.option_not_offered"),
        (NANO_BANANA_2, {"nonsense": 1}, "check.option_unknown"),
        (NANO_BANANA_PRO, {"orientation": "diagonal"}, "check.option_choice"),
        (NANO_BANANA_PRO, {"orientation": ["portrait"]}, "check.option_choice"),
        (NANO_BANANA_VERTEX, {"temperature": 2.01}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"temperature": -0.1}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"temperature": math.nan}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"temperature": math.inf}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"temperature": "1"}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"topP": True}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"topP": None}, "check.option_number"),
        (NANO_BANANA_VERTEX, {"maxOutputTokens": 5}, "check.option_reserved"),
        (NANO_BANANA_VERTEX, {"personGeneration": "ALLOW_ALL"}, "check.option_reserved"),
        (NANO_BANANA_2, {"personGeneration": "ALLOW_ALL"}, "check.option_reserved"),
        (NANO_BANANA_VERTEX, {"safetySettings": []}, "check.option_reserved"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": "image/png"}, "check.option_members"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"mimeType": "image/gif"}}, "check.option_choice"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"compressionQuality": 101}}, "check.option_whole_number"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"size": 1}}, "check.option_unknown"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"compressionQuality": -1}}, "check.option_whole_number"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"compressionQuality": 10**400}}, "check.option_whole_number"),
        (NANO_BANANA_VERTEX, {"imageOutputOptions": {"compressionQuality": 5.0}}, "check.option_whole_number"),
        (
            NANO_BANANA_VERTEX,
            {"imageOutputOptions": {"mimeType": "image/png", "compressionQuality": 90}},
            "check.quality_without_loss",
        ),
    ],
)
def test_a_value_that_an_option_does_not_take_is_named(model: Model, options: Mapping[str, JSON], key: str) -> None:
    assert keys(request(model, options=options)) == [key]


@pytest.mark.parametrize(
    ("model", "options", "sentence"),
    [
        (
            NANO_BANANA_VERTEX,
            {"imageOutputOptions": {"mimeType": "gif"}},
            "“file type” cannot be gif; for Nano Banana (Vertex direct) it must be one of: png, jpeg, webp.",
        ),
        (
            NANO_BANANA_VERTEX,
            {"imageOutputOptions": {"compressionQuality": 101}},
            "“quality” cannot be 101; for Nano Banana (Vertex direct) it must be a whole number from 0 to 100.",
        ),
        (
            NANO_BANANA_VERTEX,
            {"temperature": 2.5},
            "“temperature” cannot be 2.5; for Nano Banana (Vertex direct) it must be a number from 0 to 2.",
        ),
        (
            NANO_BANANA_2,
            {"topP": 0.5},
            "Nano Banana 2 has no option “top P”. It can be used with Nano Banana (Vertex direct).",
        ),
        (
            NANO_BANANA_2,
            {"imageOutputOptions": {"mimeType": "image/png"}},
            "Nano Banana 2 has no option “file type and quality”. It can be used with Nano Banana (Vertex direct).",
        ),
        (
            NANO_BANANA_PRO,
            {"orientation": "diagonal"},
            "“orientation” cannot be diagonal; for Nano Banana Pro it must be one of: landscape, portrait.",
        ),
        (
            NANO_BANANA_VERTEX,
            {"safetySettings": "OFF"},
            "“safety settings” is for Easel's operator to decide. Leave it out.",
        ),
    ],
)
def test_a_reason_reads_as_people_speak(model: Model, options: Mapping[str, JSON], sentence: str) -> None:
    assert " ".join(map(str, check(request(model, options=options), 0))) == sentence


def test_an_options_own_value_is_shown_back_shortened() -> None:
    (text,) = check(request(NANO_BANANA_PRO, options={"orientation": "a\n" * 500}), 0)

    assert "…" in str(text)
    assert "\n" not in str(text)
    assert len(str(text)) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
option_names = st.sampled_from([option.name for model in MODELS for option in model.options]) | st.text(max_size=5)


requests = st.builds(
    ImageRequest,
    model=st.sampled_from([model.id for model in MODELS]) | st.text(max_size=5),
    prompt=st.text(max_size=20),
    size=st.none() | st.text(max_size=5),
    resolution=st.none() | st.text(max_size=5),
    count=st.integers(),
    options=st.dictionaries(option_names, json_values | st.just(10**5000), max_size=4),
)


@given(requests)
def test_of_choices_alone_all_is_said_but_what_is_missing_of_words_and_pictures(wanted: ImageRequest) -> None:
    worded = replace(wanted, prompt="a fox")
    assert check_choices(wanted) == check(worded, 0)


@pytest.mark.parametrize(
    ("typed", "usual", "model", "problems"),
    [
        ({}, None, NANO_BANANA_2, []),
        ({}, NANO_BANANA.id, NANO_BANANA, []),
        ({"options": {"orientation": "landscape"}}, None, NANO_BANANA_PRO, []),
        ({"options": {"orientation": "landscape"}}, "gone", NANO_BANANA_PRO, []),
        ({"options": {"orientation": "landscape"}}, NANO_BANANA.id, NANO_BANANA, []),
        ({"options": {"temperature": 2}}, None, NANO_BANANA_VERTEX, []),
        ({"options": {"temperature": 2.1}}, None, NANO_BANANA_2, ["check.option_not_offered"]),
        ({"options": {"temperature": 1}}, NANO_BANANA_2.id, NANO_BANANA_2, ["check.option_not_offered"]),
        ({"options": {"temperature": 1}, "model": "pro"}, None, NANO_BANANA_PRO, ["check.option_not_offered"]),
        ({"options": {"temperature": 1}, "resolution": "2K"}, None, NANO_BANANA_2, ["check.option_not_offered"]),
        ({"count": 9}, None, NANO_BANANA_2, ["check.count_range"]),
    ],
)
def test_a_model_that_can_do_what_was_chosen_is_found_for_whoever_names_none(
    typed: dict[str, Any], usual: str | None, model: Model, problems: list[str]
) -> None:
    request, texts = fitting(Typed(prompt="", **typed), Usual(model=usual))
    assert (request.model, [text.key for text in texts]) == (model.id, problems)


@given(requests, st.integers(), st.booleans())
def test_no_request_makes_the_check_raise(wanted: ImageRequest, references: int, mask: bool) -> None:
    for text in check(wanted, references, mask=mask):
        assert str(text)
