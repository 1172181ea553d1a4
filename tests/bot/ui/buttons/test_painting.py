from pathlib import Path

import pytest

from bot.jobs.preferences import Preferences
from bot.media import REFERENCE_BYTES
from bot.sandbox.discord.people import SeenMessage, Upload
from bot.texts import Text
from bot.toapis.catalog import MODELS, NANO_BANANA_2, nearest_ratio, next_resolution
from bot.ui.buttons.painting import UPSCALE_PROMPT
from tests.bot.ui.buttons.scene import asked_which, failed, forge, painted
from tests.pictures import picture as shaded
from tests.stage import Stage, open_stage
from tests.workshop import picture

UPLOADS = "/uploads/images"


def labels(message: SeenMessage) -> list[str]:
    return [button.label for button in message.buttons]


async def test_a_picture_has_its_buttons_in_two_rows_and_a_failure_fewer(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    rows = [[button["label"] for button in row["components"]] for row in result.payload["components"]]
    assert rows == [["Again", "Edit", "Variations", "Upscale to 2K"], ["Full size", "Details", "Delete"]]
    assert labels(await failed(stage, stage.person("bob"))) == ["Again", "Edit", "Details", "Delete"]


async def test_variations_of_words_alone_are_four_from_this_picture_and_the_same_words(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, ratio="16:9", resolution="2K")
    await bob.press(first, "Variations")
    second = await stage.result(bob, after=first)
    assert len(second.files) == 4
    assert second.mentioned == (bob.user.id,)
    before, after = (task.request for task in stage.gateway.tasks)
    assert (after.prompt, after.ratio, after.resolution, after.count) == (before.prompt, "16:9", "2K", 4)
    parent = await stage.job_of(first)
    assert after.image_urls == tuple(original.url for original in parent.originals)
    assert stage.record.matching("POST", UPLOADS) == ()
    assert (await stage.job_of(second)).parent == parent.id
    assert (await stage.services.engine.usage(int(bob.user.id))).images == 4
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 1


async def test_upscale_paints_the_picture_unchanged_at_the_next_resolution_up_to_the_largest(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada, resolution="1K", ratio="16:9", more="search")
    for resolution in ("2K", "4K"):
        parent = await stage.job_of(result)
        await ada.press(result, f"Upscale to {resolution}")
        result = await stage.result(ada, after=result)
        job = await stage.tidied(await stage.job_of(result))
        request = stage.gateway.tasks[-1].request
        assert request.prompt == UPSCALE_PROMPT
        assert (request.ratio, request.resolution, request.count) == ("16:9", resolution, 1)
        assert request.image_urls == (parent.originals[0].url,)
        assert (job.parent, job.request.options) == (parent.id, {})
        assert f"> {UPSCALE_PROMPT}" in result.content
        assert f"16:9 · {resolution} · from 1 picture" in result.content
    assert not [label for label in labels(result) if "Upscale" in label]


async def test_an_edit_is_not_made_again_to_its_own_result_by_upscale(stage: Stage) -> None:
    ada = stage.person()
    wide = Upload("wide.png", picture(size=(320, 180)))
    first = await painted(stage, ada, prompt="make it darker", image1=wide, resolution="1K")
    await ada.press(first, "Upscale to 2K")
    await stage.result(ada, after=first)
    request = stage.gateway.tasks[-1].request
    parent = await stage.job_of(first)
    assert "darker" not in request.prompt
    assert request.image_urls == (parent.originals[0].url,)
    shown = first.files[0]
    assert request.ratio == nearest_ratio(NANO_BANANA_2, shown.width or 1, shown.height or 1)


@pytest.mark.parametrize("model", ["Nano Banana", "Nano Banana (Vertex direct)"])
async def test_upscale_is_not_offered_where_the_model_has_one_resolution(stage: Stage, model: str) -> None:
    result = await painted(stage, stage.person(), model=model)
    assert not [label for label in labels(result) if "Upscale" in label]


async def test_an_upscale_that_was_not_offered_is_refused(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada, resolution="4K")
    job = await stage.job_of(result)
    forge(stage, result, "Variations", f"upscale:{job.id}")
    answer = await (await ada.press(result, "Variations")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.largest"))


def test_the_next_resolution_is_the_catalogues() -> None:
    assert next_resolution(NANO_BANANA_2, None) == "2K"
    assert next_resolution(NANO_BANANA_2, "0.5k") == "1K"
    assert next_resolution(NANO_BANANA_2, "unheard of") is None
    for model in MODELS:
        largest = model.resolutions[-1] if model.resolutions else None
        assert next_resolution(model, largest) is None


@pytest.mark.parametrize("button", ["Variations", "Upscale to 2K"])
async def test_of_several_pictures_one_is_asked_for(stage: Stage, button: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, count=3, ratio="16:9")
    question = await asked_which(bob, first, button)
    assert question.ephemeral
    assert question.text == str(Text("button.which"))
    assert labels(question) == ["1", "2", "3"]
    assert [each.url.partition("?")[0] for each in question.pictures] == [
        each.url.partition("?")[0] for each in first.files
    ]
    await bob.press(question, "2")
    second = await stage.result(bob, after=question)
    assert not second.ephemeral
    parent = await stage.job_of(first)
    assert stage.gateway.tasks[-1].request.image_urls == (parent.originals[1].url,)
    assert (await stage.job_of(second)).parent == parent.id


async def test_the_question_can_be_answered_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    question = await asked_which(ada, await painted(stage, ada, count=2), "Upscale to 2K")
    await stage.stop_bot()
    await stage.start_bot()
    await ada.press(question, "1")
    assert (await stage.result(ada, after=question)).files


@pytest.mark.parametrize("button", ["Variations", "Upscale to 2K"])
async def test_buttons_work_after_a_restart(stage: Stage, button: str) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.press(first, button)
    assert (await stage.result(ada, after=first)).files


@pytest.mark.parametrize("resolution", ["2K", "4K"])
async def test_an_original_that_is_too_large_for_a_reference_is_sent_as_posted(stage: Stage, resolution: str) -> None:
    ada = stage.person()
    original = shaded("PNG", (2_600, 1_400), compress_level=0)
    assert len(original) > REFERENCE_BYTES
    stage.gateway.next_task(picture=original, seconds=0)
    first = await painted(stage, ada, resolution=resolution)
    await ada.press(first, "Variations")
    assert (await stage.result(ada, after=first)).files
    assert len(stage.record.matching("POST", UPLOADS)) == 1


async def test_an_original_that_is_too_large_is_sent_as_posted_where_discord_takes_it_whole(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.guild.tier = 3
        await stage.start_bot()
        ada = stage.person()
        stage.gateway.next_task(picture=shaded("PNG", (2_600, 1_400), compress_level=0), seconds=0)
        first = await painted(stage, ada)
        assert (first.files[0].size or 0) > REFERENCE_BYTES
        await ada.press(first, "Variations")
        assert (await stage.result(ada, after=first)).files
        assert len(stage.record.matching("POST", UPLOADS)) == 1


async def test_an_original_of_4k_is_used_where_it_is_small_enough(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, resolution="4K")
    await ada.press(first, "Variations")
    assert (await stage.result(ada, after=first)).files
    assert stage.record.matching("POST", UPLOADS) == ()


async def test_when_the_original_has_ended_the_posted_copy_is_used(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    stage.clock.advance(25 * 3600)
    await ada.press(first, "Variations")
    await stage.result(ada, after=first)
    assert len(stage.record.matching("POST", UPLOADS)) == 1
    (reference,) = stage.gateway.tasks[-1].references
    assert reference.size == first.files[0].size


async def test_when_the_original_has_ended_the_chosen_copy_is_used(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, count=2)
    stage.clock.advance(25 * 3600)
    question = await asked_which(ada, first, "Variations")
    await ada.press(question, "2")
    await stage.result(ada, after=question)
    (reference,) = stage.gateway.tasks[-1].references
    assert reference.size == first.files[1].size


async def test_with_a_ratio_left_to_easel_that_of_the_picture_is_kept(stage: Stage) -> None:
    ada = stage.person()
    wide = Upload("wide.png", picture(size=(320, 180)))
    first = await painted(stage, ada, image1=wide)
    await ada.press(first, "Variations")
    await stage.result(ada, after=first)
    assert stage.gateway.tasks[-1].request.ratio == "16:9"


@pytest.mark.parametrize(("count", "button"), [(1, "Variations"), (2, "Upscale to 2K")])
async def test_what_comes_of_a_private_outcome_stays_private(stage: Stage, count: int, button: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    last = await painted(stage, ada, private=True, count=count)
    if count > 1:
        last = await asked_which(ada, last, button)
        button = "2"
    await ada.press(last, button)
    result = await stage.result(ada, after=last)
    assert result.ephemeral
    assert (await stage.job_of(result)).place.private
    assert bob.sees() == ()


@pytest.mark.parametrize("button", ["Again", "Variations", "Upscale to 2K"])
async def test_what_comes_of_a_press_is_private_for_whoever_has_it_so_usually(stage: Stage, button: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    await stage.services.preferences.keep(int(bob.user.id), Preferences(private=True))
    handle = await bob.press(first, button)
    await handle.acknowledgement()
    assert handle.ephemeral
    assert (await stage.result(bob, after=first)).ephemeral
    assert len(ada.sees()) == 1


async def test_a_chosen_picture_is_gone_on_from_privately_by_whoever_has_it_so_usually(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, count=2)
    await stage.services.preferences.keep(int(bob.user.id), Preferences(private=True))
    question = await asked_which(bob, first, "Variations")
    await bob.press(question, "2")
    assert (await stage.result(bob, after=question)).ephemeral
    assert len(ada.sees()) == 1


async def test_going_on_works_in_direct_messages(stage: Stage) -> None:
    ada = stage.stranger()
    first = await painted(stage, ada, count=2)
    question = await asked_which(ada, first, "Variations")
    await ada.press(question, "1")
    assert len((await stage.result(ada, after=question)).files) == 4


async def test_going_on_works_in_a_server_without_the_bot(stage: Stage) -> None:
    ada = stage.guest()
    first = await painted(stage, ada, count=2)
    question = await asked_which(ada, first, "Upscale to 2K")
    await ada.press(question, "2")
    assert (await stage.result(ada, after=question)).files
    assert stage.asked("POST", "/channels/{channel_id}/messages") == ()


async def test_a_picture_that_is_not_there_cannot_be_chosen(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, count=2)
    question = await asked_which(ada, first, "Variations")
    forge(stage, question, "2", f"variations:{(await stage.job_of(first)).id}:3")
    answer = await (await ada.press(question, "2")).answer()
    assert answer.content == str(Text("button.no_picture"))
