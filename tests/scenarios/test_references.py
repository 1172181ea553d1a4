"""What people send along: used again, matched with their mask, refused by name."""

import sqlite3

import pytest

from bot.sandbox.discord.people import Upload
from bot.sandbox.toapis import Refusal
from bot.texts import Text
from tests.orders import NANO_BANANA_PRO
from tests.pictures import opened, png_of, very_large, with_exif
from tests.pictures import picture as shaded
from tests.stage import Stage
from tests.workshop import picture

MASK_BYTES = 4 * 1024 * 1024  # what the gateway's documentation allows


async def test_the_same_photograph_sent_by_two_people_is_uploaded_once(stage: Stage) -> None:
    photograph = Upload("cat.jpg", shaded("JPEG", (64, 48), exif=with_exif(orientation=6)))
    for name in ("Ada", "Bob"):
        person = stage.person(name)
        await person.command("imagine", prompt="a cat", image1=photograph)
        await stage.result(person, after=person.sees()[-1] if person.sees() else None)
    assert len(stage.gateway.tasks) == 2
    (upload,) = stage.gateway.uploads
    assert {task.references[0].url for task in stage.gateway.tasks} == {upload.url}
    assert opened(upload.data).size == (48, 64)


async def test_again_after_the_gateway_could_not_read_a_picture_uploads_it_anew(stage: Stage) -> None:
    stage.gateway.refuse_next("/images/generations", Refusal(400, "invalid_request", "The image URL is not accessible"))
    ada = stage.person("Ada")
    handle = await ada.command("imagine", prompt="a cat", image1=Upload("cat.png", picture()))
    await ada.waits_until(lambda: handle.response and "not accessible" in handle.response.content, "the refusal")
    await ada.command("imagine", prompt="a cat", image1=Upload("cat.png", picture()))
    await stage.result(ada)
    assert len(stage.gateway.uploads) == 2


@pytest.mark.parametrize("orientation", [1, 6])
async def test_a_mask_goes_along_with_the_first_picture_as_it_is_seen(stage: Stage, orientation: int) -> None:
    seen = (48, 64) if orientation == 6 else (64, 48)
    photograph = Upload("cat.jpg", shaded("JPEG", (64, 48), exif=with_exif(orientation=orientation)))
    ada = stage.person("Ada")
    mask = Upload("mask.png", picture("white", size=seen))
    await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, image1=photograph, mask=mask)
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    (uploaded,) = [upload for upload in stage.gateway.uploads if upload.url == task.request.mask_url]
    assert opened(uploaded.data).size == task.references[0].pixels == seen


async def test_a_mask_of_four_mebibytes_reaches_the_gateway_byte_by_byte(stage: Stage) -> None:
    ada = stage.person("Ada")
    mask = png_of(MASK_BYTES, (64, 48))
    files = {"image1": Upload("cat.png", picture(size=(64, 48))), "mask": Upload("mask.png", mask)}
    await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, **files)
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    (uploaded,) = [upload for upload in stage.gateway.uploads if upload.url == task.request.mask_url]
    assert uploaded.data == mask
    assert task.request.body == {
        "model": NANO_BANANA_PRO,
        "prompt": "a hat",
        "n": 1,
        "size": "4:3",
        "image_urls": [task.references[0].url],
        "mask_url": uploaded.url,
        "client_business_id": task.request.business_id,
    }


async def test_a_mask_of_one_byte_more_is_refused_at_once_and_nothing_is_fetched_or_spent(stage: Stage) -> None:
    ada = stage.person("Ada")
    mask = png_of(MASK_BYTES + 1, (64, 48))
    files = {"image1": Upload("cat.png", picture(size=(64, 48))), "mask": Upload("mask.png", mask)}
    answer = await (await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, **files)).answer()
    assert answer.ephemeral
    assert answer.content.startswith("mask: the file is larger than 4 MiB.")
    await stage.settled()
    assert stage.record.matching(service="cdn") == ()
    assert stage.gateway.uploads == ()
    assert stage.gateway.tasks == ()
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0


async def test_a_mask_that_only_its_bytes_betray_is_refused_by_name_and_costs_nothing(stage: Stage) -> None:
    # Whether a photograph lies on its side can be told only by a look at it.
    photograph = Upload("cat.jpg", shaded("JPEG", (64, 48), exif=with_exif(orientation=6)))
    ada = stage.person("Ada")
    mask = Upload("mask.png", picture("white", size=(64, 48)))
    handle = await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, image1=photograph, mask=mask)
    await ada.waits_until(lambda: handle.response and "mask: " in handle.response.content, "the refusal")
    assert handle.response is not None
    assert "64 × 48 pixels and image1 has 48 × 64" in handle.response.content
    assert stage.gateway.tasks == ()
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0
    with sqlite3.connect(stage.folder / "easel.db") as connection:
        assert connection.execute("SELECT count(*) FROM uploads").fetchone() == (1,)
    connection.close()


@pytest.mark.exhaustive
async def test_a_photograph_of_very_many_pixels_is_made_smaller_and_the_result_says_so(stage: Stage) -> None:
    ada = stage.person("Ada")
    photograph = Upload("cat.jpg", very_large("JPEG", progressive=True, quality=15))
    await ada.command("imagine", prompt="a cat", image1=photograph)
    result = await stage.result(ada)
    assert str(Text("result.reference_reduced", {"names": "image1"})) in result.content
    (upload,) = stage.gateway.uploads
    assert opened(upload.data).size == (4_032, 2_520)


@pytest.mark.exhaustive
async def test_a_mask_for_a_photograph_of_very_many_pixels_is_refused_and_both_are_to_be_made_smaller(
    stage: Stage,
) -> None:
    ada = stage.person("Ada")
    photograph = Upload("cat.jpg", very_large("JPEG", progressive=True, quality=15))
    mask = Upload("mask.png", png_of(200_000, (8_064, 5_040)))
    await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, image1=photograph, mask=mask)
    outcome = await ada.waits_for(lambda message: message.button("Again"))
    assert "mask: this has 40.7 million pixels; with a mask, at most 40 million are allowed" in outcome.content
    assert "smaller copies of it and of image1" in outcome.content
    again = await (await ada.press(outcome, "Again")).answer()
    assert "would again" in again.content
    assert stage.gateway.tasks == ()
