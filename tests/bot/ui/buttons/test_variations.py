from pathlib import Path

import pytest

from bot.sandbox.discord.people import Upload
from bot.texts import Text
from bot.ui.forms import PROMPT
from tests.bot.ui.buttons.scene import asked_which, painted
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage, open_stage
from tests.trouble import undecided
from tests.workshop import picture

UPLOADS = "/uploads/images"


class TestVariationsOfEdits:
    """Words that are a change are not applied to their own result."""

    async def test_are_four_from_the_same_pictures_with_the_mask_and_without_a_question(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        first = await painted(
            stage,
            ada,
            prompt="make it darker",
            model="Nano Banana Pro",
            count=2,
            image1=Upload("a.png", picture()),
            mask=Upload("mask.png", picture("white")),
        )
        uploads = len(stage.record.matching("POST", UPLOADS))
        await bob.press(first, "Variations")
        second = await stage.result(bob, after=first)
        assert len(second.files) == 4
        parent = await stage.job_of(first)
        *_, earlier, later = (task.request for task in stage.gateway.tasks)
        assert (later.prompt, later.image_urls, later.mask_url) == (
            earlier.prompt,
            earlier.image_urls,
            earlier.mask_url,
        )
        assert later.mask_url is not None
        assert len(stage.record.matching("POST", UPLOADS)) == uploads
        job = await stage.job_of(second)
        assert (job.parent, len(job.pictures)) == (parent.id, 1)

    async def test_of_a_picture_painted_from_words_are_from_that_picture(self, stage: Stage) -> None:
        ada = stage.person()
        first = await painted(stage, ada)
        form = await ada.press(first, "Edit")
        await form.opened_modal()
        await ada.submits(form, {PROMPT: "make it darker"})
        edited = await stage.result(ada, after=first)
        await stage.tidied(await stage.job_of(edited))
        await ada.press(edited, "Variations")
        await stage.result(ada, after=edited)
        request = stage.gateway.tasks[-1].request
        assert request.prompt == "make it darker"
        assert request.image_urls == ((await stage.job_of(first)).originals[0].url,)

    async def test_of_an_edit_in_the_same_words_are_from_what_that_one_was_made_from(self, stage: Stage) -> None:
        ada = stage.person()
        first = await painted(stage, ada, prompt="make it darker", image1=Upload("a.png", picture()))
        form = await ada.press(first, "Edit")
        await form.opened_modal()
        await ada.submits(form, {})
        darker = await stage.result(ada, after=first)
        await stage.tidied(await stage.job_of(darker))
        await ada.press(darker, "Variations")
        await stage.result(ada, after=darker)
        assert stage.gateway.tasks[-1].request.image_urls == ((await stage.job_of(first)).originals[0].url,)

    async def test_go_on_from_the_same_pictures_for_as_long_as_they_can_be_fetched(self, stage: Stage) -> None:
        ada = stage.person()
        first = await painted(stage, ada, prompt="make it darker", image1=Upload("a.png", picture()))
        stage.clock.advance(4 * 86_400)
        before = len(stage.gateway.tasks)
        answer = await (await ada.press(first, "Variations")).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("button.reference_gone", {"name": "image1"}))
        assert len(stage.gateway.tasks) == before

    async def test_that_were_upscaled_since_are_those_of_the_edit_at_the_new_resolution(self, stage: Stage) -> None:
        ada = stage.person()
        first = await painted(stage, ada, prompt="make it darker", image1=Upload("a.png", picture()), more="search")
        await ada.press(first, "Upscale to 2K")
        larger = await stage.result(ada, after=first)
        await stage.tidied(await stage.job_of(larger))
        await ada.press(larger, "Variations")
        await stage.result(ada, after=larger)
        edit, _, varied = (task.request for task in stage.gateway.tasks)
        assert (varied.prompt, varied.image_urls) == (edit.prompt, edit.image_urls)
        assert varied.metadata == {**edit.metadata, "resolution": "2K"}
        assert varied.metadata["google_search"] is True
        assert varied.count == 4


async def test_variations_of_an_upscaled_picture_are_from_it_and_its_own_words(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await ada.press(first, "Upscale to 2K")
    larger = await stage.result(ada, after=first)
    job = await stage.tidied(await stage.job_of(larger))
    await ada.press(larger, "Variations")
    await stage.result(ada, after=larger)
    request = stage.gateway.tasks[-1].request
    assert (request.prompt, request.resolution) == ("a lighthouse", "2K")
    assert request.image_urls == (job.originals[0].url,)


async def test_variations_of_a_variation_are_from_the_one_that_is_chosen(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await ada.press(first, "Variations")
    second = await stage.result(ada, after=first)
    job = await stage.tidied(await stage.job_of(second))
    question = await asked_which(ada, second, "Variations")
    await ada.press(question, "3")
    await stage.result(ada, after=question)
    request = stage.gateway.tasks[-1].request
    assert (request.prompt, request.image_urls) == ("a lighthouse", (job.originals[2].url,))


class TestFewerLeftThanFour:
    """As many as the person has left, who has painted one of so many already."""

    @pytest.mark.parametrize("model", [NANO_BANANA_2, pytest.param(NANO_BANANA_PRO, marks=pytest.mark.exhaustive)])
    @pytest.mark.parametrize(("allowed", "made"), [(6, 4), (5, 4), (4, 3), (3, 2), (2, 1)])
    async def test_as_many_are_made_as_are_left_and_four_at_most(
        self, tmp_path: Path, allowed: int, made: int, model: str
    ) -> None:
        async with open_stage(tmp_path, user_images_per_window=allowed) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada, model=model)
            await ada.press(first, "Variations")
            assert len((await stage.result(ada, after=first)).files) == made
            counts = [task.request.count for task in stage.gateway.tasks[1:]]
            assert counts == ([made] if model == NANO_BANANA_2 else [1] * made)
            assert (await stage.services.engine.usage(int(ada.user.id))).left == allowed - 1 - made

    async def test_where_none_is_left_one_is_asked_for_and_refused_with_the_time(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=1) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada)
            answer = await (await ada.press(first, "Variations")).answer()
            assert answer.ephemeral
            assert "used 1 of your 1 pictures per 24 h and asked for 1 more. There is room for that" in answer.content
            assert len(stage.gateway.tasks) == 1

    async def test_an_allowance_that_has_shrunk_below_what_is_used_asks_for_one(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=6) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada)
            await ada.press(first, "Variations")
            await stage.result(ada, after=first)
            await stage.stop_bot()
            stage.settings = stage.settings.model_copy(update={"user_images_per_window": 2})
            await stage.start_bot()
            answer = await (await ada.press(first, "Variations")).answer()
            assert "used 5 of your 2 pictures per 24 h and asked for 1 more" in answer.content

    async def test_it_is_the_allowance_of_whoever_presses(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=3) as stage:
            await stage.start_bot()
            ada, bob = stage.person("ada"), stage.person("bob")
            first = await painted(stage, ada, count=3)
            question = await asked_which(bob, first, "Variations")
            await bob.press(question, "2")
            assert len((await stage.result(bob, after=question)).files) == 3

    async def test_what_is_left_counts_when_the_picture_is_chosen(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=5) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada, count=2)
            question = await asked_which(ada, first, "Variations")
            other = await painted(stage, ada, after=question, prompt="another", count=2)
            await ada.press(question, "1")
            assert len((await stage.result(ada, after=other)).files) == 1

    @pytest.mark.parametrize(
        ("allowed", "made", "said"),
        [
            (2, 1, "asked for 1 more. There is room for that"),
            (7, 4, "asked for 4 more. There is room for 2 of them right now"),
        ],
    )
    async def test_of_two_presses_at_once_the_second_is_told_how_many_are_left(
        self, tmp_path: Path, allowed: int, made: int, said: str
    ) -> None:
        async with open_stage(tmp_path, user_images_per_window=allowed) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada)
            async with undecided(stage):  # both count what is left before either is accepted
                presses = [await ada.press(first, "Variations") for _ in range(2)]
                for press in presses:
                    await press.acknowledgement()
            assert len((await stage.result(ada, after=first)).files) == made
            told = await ada.waits_for(lambda message: "asked for" in message.content)
            assert told.ephemeral
            assert said in told.content
            assert sum(task.request.count for task in stage.gateway.tasks) == 1 + made
            assert (await stage.services.engine.usage(int(ada.user.id))).left == allowed - 1 - made

    async def test_two_presses_for_which_there_is_room_are_both_painted(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=9) as stage:
            await stage.start_bot()
            ada = stage.person()
            first = await painted(stage, ada)
            async with undecided(stage):
                for press in [await ada.press(first, "Variations") for _ in range(2)]:
                    await press.acknowledgement()
            one = await stage.result(ada, after=first)
            two = await stage.result(ada, after=one)
            assert (len(one.files), len(two.files)) == (4, 4)
            assert (await stage.services.engine.usage(int(ada.user.id))).left == 0
