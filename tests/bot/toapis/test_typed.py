"""A request of what somebody typed and of what is usual for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.toapis.catalog import (
    BY_ID,
    MODELS,
    NANO_BANANA,
    NANO_BANANA_2,
    NANO_BANANA_PRO,
    NANO_BANANA_VERTEX,
    Model,
    nearest_ratio,
)
from bot.toapis.check import check
from bot.toapis.typed import DEFAULT_MODEL, Typed, Usual

NOTHING = Usual()


def test_what_is_not_said_is_left_to_the_gateway() -> None:
    request = Typed(prompt="  a fox ").request(NOTHING)
    assert (request.model, request.prompt, request.size, request.resolution) == (DEFAULT_MODEL.id, "a fox", None, None)
    assert (request.count, request.options) == (1, {})


def test_words_become_the_gateways() -> None:
    typed = Typed(prompt="x", model="pro", ratio="widescreen", resolution="uhd", count=3, options={"orientation": "x"})
    request = typed.request(NOTHING)
    assert (request.model, request.size, request.resolution) == (NANO_BANANA_PRO.id, "16:9", "4K")
    assert (request.count, request.options) == (3, {"orientation": "x"})


def test_what_is_typed_wins_over_what_is_usual() -> None:
    usual = Usual(model=NANO_BANANA_2.id, ratio="1:1", resolution="1K")
    request = Typed(prompt="x", model="pro", ratio="16:9", resolution="4K").request(usual)
    assert (request.model, request.size, request.resolution) == (NANO_BANANA_PRO.id, "16:9", "4K")


def test_what_is_usual_holds_where_nothing_is_typed() -> None:
    request = Typed(prompt="x").request(Usual(model=NANO_BANANA_PRO.id, ratio="1:1", resolution="2K"))
    assert (request.model, request.size, request.resolution) == (NANO_BANANA_PRO.id, "1:1", "2K")


def test_what_is_usual_and_the_model_lacks_is_left_out() -> None:
    usual = Usual(ratio="8:1", resolution="0.5K")
    assert Typed(prompt="x").request(usual).size == "8:1"
    for model in (NANO_BANANA_PRO, NANO_BANANA, NANO_BANANA_VERTEX):
        request = Typed(prompt="x", model=model.id).request(usual)
        assert (request.size, request.resolution) == (None, None)


def test_a_usual_model_that_is_gone_is_forgotten() -> None:
    assert Typed(prompt="x").request(Usual(model="gemini-1")).model == DEFAULT_MODEL.id


@pytest.mark.parametrize("typed", ["auto", "Auto", " AUTO "])
def test_an_automatic_ratio_is_none_and_wins_over_the_usual_one(typed: str) -> None:
    assert Typed(prompt="x", ratio=typed).request(Usual(ratio="16:9")).size is None


def test_what_is_not_understood_stays_for_the_check_to_name() -> None:
    request = Typed(prompt="x", model="dall-e", ratio="huge", resolution="9K").request(Usual(ratio="1:1"))
    assert (request.model, request.size, request.resolution) == ("dall-e", "huge", "9K")


usuals = st.builds(
    Usual,
    model=st.none() | st.sampled_from(sorted(BY_ID)) | st.text(max_size=5),
    ratio=st.none() | st.sampled_from(NANO_BANANA_2.ratios) | st.text(max_size=5),
    resolution=st.none() | st.sampled_from(NANO_BANANA_2.resolutions) | st.text(max_size=5),
)


@given(st.none() | st.sampled_from([model.name for model in MODELS]), usuals)
def test_nobody_is_refused_for_what_they_did_not_ask_for(model: str | None, usual: Usual) -> None:
    assert check(Typed(prompt="x", model=model).request(usual), 0) == ()


@pytest.mark.parametrize(
    ("size", "model", "ratio"),
    [
        ((1600, 900), NANO_BANANA_2, "16:9"),
        ((900, 1600), NANO_BANANA_2, "9:16"),
        ((1000, 1000), NANO_BANANA_2, "1:1"),
        ((4000, 3000), NANO_BANANA, "4:3"),
        ((1170, 2532), NANO_BANANA_2, "9:16"),
        ((2560, 1080), NANO_BANANA_2, "21:9"),
        ((2560, 1080), NANO_BANANA, "16:9"),
        ((10_000, 100), NANO_BANANA_2, "8:1"),
        ((100, 10_000), NANO_BANANA_2, "1:8"),
        ((100, 10_000), NANO_BANANA_PRO, "9:16"),
        ((1, 1), NANO_BANANA_VERTEX, "1:1"),
        ((1050, 1000), NANO_BANANA_VERTEX, "1:1"),
        ((1200, 1000), NANO_BANANA_VERTEX, "5:4"),
    ],
)
def test_a_picture_has_the_ratio_that_is_most_like_it(size: tuple[int, int], model: Model, ratio: str) -> None:
    assert nearest_ratio(model, *size) == ratio


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_picture_of_a_ratio_has_that_ratio_at_any_size(model: Model) -> None:
    for ratio in model.ratios:
        across, down = map(int, ratio.split(":"))
        for factor in (1, 7, 100, 997):
            assert nearest_ratio(model, across * factor, down * factor) == ratio


@given(st.sampled_from(MODELS), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_picture_on_its_side_has_the_ratio_on_its_side(model: Model, width: int, height: int) -> None:
    upright, lying = nearest_ratio(model, width, height), nearest_ratio(model, height, width)
    across, down = (int(part) for part in upright.split(":"))
    other_across, other_down = (int(part) for part in lying.split(":"))
    assert (across - down) * (other_across - other_down) <= 0


def test_half_a_character_is_sent_as_one_that_is_lost_and_whole_ones_stay() -> None:
    assert Typed(prompt="a\ud83d fox \ude00 😀").request(Usual()).prompt == "a\ufffd fox \ufffd 😀"
