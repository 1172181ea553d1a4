"""What a form that is opened again cannot hold, or would be refused for again, is left out of it in so many words."""

from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.discord.people import Person, SeenMessage, Upload
from tests.forms import (
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PRO,
    PROMPT,
    RATIO,
    TOO_LONG,
    filled_in,
    hint,
    modal_of,
    opened,
    painted,
    reopened,
)
from tests.history import history_of
from tests.orders import NANO_BANANA_PRO
from tests.pictures import picture as shaded
from tests.pictures import with_exif
from tests.stage import Stage, open_stage
from tests.workshop import picture

VERTEX = "gemini-2.5-flash-image-official"
AUTO = "Auto (as the first picture)"
MASK_LEFT_OUT = "The mask is left out of the form."


async def refused_command(ada: Person, **options: Any) -> SeenMessage:
    answer = await (await ada.command("imagine", **{"prompt": "a fox", **options})).answer()
    assert answer.ephemeral
    return answer


@pytest.mark.parametrize(
    "files",
    [
        {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture(size=(64, 64)))},
        {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.jpg", shaded("JPEG", (32, 24)))},
        {"image1": Upload("red.txt", b"words"), "mask": Upload("mask.png", picture("white"))},
        {"mask": Upload("mask.png", picture("white"))},
    ],
    ids=["of another size", "no PNG", "its picture is none", "without a picture"],
)
async def test_a_mask_that_cannot_be_kept_is_said_to_be_left_out(stage: Stage, files: dict[str, Upload]) -> None:
    ada = stage.person()
    answer = await refused_command(ada, model=NANO_BANANA_PRO, **files)
    assert MASK_LEFT_OUT in answer.content
    form = await reopened(ada, answer)
    assert "mask" not in hint(modal_of(form), OTHER_PICTURES)


async def test_a_mask_that_fits_is_not_said_to_be_left_out(stage: Stage) -> None:
    files = {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture("black"))}
    answer = await refused_command(stage.person(), prompt=TOO_LONG, model=NANO_BANANA_PRO, **files)
    assert MASK_LEFT_OUT not in answer.content


async def test_a_mask_whose_picture_has_expired_is_left_out_in_so_many_words(stage: Stage) -> None:
    ada = stage.person()
    files = {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture("black"))}
    form = await reopened(ada, await refused_command(ada, prompt=TOO_LONG, model=NANO_BANANA_PRO, **files))
    stage.clock.advance(25 * 3600.0)
    answer = await (await ada.submits(form, {PROMPT: "short", PICTURES: painted("blue")})).answer()
    assert "mask: this picture can no longer be fetched" in answer.content
    assert MASK_LEFT_OUT in answer.content
    await ada.submits(await reopened(ada, answer), {})
    job = await stage.job_of(await stage.result(ada))
    assert (job.mask, [reference.filename for reference in job.pictures]) == (None, ["blue.png"])


class TestAfterAFailure:
    async def failed(self, ada: Person) -> SeenMessage:
        """The outcome of a mask that only a look at its bytes betrays."""
        photograph = Upload("cat.jpg", shaded("JPEG", (64, 48), exif=with_exif(orientation=6)))
        mask = Upload("mask.png", picture("white", size=(64, 48)))
        await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, image1=photograph, mask=mask)
        return await ada.waits_for(lambda message: message.button("Edit"))

    async def test_editing_leaves_the_mask_out_and_says_so(self, stage: Stage) -> None:
        ada = stage.person()
        outcome = await self.failed(ada)
        form = await ada.press(outcome, "Edit")
        await form.opened_modal()
        assert hint(modal_of(form), PICTURES).startswith("1 picture kept.")
        assert hint(modal_of(form), OTHER_PICTURES).startswith("The mask is left out")
        await ada.submits(form, {})
        job = await stage.job_of(await stage.result(ada))
        assert (job.mask, [reference.filename for reference in job.pictures]) == (None, ["cat.jpg"])

    @pytest.mark.parametrize("place", ["below the failure", "in the history"])
    async def test_the_same_again_is_refused_with_the_reason_and_its_form_leaves_the_mask_out(
        self, stage: Stage, place: str
    ) -> None:
        ada = stage.person()
        outcome = await self.failed(ada)
        await stage.tidied(await stage.job_of(outcome))
        answer = await (await ada.press(await history_of(ada) if "history" in place else outcome, "Again")).answer()
        assert answer.ephemeral
        assert "64 × 48 pixels and image1 has 48 × 64" in answer.content
        assert "failed because of its mask, and would again" in answer.content
        assert MASK_LEFT_OUT in answer.content
        assert stage.gateway.tasks == ()
        form = await reopened(ada, answer)
        assert filled_in(modal_of(form)) == {PROMPT: "a hat", MODEL: "Nano Banana Pro · 1K", RATIO: AUTO}
        assert hint(modal_of(form), PICTURES).startswith("1 picture kept.")
        await ada.submits(form, {})
        job = await stage.job_of(await stage.result(ada))
        assert (job.mask, [reference.filename for reference in job.pictures]) == (None, ["cat.jpg"])


@pytest.mark.parametrize(
    ("more", "left_out", "kept"),
    [
        ("temperature 3.5, webp", "temperature 3.5", {"imageOutputOptions": {"mimeType": "image/webp"}}),
        ("png, quality 90", "quality 90", {"imageOutputOptions": {"mimeType": "image/png"}}),
        ("search, top p 0.5", "search", {"topP": 0.5}),
        ("zoom, temperature 1", "zoom", {"temperature": 1}),
    ],
)
async def test_exactly_what_is_refused_is_left_out(
    stage: Stage, more: str, left_out: str, kept: dict[str, object]
) -> None:
    ada = stage.person()
    answer = await refused_command(ada, model=VERTEX, more=more)
    assert f"Left out of the form: {left_out}. Type it again" in answer.content
    await ada.submits(await reopened(ada, answer), {})
    assert (await stage.job_of(await stage.result(ada))).request.options == kept


async def test_a_parameter_that_the_chosen_model_lacks_does_not_close_the_way_back(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, more="search")
    answer = await (await ada.submits(form, {PROMPT: "a fox", MODEL: PRO})).answer()
    assert "Nano Banana Pro has no option" in answer.content
    assert "Left out of the form: search." in answer.content
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again))[MODEL] == PRO
    await ada.submits(again, {})
    assert (await stage.job_of(await stage.result(ada))).request.options == {}


async def test_what_was_not_refused_stays_and_nothing_is_said(stage: Stage) -> None:
    ada = stage.person()
    answer = await (await ada.submits(await opened(ada, count=2, more="search"), {PROMPT: " "})).answer()
    assert "form" not in answer.content.casefold()
    await ada.submits(await reopened(ada, answer), {PROMPT: "a fox"})
    job = await stage.job_of(await stage.result(ada))
    assert (job.request.count, job.request.options) == (2, {"google_search": True})


@pytest.mark.parametrize("command", ["compose", "imagine"])
async def test_more_pictures_than_are_left_become_one(tmp_path: Path, command: str) -> None:
    async with open_stage(tmp_path, user_images_per_window=2) as stage:
        await stage.start_bot()
        ada = stage.person()
        if command == "compose":
            answer = await (await ada.submits(await opened(ada, count=3), {PROMPT: "a fox"})).answer()
        else:
            answer = await refused_command(ada, count=3)
        assert "The form asks for 1 picture instead of 3" in answer.content
        await ada.submits(await reopened(ada, answer), {})
        assert len((await stage.result(ada)).files) == 1


async def test_more_pictures_than_there_is_room_for_become_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=4) as stage:
        await stage.start_bot()
        ada = stage.person()
        await ada.command("imagine", prompt="a fox", count=2)
        first = await stage.result(ada)
        answer = await refused_command(ada, count=3)
        assert "There is room for 2 of them right now" in answer.content
        assert "The form asks for 1 picture instead of 3" in answer.content
        await ada.submits(await reopened(ada, answer), {})
        assert len((await stage.result(ada, after=first)).files) == 1


async def test_a_number_by_flag_is_left_where_it_can_be_changed(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=2) as stage:
        await stage.start_bot()
        ada = stage.person()
        answer = await (await ada.submits(await opened(ada, count=2), {PROMPT: "a fox --count 3"})).answer()
        assert "instead of" not in answer.content
        await ada.submits(await reopened(ada, answer), {PROMPT: "a fox"})
        assert len((await stage.result(ada)).files) == 2
