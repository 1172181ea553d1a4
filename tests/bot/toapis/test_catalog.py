"""The models as data."""

import pytest

from bot.toapis.catalog import (
    BY_ID,
    MAX_COUNT,
    MODELS,
    NANO_BANANA,
    NANO_BANANA_2,
    NANO_BANANA_PRO,
    NANO_BANANA_VERTEX,
    Model,
    pixel_size,
    seed_seconds,
)

EVERY_MODEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_there_are_four_models_with_names_and_ids_of_their_own() -> None:
    assert len(BY_ID) == len({model.name for model in MODELS}) == 4


@pytest.mark.parametrize(
    ("model", "ratios", "resolutions", "others"),
    [
        (NANO_BANANA_2, 14, ("0.5K", "1K", "2K", "4K"), (None, 4, 14)),
        (NANO_BANANA_PRO, 10, ("1K", "2K", "4K"), (1000, 1, 14)),
        (NANO_BANANA, 7, ("1K",), (1000, 1, 14)),
        (NANO_BANANA_VERTEX, 10, (), (None, 1, 3)),
    ],
)
def test_each_model_has_the_documented_limits(
    model: Model, ratios: int, resolutions: tuple[str, ...], others: tuple[int | None, int, int]
) -> None:
    assert len(set(model.ratios)) == len(model.ratios) == ratios
    assert model.resolutions == resolutions
    assert (model.prompt_limit, model.max_n, model.references) == others
    assert model.max_n <= MAX_COUNT


@EVERY_MODEL
def test_the_default_resolution_is_one_that_is_offered(model: Model) -> None:
    assert model.default_resolution in (model.resolutions or (None,))


@EVERY_MODEL
def test_an_option_that_needs_another_has_it_beside_it(model: Model) -> None:
    names = {option.name for option in model.options}

    assert len(names) == len(model.options)
    assert {needed for option in model.options if (needed := getattr(option, "needs", None))} <= names


@EVERY_MODEL
def test_every_ratio_becomes_a_picture_of_about_that_shape(model: Model) -> None:
    for ratio in model.ratios:
        across, down = map(int, ratio.split(":"))
        for resolution in (None, *model.resolutions):
            width, height = pixel_size(model, ratio, resolution)
            assert width / height == pytest.approx(across / down, rel=0.05)


@pytest.mark.parametrize(
    ("model", "ratio", "resolution", "size"),
    [
        (NANO_BANANA, "16:9", "1K", (1792, 1024)),
        (NANO_BANANA_PRO, "16:9", None, (1376, 768)),
        (NANO_BANANA_PRO, "3:2", "1K", (1264, 848)),
        (NANO_BANANA_PRO, "16:9", "4K", (5504, 3072)),
        (NANO_BANANA_2, "1:1", "0.5K", (512, 512)),
        (NANO_BANANA_VERTEX, "9:16", None, (768, 1376)),
    ],
)
def test_known_pixel_sizes(model: Model, ratio: str, resolution: str | None, size: tuple[int, int]) -> None:
    assert pixel_size(model, ratio, resolution) == size


@EVERY_MODEL
def test_the_first_guess_of_the_duration_is_within_what_is_documented_as_typical(model: Model) -> None:
    assert 5 <= seed_seconds(model, None, 0) <= 30


def test_larger_pictures_and_more_references_are_guessed_to_take_longer() -> None:
    seconds = [seed_seconds(NANO_BANANA_2, resolution, 0) for resolution in NANO_BANANA_2.resolutions]

    assert seconds == sorted(set(seconds))
    assert seed_seconds(NANO_BANANA_2, None, 14) > seed_seconds(NANO_BANANA_2, None, 1) > seconds[1]
