"""A ratio that nobody chose: that of the first picture."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import Person, Upload
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.pictures import ROTATED, with_exif
from tests.pictures import picture as drawn
from tests.stage import Stage
from tests.workshop import picture

NANO_BANANA = "gemini-2.5-flash-image-preview"


def of(width: int, height: int) -> Upload:
    return Upload("photo.png", picture(size=(width, height)))


async def size(stage: Stage, person: Person, **options: Any) -> object:
    """The `size` that reaches the gateway; None: it is left out."""
    await person.command("imagine", **{"prompt": "a fox", **options})
    await stage.result(person)
    (task,) = stage.gateway.tasks
    return task.request.body.get("size")


@pytest.mark.parametrize("options", [{}, {"ratio": "auto"}, {"prompt": "a fox --auto"}])
async def test_without_a_picture_the_ratio_is_left_to_the_gateway(stage: Stage, options: dict[str, str]) -> None:
    assert await size(stage, stage.person(), **options) is None


@pytest.mark.parametrize(
    ("pixels", "model", "ratio"),
    [
        ((1600, 900), NANO_BANANA_2, "16:9"),
        ((900, 1600), NANO_BANANA_2, "9:16"),
        ((100, 790), NANO_BANANA_2, "1:8"),
        ((100, 790), NANO_BANANA_PRO, "9:16"),
        ((2100, 900), NANO_BANANA_PRO, "21:9"),
        ((2100, 900), NANO_BANANA, "16:9"),
    ],
)
async def test_the_first_picture_gives_the_nearest_ratio_of_the_model(
    stage: Stage, pixels: tuple[int, int], model: str, ratio: str
) -> None:
    assert await size(stage, stage.person(), model=model, image1=of(*pixels), image2=of(500, 500)) == ratio


async def test_the_first_picture_is_the_first_of_those_that_are_attached(stage: Stage) -> None:
    assert await size(stage, stage.person(), image3=of(900, 1600), image4=of(500, 500)) == "9:16"


async def test_a_photograph_on_its_side_gives_the_ratio_that_people_see(stage: Stage) -> None:
    photo = drawn("JPEG", (160, 90), exif=with_exif(orientation=ROTATED))
    assert await size(stage, stage.person(), image1=Upload("photo.jpg", photo)) == "9:16"
    (upload,) = stage.gateway.uploads
    assert Image.open(io.BytesIO(upload.data)).size == (90, 160)


async def test_a_chosen_ratio_wins_over_the_pictures(stage: Stage) -> None:
    assert await size(stage, stage.person(), image1=of(1600, 900), ratio="1:1") == "1:1"


async def test_a_usual_ratio_wins_over_the_pictures_unless_auto_is_chosen(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(ratio="1:1"))
    assert await size(stage, ada, image1=of(1600, 900)) == "1:1"


async def test_auto_wins_over_a_usual_ratio(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(ratio="1:1"))
    assert await size(stage, ada, image1=of(1600, 900), ratio="auto") == "16:9"


async def test_the_same_again_has_the_same_ratio(stage: Stage) -> None:
    ada = stage.person()
    assert await size(stage, ada, image1=of(1600, 900)) == "16:9"
    first = await stage.result(ada)
    await ada.press(first, "Again")
    await stage.result(ada, after=first)
    assert [task.request.ratio for task in stage.gateway.tasks] == ["16:9", "16:9"]
