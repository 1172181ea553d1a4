import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.drafts import Draft
from bot.jobs.order import Reference, Role
from bot.sandbox.discord.component_rules import check_modal
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.refusals import FormErrors
from bot.toapis.catalog import BY_ID, MODELS
from bot.toapis.schema import ImageRequest
from bot.ui.forms import (
    LONGEST_PROMPT,
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PROMPT,
    RATIO,
    form,
    model_choices,
    ratio_choices,
)
from bot.ui.inert import length
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO

VERTEX = "gemini-2.5-flash-image-official"


def picture(position: int, role: Role = Role.PICTURE) -> Reference:
    return Reference(
        position=position,
        name=f"image{position + 1}",
        source_url="https://cdn.example/1.png",
        filename="1.png",
        size=1,
        role=role,
    )


def draft(kept: int = 0, *, mask: bool = False, gone: int = 0, **request: Any) -> Draft:
    pictures = [picture(number) for number in range(kept)]
    if mask:
        pictures.append(picture(kept, Role.MASK))
    asked = replace(ImageRequest(model=NANO_BANANA_2, prompt=""), **request)
    return Draft(id="0" * 20, user_id=1, created_at=0.0, request=asked, references=tuple(pictures), gone=gone)


def labels(shown: Draft, left_out: int = 0, *, mask_lost: bool = False) -> dict[str, Mapping[str, Any]]:
    """The labels of the form by their fields' custom_ids, once Discord's rules have been checked."""
    data = form(shown, left_out=left_out, mask_lost=mask_lost).to_dict()
    errors = FormErrors()
    check_modal(Form(data, errors))
    errors.raise_if_any()
    return {label["component"]["custom_id"]: label for label in data["components"]}


def chosen(label: Mapping[str, Any]) -> list[str]:
    """The labels of the choices that are made already."""
    return [option["label"] for option in label["component"]["options"] if option.get("default")]


async def test_an_empty_form_asks_for_everything_and_demands_only_a_prompt() -> None:
    fields = labels(draft())
    assert list(fields) == [PROMPT, MODEL, RATIO, PICTURES, OTHER_PICTURES]
    assert [fields[name]["component"].get("required", True) for name in fields] == [True, True, True, False, False]
    assert "value" not in fields[PROMPT]["component"]
    assert chosen(fields[MODEL]) == ["Nano Banana 2 · 1K"]
    assert chosen(fields[RATIO]) == ["Auto (as the first picture)"]
    assert (fields[PICTURES]["component"]["max_values"], fields[OTHER_PICTURES]["component"]["max_values"]) == (10, 4)
    assert "10 pictures of objects and 4 of people" in fields[OTHER_PICTURES]["description"]


async def test_every_model_is_offered_with_every_resolution_it_has() -> None:
    offered = [(option["label"], option["value"]) for option in labels(draft())[MODEL]["component"]["options"]]
    assert [label for label, _ in offered] == [
        "Nano Banana 2 · 0.5K",
        "Nano Banana 2 · 1K",
        "Nano Banana 2 · 2K",
        "Nano Banana 2 · 4K",
        "Nano Banana Pro · 1K",
        "Nano Banana Pro · 2K",
        "Nano Banana Pro · 4K",
        "Nano Banana · 1K",
        "Nano Banana (Vertex direct)",
    ]
    assert [value for _, value in offered] == list(model_choices())


async def test_every_ratio_of_any_model_is_offered_in_words() -> None:
    options = labels(draft())[RATIO]["component"]["options"]
    assert {option["value"] for option in options} == {"auto"} | {ratio for model in MODELS for ratio in model.ratios}
    assert options[0]["value"] == "auto"
    assert "16:9 widescreen" in [option["label"] for option in options]
    assert len(options) == 1 + len(ratio_choices())


async def test_a_form_shows_what_its_draft_asks_for() -> None:
    fields = labels(draft(prompt="a lighthouse\nat dusk", model=NANO_BANANA_PRO, size="21:9", resolution="4k"))
    assert fields[PROMPT]["component"]["value"] == "a lighthouse\nat dusk"
    assert chosen(fields[MODEL]) == ["Nano Banana Pro · 4K"]
    assert chosen(fields[RATIO]) == ["21:9 cinema"]


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        ({"model": NANO_BANANA_PRO}, ["Nano Banana Pro · 1K"]),
        ({"model": NANO_BANANA_PRO, "resolution": "9K"}, ["Nano Banana Pro · 1K"]),
        ({"model": VERTEX}, ["Nano Banana (Vertex direct)"]),
        ({"model": VERTEX, "resolution": "2K"}, ["Nano Banana (Vertex direct)"]),
        ({"model": "a model of tomorrow"}, ["Nano Banana 2 · 1K"]),
    ],
)
async def test_one_model_is_chosen_whatever_the_draft_asks_for(request_: dict[str, Any], shown: list[str]) -> None:
    assert chosen(labels(draft(**request_))[MODEL]) == shown


async def test_a_ratio_that_nobody_has_becomes_auto() -> None:
    assert chosen(labels(draft(size="7:3"))[RATIO]) == ["Auto (as the first picture)"]


async def test_the_prompt_says_which_models_read_less() -> None:
    limits = {model.prompt_limit for model in MODELS} - {None}
    assert limits == {1000}
    assert labels(draft())[PROMPT]["description"] == "Nano Banana Pro, Nano Banana: at most 1000 characters."


@pytest.mark.parametrize(("prompt", "missing"), [("x" * 4000, 0), ("x" * 4001, 1), ("x" * 6000, 2000)])
async def test_a_prompt_that_does_not_fit_is_cut_and_says_so(prompt: str, missing: int) -> None:
    label = labels(draft(prompt=prompt))[PROMPT]
    assert label["component"]["value"] == "x" * 4000
    assert (f"the last {missing} of your prompt" in label["description"]) == bool(missing)


async def test_a_prompt_of_emoji_fits_however_discord_counts() -> None:
    value = labels(draft(prompt="🗼" * 3000))[PROMPT]["component"]["value"]
    assert length(value) <= LONGEST_PROMPT
    assert value == "🗼" * 2000


@pytest.mark.parametrize("kept", range(1, 15))
async def test_fourteen_pictures_can_result_and_never_more(kept: int) -> None:
    fields = labels(draft(kept))
    add = fields[PICTURES]["component"]["max_values"] if PICTURES in fields else 0
    replace_ = fields[OTHER_PICTURES]["component"]["max_values"]
    assert kept + add <= 14
    assert add + replace_ <= 14
    assert add == min(10, 14 - kept)
    assert replace_ >= 4
    assert all(fields[name]["component"]["required"] is False for name in {PICTURES, OTHER_PICTURES} & fields.keys())


@pytest.mark.parametrize(
    ("kept", "left_out", "said"),
    [
        (1, 0, ["1 picture kept. Add up to 10", "Up to 4 in place of the kept one"]),
        (5, 0, ["5 pictures kept. Add up to 9", "Up to 5 in place of the 5 kept ones"]),
        (14, 0, ["14 pictures kept, the most there can be. Up to 10 replace them all."]),
        (14, 6, ["The first 14 of 20 pictures kept. Up to 10 replace them all."]),
        (13, 6, ["The first 13 of 19 pictures kept. Add up to 1", "Up to 10 in place of the 13"]),
    ],
)
async def test_the_form_says_how_many_pictures_are_kept(kept: int, left_out: int, said: list[str]) -> None:
    fields = labels(draft(kept), left_out)
    hints = [fields[name]["description"] for name in (PICTURES, OTHER_PICTURES) if name in fields]
    assert len(hints) == len(said)
    assert all(hint.startswith(words) for hint, words in zip(hints, said, strict=True))


async def test_a_kept_mask_is_no_picture_and_goes_when_they_are_replaced() -> None:
    fields = labels(draft(2, mask=True))
    assert fields[PICTURES]["description"].startswith("2 pictures kept")
    assert "and of the mask" in fields[OTHER_PICTURES]["description"]


@pytest.mark.parametrize(
    ("kept", "gone", "left_out", "said"),
    [
        (1, 1, 0, "1 of 2 pictures kept, 1 can no longer be fetched. Add up to 10, if you like."),
        (5, 9, 0, "5 of 14 pictures kept, 9 can no longer be fetched. Add up to 9, if you like."),
        (12, 2, 6, "12 of 20 pictures kept, 2 can no longer be fetched. Add up to 2, if you like."),
        (0, 1, 0, "The kept picture can no longer be fetched. Attach it again, or up to 10 others."),
        (0, 14, 0, "The 14 kept pictures can no longer be fetched. Attach them again, or others; up to 10."),
    ],
)
async def test_the_form_says_how_many_pictures_are_gone(kept: int, gone: int, left_out: int, said: str) -> None:
    field = labels(draft(kept, gone=gone), left_out)[PICTURES]
    assert field["description"] == said
    component = field["component"]
    assert (component["required"], component["min_values"]) == ((False, 0) if kept else (True, 1))


async def test_a_form_whose_pictures_are_all_gone_is_one_to_change_something_still() -> None:
    assert form(draft(gone=1)).title == "What shall Easel change?"
    assert form(draft()).title == "What shall Easel paint?"


async def test_every_description_fits_with_the_longest_values() -> None:
    for kept, gone, left_out in itertools.product(range(15), (0, 1, 14), (0, 986)):
        for mask, mask_lost in ((False, False), (True, False), (False, True)):
            shown = draft(kept, mask=mask, gone=gone, prompt="x" * 9999)
            assert labels(shown, left_out, mask_lost=mask_lost)


async def test_the_choices_are_what_the_catalog_says() -> None:
    assert {model.id for model, _ in model_choices().values()} == set(BY_ID)


async def test_discordpy_does_not_wait_for_the_submit() -> None:
    assert form(draft()).is_finished()
