from bot.sandbox.discord.people import Upload
from bot.texts import Text
from bot.ui.forms import PROMPT
from tests.bot.ui.buttons.scene import asked_which, painted
from tests.stage import Stage
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
