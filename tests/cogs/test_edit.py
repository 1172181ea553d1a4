"""Answering a picture with words: an edit of it."""

from pathlib import Path

from bot.jobs.order import Origin
from bot.sandbox.discord.people import Upload
from tests.messages import answered, nothing_happens, outcome_of, painted, sentence, submits
from tests.orders import NANO_BANANA_PRO
from tests.stage import Stage, open_stage
from tests.workshop import picture

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def test_answering_a_picture_edits_it(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    asked = await ada.says("make it night", reply_to=first)
    result, job = await outcome_of(stage, ada, asked)
    assert result.reply_to == asked.id
    assert result.mentioned == (ada.user.id,)
    assert "make it night" in result.content
    before = await stage.job_of(first)
    assert job.parent == before.id
    assert job.place.origin is Origin.MESSAGE
    assert job.place.interaction_id == int(asked.id)
    assert submits(stage)[-1]["image_urls"] == [before.originals[0].url]
    assert not stage.gateway.uploads


async def test_model_ratio_and_resolution_carry_over(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, model="Nano Banana Pro", ratio="16:9", resolution="2K")
    _, job = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first))
    assert (job.request.model, job.request.size, job.request.resolution) == (NANO_BANANA_PRO, "16:9", "2K")


async def test_flags_in_the_words_win_over_what_carries_over(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    asked = await ada.says("make it night --model pro --ratio 3:2 --4k", reply_to=first)
    _, job = await outcome_of(stage, ada, asked)
    request = job.request
    assert (request.model, request.size, request.resolution) == (NANO_BANANA_PRO, "3:2", "4K")
    assert request.prompt == "make it night"


async def test_new_attachments_come_after_the_pictures_that_are_answered(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    asked = await ada.says("put the hat on it", reply_to=first, files=[Upload("hat.png", picture("red"))])
    _, job = await outcome_of(stage, ada, asked)
    assert [reference.name for reference in job.references] == ["image1", "image2"]
    assert job.references[1].filename == "hat.png"
    before = await stage.job_of(first)
    assert submits(stage)[-1]["image_urls"] == [before.originals[0].url, job.references[1].uploaded_url]


async def test_anybody_may_answer_and_it_is_theirs(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    result, job = await outcome_of(stage, bob, await bob.says("make it night", reply_to=first))
    assert job.place.user_id == int(bob.user.id)
    assert result.mentioned == (bob.user.id,)


async def test_a_picture_whose_original_is_gone_is_uploaded_from_the_channel(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    stage.clock.advance(25 * 3600)
    _, job = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first))
    (upload,) = stage.gateway.uploads
    assert submits(stage)[-1]["image_urls"] == [job.references[0].uploaded_url]
    assert upload


async def test_a_picture_answered_before_it_is_written_down_is_known_by_its_file(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    job = await stage.job_of(first)
    await stage.services.store._update_job(job.id, message_id=None)
    _, edited = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first))
    assert edited.parent == job.id


async def test_a_spoiler_stays_one(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    asked = await ada.says("put the hat on it", reply_to=first, files=[Upload("SPOILER_hat.png", picture("red"))])
    _, job = await outcome_of(stage, ada, asked)
    assert job.spoiler


async def test_what_cannot_be_painted_is_refused_with_every_reason_and_costs_nothing(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    asked = await ada.says("x --ratio 5:77 --wat", reply_to=first, files=[Upload("notes.txt", b"words")])
    refusal = await answered(stage, ada, asked)
    assert refusal.mentioned == ()
    assert "5\\:77" in refusal.content
    assert "wat" in refusal.content
    assert "image2" in refusal.content
    assert len(stage.gateway.tasks) == 1


async def test_words_that_are_only_flags_are_no_prompt(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    refusal = await answered(stage, ada, await ada.says("--4k", reply_to=first))
    assert refusal.content == sentence("check.prompt_empty")


async def test_too_many_pictures_for_the_model_are_refused_with_the_reason(stage: Stage) -> None:
    ada = stage.person()
    files = [Upload(f"{n}.png", picture("red")) for n in range(4)]
    asked = await ada.says(f"{stage.mention} all of them --model vertex", files=files)
    refusal = await answered(stage, ada, asked)
    assert "at most 3" in refusal.content
    assert not stage.gateway.tasks


async def test_the_picture_that_is_answered_counts_among_them(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    files = [Upload(f"{n}.png", picture("red")) for n in range(3)]
    refusal = await answered(stage, ada, await ada.says("all of them --model vertex", reply_to=first, files=files))
    assert "at most 3" in refusal.content
    assert len(stage.gateway.tasks) == 1


async def test_private_words_are_not_possible_in_a_channel(stage: Stage) -> None:
    ada = stage.person()
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} a secret --private"))
    assert refusal.content == sentence("words.private")
    assert not stage.gateway.tasks


async def test_a_used_up_allowance_is_told(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        first = await painted(stage, ada)
        refusal = await answered(stage, ada, await ada.says("make it night", reply_to=first))
        assert "You have used 1 of your 1 pictures" in refusal.content
        assert len(stage.gateway.tasks) == 1


async def test_a_picture_without_words_is_asked_about(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    files = [Upload("hat.png", picture("red"))]
    question = await answered(stage, ada, await ada.says("", reply_to=first, files=files))
    assert question.content == sentence("words.missing_answer")
    question = await answered(stage, ada, await ada.says(stage.mention, files=files))
    assert question.content == sentence("words.missing")
    assert len(stage.gateway.tasks) == 1


async def test_a_reaction_to_a_picture_costs_nothing(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    for reaction in ("😂", "!!!", bob.user.mention, "https://tenor.com/view/cat-gif-123"):
        await bob.says(reaction, reply_to=first)
    await nothing_happens(stage, bob)


async def test_a_picture_that_went_before_it_was_fetched_is_told_without_a_word_of_attaching_again(
    stage: Stage,
) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    stage.clock.advance(25 * 3600)
    stage.fault("*", service="cdn", status=404, times=0)
    asked = await ada.says("make it night", reply_to=first)
    told = await ada.waits_for(lambda seen: "did not work" in seen.content, after=asked)
    assert sentence("download.gone", name="image1") in told.content
    assert "again" not in sentence("download.gone", name="image1")
