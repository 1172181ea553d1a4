"""What becomes of a form that is refused, cannot be decided, or is not what was sent out: nothing in it is lost."""

from pathlib import Path

import pytest

from bot.sandbox.discord.conversation import COMPONENT
from bot.sandbox.discord.people import Upload
from bot.texts import Text
from tests.forms import (
    COLORS,
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PRO,
    PROMPT,
    RATIO,
    REOPEN,
    TOO_LONG,
    filenames,
    filled_in,
    forged,
    hint,
    modal_of,
    opened,
    painted,
    refused,
    reopened,
)
from tests.orders import NANO_BANANA_PRO
from tests.stage import CALLBACK, MESSAGES, Stage, open_stage
from tests.trouble import renamed, undecided
from tests.workshop import picture

DAY = 24 * 3600.0


async def test_a_refusal_keeps_everything_and_the_button_brings_it_back(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await refused(ada, count=2, private=True, spoiler=True, more="orientation landscape")
    assert answer.ephemeral
    assert "Nano Banana Pro reads at most 1000" in answer.content
    assert [button.label for button in answer.buttons] == [REOPEN]
    assert stage.gateway.tasks == ()
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again)) == {PROMPT: TOO_LONG.strip(), MODEL: PRO, RATIO: "21:9 cinema"}
    assert hint(modal_of(again), PICTURES).startswith("5 pictures kept.")
    await ada.submits(again, {PROMPT: "short"})
    result = await stage.result(ada)
    assert result.ephemeral
    assert len(result.files) == 2
    job = await stage.job_of(result)
    assert job.spoiler
    assert job.request.options == {"orientation": "landscape"}
    assert await filenames(stage, result) == [f"{color}.png" for color in COLORS[:5]]
    assert (job.request.prompt, job.request.size, job.request.resolution) == ("short", "21:9", "2K")
    assert bob.sees() == ()


async def test_a_form_refused_again_still_keeps_everything(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    for _ in range(3):
        again = await reopened(ada, answer)
        answer = await (await ada.submits(again, {PROMPT: TOO_LONG + "!"})).answer()
    again = await reopened(ada, answer)
    assert hint(modal_of(again), PICTURES).startswith("5 pictures kept.")
    assert filled_in(modal_of(again))[PROMPT] == TOO_LONG + "!"


async def test_the_button_opens_a_form_as_often_as_it_is_pressed(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    first, second = await reopened(ada, answer), await reopened(ada, answer)
    await ada.submits(first, {PROMPT: "one"})
    one = await stage.result(ada)
    await ada.submits(second, {PROMPT: "two"})
    await stage.result(ada, after=one)
    assert [task.request.prompt for task in stage.gateway.tasks] == ["one", "two"]


async def test_added_pictures_come_after_those_that_were_kept(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 5))
    assert hint(modal_of(again), PICTURES) == "5 pictures kept. Add up to 9, or leave this empty."
    await ada.submits(again, {PROMPT: "short", PICTURES: painted(*COLORS[5:14])})
    result = await stage.result(ada)
    assert await filenames(stage, result) == [f"{color}.png" for color in COLORS]
    job, (task,) = await stage.job_of(result), stage.gateway.tasks
    assert [reference.name for reference in job.references] == [f"image{number}" for number in range(1, 15)]
    assert [reference.url for reference in task.references] == [reference.uploaded_url for reference in job.references]


async def test_pictures_put_in_the_place_of_the_kept_ones_replace_them_all(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 5))
    await ada.submits(again, {PROMPT: "short", OTHER_PICTURES: painted("pink")})
    assert await filenames(stage, await stage.result(ada)) == ["pink.png"]
    assert len(stage.gateway.uploads) == 1


async def test_pictures_may_be_replaced_and_added_at_once(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 1))
    answers = {PROMPT: "short", OTHER_PICTURES: painted(*COLORS[:4]), PICTURES: painted(*COLORS[4:14])}
    await ada.submits(again, answers)
    assert await filenames(stage, await stage.result(ada)) == [f"{color}.png" for color in COLORS]


async def test_the_button_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    await stage.stop_bot()
    await stage.start_bot()
    again = await reopened(ada, answer)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.submits(again, {PROMPT: "short"})
    assert len(await filenames(stage, await stage.result(ada))) == 5


async def test_kept_pictures_that_have_gone_are_counted_and_the_rest_is_kept(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada, 2)
    stage.clock.advance(DAY / 2)
    again = await reopened(ada, answer)
    answer = await (await ada.submits(again, {PROMPT: TOO_LONG, PICTURES: painted("pink")})).answer()
    stage.clock.advance(DAY * 0.75)
    again = await reopened(ada, answer)
    assert hint(modal_of(again), PICTURES).startswith("1 of 3 pictures kept, 2 can no longer be fetched.")
    await ada.submits(again, {PROMPT: "short", PICTURES: painted("red")})
    assert await filenames(stage, await stage.result(ada)) == ["pink.png", "red.png"]


async def test_a_button_that_is_older_than_a_week_says_so(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    stage.clock.advance(8 * DAY)
    await opened(ada)
    told = await (await ada.press(answer, REOPEN)).answer()
    assert told.ephemeral
    assert told.content == str(Text("form.reopen_gone"))


async def test_nobody_else_s_button_opens_a_form(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await refused(ada)
    message = stage.world.message(answer.channel_id, answer.id)
    button = answer.button(REOPEN)
    assert button is not None
    data = {"custom_id": button.custom_id, "component_type": 2, "id": 1}
    told = await forged(stage, bob, COMPONENT, data, message).answer()
    assert told.ephemeral
    assert told.content == str(Text("form.reopen_not_yours"))


class TestImagine:
    async def test_a_refused_command_goes_on_as_a_form_with_everything_in_it(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        handle = await ada.command(
            "imagine",
            prompt=TOO_LONG,
            model=NANO_BANANA_PRO,
            ratio="21:9",
            resolution="2K",
            count=2,
            image1=Upload("red.png", picture("red")),
            image2=Upload("notes.txt", b"words"),
            image3=Upload("SPOILER_blue.png", picture("blue")),
            private=True,
            more="orientation landscape",
        )
        answer = await handle.answer()
        assert answer.ephemeral
        assert [button.label for button in answer.buttons] == [REOPEN]
        form = await reopened(ada, answer)
        assert filled_in(modal_of(form)) == {PROMPT: TOO_LONG.strip(), MODEL: PRO, RATIO: "21:9 cinema"}
        assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")
        await ada.submits(form, {PROMPT: "short"})
        result = await stage.result(ada)
        job = await stage.job_of(result)
        assert result.ephemeral
        assert len(result.files) == 2
        assert await filenames(stage, result) == ["red.png", "SPOILER_blue.png"]
        assert (job.spoiler, job.request.options) == (True, {"orientation": "landscape"})
        assert bob.sees() == ()

    async def test_a_mask_is_kept_with_its_picture(self, stage: Stage) -> None:
        ada = stage.person()
        files = {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture("black"))}
        answer = await (await ada.command("imagine", prompt=TOO_LONG, model=NANO_BANANA_PRO, **files)).answer()
        form = await reopened(ada, answer)
        assert "and of the mask" in hint(modal_of(form), OTHER_PICTURES)
        await ada.submits(form, {PROMPT: "short", PICTURES: painted("blue")})
        job = await stage.job_of(await stage.result(ada))
        assert [reference.filename for reference in job.pictures] == ["red.png", "blue.png"]
        assert job.mask is not None
        (sent,) = stage.record.matching("POST", "/images/generations")
        assert sent.body["mask_url"] == job.mask.uploaded_url

    @pytest.mark.parametrize(("bad", "kept"), [("image2", True), ("image1", False)])
    async def test_a_mask_is_kept_for_as_long_as_its_picture_is(self, stage: Stage, bad: str, kept: bool) -> None:
        ada = stage.person()
        images = {f"image{number}": Upload("red.png", picture("red")) for number in (1, 2, 3)}
        files = {**images, bad: Upload("notes.txt", b"words"), "mask": Upload("mask.png", picture("black"))}
        answer = await (await ada.command("imagine", prompt="a hat", model=NANO_BANANA_PRO, **files)).answer()
        assert answer.content.startswith(str(Text("image.not_an_image", {"name": bad})))
        assert ("The mask is left out" not in answer.content) == kept
        form = await reopened(ada, answer)
        assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")
        assert ("and of the mask" in hint(modal_of(form), OTHER_PICTURES)) is kept
        await ada.submits(form, {})
        assert ((await stage.job_of(await stage.result(ada))).mask is not None) is kept

    async def test_a_prompt_that_no_form_holds_is_cut_and_that_is_said(self, stage: Stage) -> None:
        ada = stage.person()
        answer = await (await ada.command("imagine", prompt="x" * 5000, model=NANO_BANANA_PRO)).answer()
        form = await reopened(ada, answer)
        assert "the last 1000 of your prompt" in hint(modal_of(form), PROMPT)
        assert filled_in(modal_of(form))[PROMPT] == "x" * 4000

    async def test_the_prompt_comes_back_where_the_database_fails(self, stage: Stage) -> None:
        ada = stage.person()
        renamed(stage, "preferences", "elsewhere")
        renamed(stage, "drafts", "elsewhere_too")
        answer = await (await ada.command("imagine", prompt="my words")).answer()
        assert answer.ephemeral
        assert (await ada.download(answer.files[0])).decode() == "my words"

    async def test_a_public_command_that_is_refused_late_keeps_everything_privately(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=1) as stage:
            await stage.start_bot()
            ada, bob = stage.person("ada"), stage.person("bob")
            await ada.command("imagine", prompt="the only one")
            await stage.result(ada)
            await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")
            async with undecided(stage):
                handle = await ada.command("imagine", prompt="one more", image1=Upload("red.png", picture("red")))
                await handle.acknowledgement()
            answer = await handle.answer()
            assert answer.ephemeral
            assert len(bob.sees()) == 1
            form = await reopened(ada, answer)
            assert filled_in(modal_of(form))[PROMPT] == "one more"
            assert hint(modal_of(form), PICTURES).startswith("1 picture kept.")


async def test_a_kind_of_channel_that_is_not_known_keeps_the_form(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.start_bot()
        ada = stage.person()
        form = await opened(ada)
        stage.channel.type = 99
        await stage.stop_bot()
        await stage.start_bot()
        answer = await (await ada.submits(form, {PROMPT: "x"})).answer()
        assert answer.content == str(Text("ui.place_unknown"))
        assert filled_in(modal_of(await reopened(ada, answer)))[PROMPT] == "x"
        assert stage.asked("POST", MESSAGES) == ()
        assert len(stage.asked("POST", CALLBACK)) == 3
