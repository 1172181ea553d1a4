import io
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox.discord.people import Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from bot.ui.progress import EDIT_EVERY
from tests import pictures
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture

MIB = 1024 * 1024


async def test_words_become_a_picture_in_the_channel(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse at dusk")
    result = await stage.result(ada)
    assert "> a lighthouse at dusk" in result.content
    assert "Nano Banana 2" in result.content
    (file,) = result.files
    assert file.description == "Nano Banana 2: a lighthouse at dusk"
    assert Image.open(io.BytesIO(await ada.download(file))).size == (file.width, file.height)
    labels = [button.label for button in result.buttons]
    assert labels == ["Again", "Edit", "Variations", "Upscale to 2K", "Full size", "Details", "Delete"]


async def test_the_result_notifies_whoever_asked_and_nobody_else(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt=f"@everyone look at {bob.user.mention}")
    result = await stage.result(ada)
    assert result.mentioned == (ada.user.id,)
    assert not result.payload["mention_everyone"]


async def test_progress_is_shown_first_and_gone_in_the_end(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    shown = await handle.answer()
    assert "> a lighthouse" in shown.content
    assert not shown.ephemeral
    await stage.submitted()
    stage.clock.advance(30)
    await stage.result(ada)
    await ada.waits_until(lambda: handle.response is None, "the progress to be gone")
    assert len(ada.sees()) == 1


async def test_progress_is_edited_only_when_it_reads_differently(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await handle.answer()
    await stage.submitted()
    for _ in range(3):
        await stage.edited(handle)
    stage.clock.advance(30)
    await stage.result(ada)
    texts = [edit.body["content"] for edit in stage.asked("PATCH", ORIGINAL)]
    assert any("Nano Banana 2 is painting" in text for text in texts)
    assert all(earlier != later for earlier, later in pairwise(texts))
    times = [edit.at for edit in stage.asked("PATCH", ORIGINAL)]
    assert all(later - earlier >= EDIT_EVERY - 0.1 for earlier, later in pairwise(times))


async def test_references_reach_the_gateway_in_order(stage: Stage) -> None:
    ada = stage.person()
    await ada.command(
        "imagine",
        prompt="both together",
        image2=Upload("second.png", picture("blue")),
        image1=Upload("first.jpg", picture("red", kind="JPEG")),
    )
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    types = {upload.url: upload.mime_type for upload in stage.gateway.uploads}  # uploaded at once, in any order
    assert [types[reference.url] for reference in task.references] == ["image/jpeg", "image/png"]


@pytest.mark.parametrize("filename", ["photo.heic", "photo"])
async def test_a_photograph_of_a_telephone_reaches_the_gateway_as_a_jpeg(stage: Stage, filename: str) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="x", image1=Upload(filename, pictures.picture("HEIF")))
    await stage.result(ada)
    assert [upload.mime_type for upload in stage.gateway.uploads] == ["image/jpeg"]


async def test_a_reference_that_had_to_be_made_smaller_is_named_in_the_result(stage: Stage) -> None:
    ada = stage.person()
    images = {"image1": Upload("cat.png", picture()), "image2": Upload("poster.jpg", pictures.large_jpeg())}
    await ada.command("imagine", prompt="the cat on the poster", **images)
    result = await stage.result(ada)
    assert "image2 was larger than the image service takes and was made smaller first." in result.content
    assert [upload.pixels for upload in stage.gateway.tasks[0].references] == [(32, 24), (2_600, 4_000)]


async def test_everything_chosen_reaches_the_gateway(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="x", model=NANO_BANANA_PRO, ratio="16:9", resolution="2K")
    result = await stage.result(ada)
    (task,) = stage.gateway.tasks
    assert (task.request.model.id, task.request.ratio, task.request.resolution) == (NANO_BANANA_PRO, "16:9", "2K")
    assert "Nano Banana Pro · 16:9 · 2K" in result.content


async def test_typed_words_are_understood(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="x", ratio="Widescreen", resolution="4k")
    await stage.result(ada)
    (task,) = stage.gateway.tasks
    assert (task.request.ratio, task.request.resolution) == ("16:9", "4K")


async def test_four_pictures_come_in_one_message(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="x", model=NANO_BANANA_PRO, count=4)
    result = await stage.result(ada)
    assert len(result.files) == 4
    assert result.files[2].description == "Nano Banana Pro, picture 3 of 4: x"
    assert len(stage.asked("POST", MESSAGES)) == 1


async def test_all_that_is_wrong_is_said_at_once_and_privately(stage: Stage) -> None:
    ada = stage.person()
    handle = await ada.command(
        "imagine",
        prompt="x" * 1200,
        model=NANO_BANANA_PRO,
        ratio="1:8",
        resolution="9K",
        image1=Upload("notes.txt", b"not a picture"),
    )
    answer = await handle.answer()
    assert answer.ephemeral
    for part in ("1200", "1\\:8", "9K", "image1"):
        assert part in answer.content
    assert answer.content.count("\n- ") == 4
    assert stage.gateway.tasks == ()
    assert len(ada.sees()) == 1
    assert stage.asked("POST", MESSAGES) == ()


async def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(stage: Stage) -> None:
    stage.guild.tier = 3
    ada = stage.person()
    handle = await ada.command("imagine", prompt="x", image1=Upload("huge.png", picture() + bytes(25 * MIB)))
    answer = await handle.answer()
    assert answer.ephemeral
    assert "image1: the file is larger than 25 MiB" in answer.content
    assert stage.record.matching(service="cdn") == ()


async def test_a_used_up_allowance_is_refused_privately_and_says_when_it_returns(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=2) as stage:
        await stage.start_bot()
        ada = stage.person()
        await ada.command("imagine", prompt="x", count=2)
        await stage.result(ada)
        answer = await (await ada.command("imagine", prompt="x")).answer()
        assert answer.ephemeral
        assert "You have used 2 of your 2 pictures" in answer.content
        assert "<t:" in answer.content
        assert len(stage.gateway.tasks) == 1


async def test_a_private_result_is_seen_by_whoever_asked_alone(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    handle = await ada.command("imagine", prompt="a surprise", private=True)
    result = await stage.result(ada)
    assert result.ephemeral
    assert handle.response is not None
    assert handle.response.id == result.id
    assert bob.sees() == ()
    assert stage.asked("POST", MESSAGES) == ()


async def test_it_works_in_direct_messages(stage: Stage) -> None:
    ada = stage.stranger()
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert len(result.files) == 1
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")


async def test_it_works_in_a_thread(stage: Stage) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    ada = stage.person(channel=thread)
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert len(stage.asked("POST", MESSAGES)) == 1
    assert result.channel_id == thread.id


@pytest.mark.parametrize("missing", [Permission.SEND_MESSAGES, Permission.ATTACH_FILES])
async def test_without_permission_to_post_the_answer_itself_becomes_the_result(
    stage: Stage, missing: Permission
) -> None:
    stage.channel.deny(stage.world.application.bot, missing)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert handle.response is not None
    assert handle.response.id == result.id
    assert not result.ephemeral
    assert stage.asked("POST", MESSAGES) == ()


async def test_a_kind_of_channel_that_is_not_known_is_refused_privately(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.channel.type = 99
        await stage.start_bot()
        answer = await (await stage.person().command("imagine", prompt="a lighthouse")).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("ui.place_unknown"))
        assert stage.gateway.tasks == ()


async def test_a_failure_is_told_where_the_progress_was(stage: Stage) -> None:
    stage.gateway.next_task(ending="failed", error={"code": "generation_failed", "message": "**no** paint left"})
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    told = await ada.waits_for(lambda message: "did not work" in message.content)
    assert handle.response is not None
    assert handle.response.id == told.id
    assert "\\*\\*no\\*\\* paint left" in told.content
    assert [button.label for button in told.buttons] == ["Again", "Edit", "Details", "Delete"]


async def test_ratios_are_suggested_for_the_chosen_model(stage: Stage) -> None:
    ada = stage.person()
    pro = await ada.suggestions("imagine", focused="ratio", model=NANO_BANANA_PRO)
    flash = await ada.suggestions("imagine", focused="ratio")
    assert "8:1" in flash.values()
    assert "8:1" not in pro.values()
    assert pro["16:9 widescreen"] == "16:9"


async def test_what_is_typed_narrows_the_suggestions(stage: Stage) -> None:
    ada = stage.person()
    found = await ada.suggestions("imagine", focused="ratio", typed="wide")
    assert next(iter(found.values())) == "16:9"


async def test_resolutions_are_suggested_with_their_pixels(stage: Stage) -> None:
    ada = stage.person()
    found = await ada.suggestions("imagine", focused="resolution", model=NANO_BANANA_PRO, ratio="16:9")
    assert list(found.values()) == ["1K", "2K", "4K"]
    assert "2752 × 1536" in next(name for name, value in found.items() if value == "2K")


async def test_a_model_without_resolutions_suggests_none(stage: Stage) -> None:
    ada = stage.person()
    assert await ada.suggestions("imagine", focused="resolution", model="gemini-2.5-flash-image-official") == {}


async def test_a_model_that_is_typed_halfway_gives_the_usual_suggestions(stage: Stage) -> None:
    ada = stage.person()
    assert "8:1" in (await ada.suggestions("imagine", focused="ratio", model=NANO_BANANA_2)).values()
