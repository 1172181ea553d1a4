"""What `/imagine` takes beside the words: flags, further parameters, a mask, spoilers, usual choices."""

from typing import Any

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import Person, Upload
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage
from tests.workshop import picture

VERTEX = "gemini-2.5-flash-image-official"


async def sent(stage: Stage, person: Person, **options: Any) -> dict[str, Any]:
    """What reaches the gateway of a request, without the id."""
    await person.command("imagine", **{"prompt": "a fox", **options})
    await stage.result(person)
    (task,) = stage.gateway.tasks
    return {name: value for name, value in task.request.body.items() if name not in {"client_business_id", "prompt"}}


async def refusal(stage: Stage, **options: Any) -> str:
    """Why a request is refused."""
    ada = stage.person()
    answer = await (await ada.command("imagine", **{"prompt": "a fox", **options})).answer()
    assert answer.ephemeral
    assert stage.gateway.tasks == ()
    return answer.content


async def test_further_parameters_reach_the_gateway(stage: Stage) -> None:
    body = await sent(stage, stage.person(), model=VERTEX, more="temperature 0.4, top p 0.8, webp, quality 90")
    output = {"mimeType": "image/webp", "compressionQuality": 90}
    assert body == {
        "model": VERTEX,
        "n": 1,
        "metadata": {"temperature": 0.4, "topP": 0.8, "imageOutputOptions": output},
    }


async def test_searching_for_pictures_searches(stage: Stage) -> None:
    body = await sent(stage, stage.person(), more="image search")
    assert body["metadata"] == {"google_search": True, "google_image_search": True}


async def test_an_orientation_goes_with_a_ratio_that_contradicts_it(stage: Stage) -> None:
    body = await sent(stage, stage.person(), model=NANO_BANANA_PRO, ratio="16:9", more="orientation portrait")
    assert (body["size"], body["metadata"]) == ("16:9", {"orientation": "portrait"})


async def test_flags_in_the_prompt_are_options_and_not_painted(stage: Stage) -> None:
    ada = stage.person()
    body = await sent(stage, ada, prompt="a red fox --pro --ar 16:9 --2k")
    assert body == {"model": NANO_BANANA_PRO, "n": 1, "size": "16:9", "metadata": {"resolution": "2K"}}
    (task,) = stage.gateway.tasks
    assert task.request.prompt == "a red fox"


async def test_an_option_of_the_command_wins_over_a_flag(stage: Stage) -> None:
    body = await sent(
        stage, stage.person(), prompt="a fox --16:9 --n 3 --pro", ratio="1:1", count=2, model=NANO_BANANA_2
    )
    assert body == {"model": NANO_BANANA_2, "n": 2, "size": "1:1"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"more": "temperature 0.4"}, "Nano Banana 2 has no option “temperature”"),
        ({"more": "foo"}, "“foo” is not something Easel knows. There is search"),
        ({"more": "people"}, "“people” is not something Easel knows"),
        ({"more": "safety settings off", "model": VERTEX}, "“safety settings” is for Easel's operator to decide"),
        ({"more": "png, quality 90", "model": VERTEX}, "A PNG keeps every pixel, so it has no quality to set"),
        ({"more": "temperature 3", "model": VERTEX}, "“temperature” cannot be 3; for Nano Banana"),
        ({"prompt": "a fox --foo"}, "“--foo” is not something Easel knows"),
        ({"prompt": "--pro"}, "The prompt is empty"),
        ({"mask": Upload("mask.png", picture())}, "Nano Banana 2 has no option “mask”"),
        ({"mask": Upload("mask.png", picture()), "model": NANO_BANANA_PRO}, "A mask needs a reference picture"),
    ],
)
async def test_what_does_not_apply_is_refused_with_the_reason(
    stage: Stage, options: dict[str, Any], reason: str
) -> None:
    assert reason in (await refusal(stage, **options)).replace("\\", "")


async def test_a_mask_goes_with_the_first_picture(stage: Stage) -> None:
    first, mask = Upload("first.png", picture("blue")), Upload("mask.png", picture("white"))
    body = await sent(stage, stage.person(), model=NANO_BANANA_PRO, image1=first, mask=mask)
    assert len(body["image_urls"]) == 1
    assert {*body["image_urls"], body["mask_url"]} == {upload.url for upload in stage.gateway.uploads}


async def test_a_mask_of_another_size_is_refused_before_anything_is_fetched(stage: Stage) -> None:
    mask = Upload("mask.png", picture(size=(64, 64)))
    reason = await refusal(stage, model=NANO_BANANA_PRO, image1=Upload("first.png", picture()), mask=mask)
    assert "64 × 64" in reason
    assert "image1 has 32 × 24" in reason


@pytest.mark.parametrize(
    ("options", "hidden"),
    [
        ({}, False),
        ({"spoiler": True}, True),
        ({"prompt": "a fox --spoiler"}, True),
        ({"image1": Upload("photo.png", picture())}, False),
        ({"image1": Upload("photo.png", picture()), "image2": Upload("SPOILER_photo.png", picture())}, True),
        ({"image1": Upload("SPOILER_photo.png", picture()), "spoiler": False}, True),
        (
            {
                "model": NANO_BANANA_PRO,
                "image1": Upload("photo.png", picture()),
                "mask": Upload("SPOILER_mask.png", picture()),
            },
            True,
        ),
    ],
    ids=["nothing", "option", "flag", "picture", "spoiler among pictures", "spoiler against the option", "mask"],
)
async def test_a_result_is_hidden_if_that_is_wanted_or_a_reference_is(
    stage: Stage, options: dict[str, Any], hidden: bool
) -> None:
    ada = stage.person()
    await ada.command("imagine", **{"prompt": "a fox", **options})
    assert (await stage.job_of(await stage.result(ada))).spoiler == hidden


async def test_what_is_usual_holds_where_nothing_is_said(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(
        int(ada.user.id), Preferences(model=NANO_BANANA_PRO, ratio="9:16", resolution="4K")
    )
    body = await sent(stage, ada)
    assert body == {"model": NANO_BANANA_PRO, "n": 1, "size": "9:16", "metadata": {"resolution": "4K"}}


async def test_what_the_model_cannot_do_of_the_usual_is_left_out(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(ratio="8:1", resolution="4K"))
    assert await sent(stage, ada, model=VERTEX) == {"model": VERTEX, "n": 1}


async def test_suggestions_follow_the_usual_model_where_none_is_chosen(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(model=VERTEX))
    assert "8:1" not in (await ada.suggestions("imagine", focused="ratio")).values()
    assert await ada.suggestions("imagine", focused="resolution") == {}
    assert "png" in (await ada.suggestions("imagine", focused="more")).values()
    assert "search" in (await ada.suggestions("imagine", focused="more", model=NANO_BANANA_2)).values()


async def test_further_parameters_are_suggested_as_whole_values(stage: Stage) -> None:
    ada = stage.person()
    found = await ada.suggestions("imagine", focused="more", typed="search, ")
    assert found == {"search, image search": "search, image search"}


async def test_the_first_pictures_ratio_is_suggested_first(stage: Stage) -> None:
    found = await stage.person().suggestions("imagine", focused="ratio")
    assert next(iter(found.items())) == ("Auto (as the first picture)", "auto")
