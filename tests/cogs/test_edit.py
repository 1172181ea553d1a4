"""Requests in words: answers to pictures, mentions, direct messages."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.hints import EVERY
from bot.jobs.job import Job, JobState
from bot.jobs.order import Origin
from bot.sandbox.discord.conversation import DEFAULT, Mentions, Message
from bot.sandbox.discord.entities import MESSAGE_CONTENT_INTENT, Channel
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from bot.sandbox.discord.permissions import Permission
from bot.services import open_services
from bot.texts import Text
from bot.ui import render
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import MESSAGES, Stage, open_stage
from tests.workshop import picture, until

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
SUBMIT = "/images/generations"


def sentence(key: str, **values: str | int) -> str:
    return render.sentence(Text(key, values))


HINT = sentence("words.hint", command=str(Text("menu.edit")))


def submits(stage: Stage) -> list[dict[str, object]]:
    """What the gateway was asked for."""
    return [exchange.body for exchange in stage.record.matching("POST", SUBMIT)]


async def painted(stage: Stage, person: Person, prompt: str = "a lighthouse", **options: str) -> SeenMessage:
    """A picture of the bot's in the channel."""
    before = person.sees()
    await person.command("imagine", prompt=prompt, **options)
    result = await stage.result(person, after=before[-1] if before else None)
    await stage.tidied(await stage.job_of(result))
    return result


async def answered(stage: Stage, person: Person, message: SeenMessage) -> SeenMessage:
    """What the bot replies to a message, once the person sees it."""
    return await person.waits_for(lambda seen: seen.author == stage.bot_name and seen.reply_to == message.id)


async def outcome_of(stage: Stage, person: Person, message: SeenMessage) -> tuple[SeenMessage, Job]:
    """The picture that a request in words led to, with its job."""
    result = await stage.result(person, after=message)
    job = await stage.tidied(await stage.job_of(result))
    return result, job


async def nothing_happens(stage: Stage, person: Person) -> None:
    """Give the bot time, and see that it neither spends nor says anything."""
    seen, spent = len(person.sees()), len(stage.gateway.tasks)
    await stage.settled()
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert len(person.sees()) == seen, [str(message) for message in person.sees()]
    assert len(stage.gateway.tasks) == spent


# Answering a picture


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


async def test_the_progress_is_a_reply_without_a_ping_that_moves_and_goes(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    progress = await answered(stage, ada, asked)
    assert progress.mentioned == ()
    assert "a lighthouse" in progress.content
    job = await stage.newest_job()
    await until_written(stage, job)
    await stage.submitted()
    await stage.passing(lambda: stage.asked("PATCH", MESSAGE))
    await stage.passing(lambda: any(message.files for message in ada.sees()))
    await ada.waits_until(lambda: len(ada.sees()) == 2, "only the request and the picture are left")


async def test_the_progress_can_be_cancelled(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    progress = await answered(stage, ada, asked)
    await stage.submitted()
    await ada.press(progress, str(Text("button.cancel")))
    cancelled = await ada.waits_for(lambda seen: seen.id == progress.id and not seen.button("Cancel"))
    assert "ancelled" in cancelled.content
    stage.clock.advance(60)
    await nothing_happens(stage, ada)
    assert not any(message.files for message in ada.sees())


async def until_written(stage: Stage, job: Job) -> Job:
    """Wait until the job's progress message is written down."""
    async with asyncio.timeout(10):
        while job.response_message_id is None:
            await asyncio.sleep(0.005)
            job = await stage.services.engine.job(job.id) or job
    return job


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


# Mentions


async def test_a_mention_with_words_is_a_request(stage: Stage) -> None:
    ada = stage.person()
    asked = await ada.says(f"please {stage.mention} paint a lighthouse")
    _, job = await outcome_of(stage, ada, asked)
    assert job.request.prompt == "please paint a lighthouse"
    assert job.request.model == NANO_BANANA_2
    assert job.parent is None


async def test_a_mention_uses_the_persons_own_choices(stage: Stage) -> None:
    ada = stage.person()
    own = (await stage.services.preferences.of(1)).__class__(model=NANO_BANANA_PRO, ratio="16:9", resolution="2K")
    await stage.services.preferences.keep(int(ada.user.id), own)
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    assert (job.request.model, job.request.size, job.request.resolution) == (NANO_BANANA_PRO, "16:9", "2K")


async def test_a_mention_with_pictures_works_from_them(stage: Stage) -> None:
    ada = stage.person()
    files = [Upload("a.png", picture("red")), Upload("b.png", picture("blue"))]
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} mix them", files=files))
    assert [reference.name for reference in job.references] == ["image1", "image2"]
    assert len(stage.gateway.uploads) == 2


async def test_a_mention_alone_is_answered_with_how_to_ask(stage: Stage) -> None:
    ada = stage.person()
    reply = await answered(stage, ada, await ada.says(f" {stage.mention} "))
    assert reply.content == sentence("words.how_to")


async def test_other_mentions_become_names_and_ping_nobody(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    asked = await ada.says(f"{stage.mention}, {bob.user.mention} in <#{stage.channel.id}> <:cat:123456789012345678>")
    result, job = await outcome_of(stage, ada, asked)
    assert job.request.prompt == f"{bob.user.name} in #{stage.channel.name} :cat:"
    assert result.mentioned == (ada.user.id,)


async def test_words_that_do_not_concern_the_bot_are_left_alone(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    said = await bob.says("look", files=[Upload("cat.png", picture("red"))])
    await ada.says("how nice")
    await ada.says("how nice", reply_to=said)
    await ada.says("@everyone hello")
    await nothing_happens(stage, ada)


async def test_bots_and_webhooks_are_not_listened_to(stage: Stage) -> None:
    ada, robot = stage.person("ada"), stage.person("robot")
    robot.user.bot = True
    await robot.says(f"{stage.mention} a lighthouse")
    await nothing_happens(stage, ada)


async def test_thanks_to_a_failure_cost_nothing(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(ending="failed")
    asked = await ada.says(f"{stage.mention} a lighthouse")
    failure = await ada.waits_for(lambda message: "did not work" in message.content, after=asked)
    await ada.says("thanks", reply_to=failure)
    await ada.says("thanks", reply_to=failure, ping=False)
    await nothing_happens(stage, ada)
    again = await ada.says(f"{stage.mention} a red lighthouse", reply_to=failure)
    _, job = await outcome_of(stage, ada, again)
    assert job.request.prompt == "a red lighthouse"


async def test_editing_or_deleting_the_request_changes_nothing(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    await answered(stage, ada, asked)
    await stage.submitted()
    await ada.edits(asked, f"{stage.mention} a cat")
    await ada.deletes(asked)
    await stage.passing(lambda: any(message.files for message in ada.sees()))
    result = await stage.result(ada)
    assert "a lighthouse" in result.content
    assert result.reply_to is None
    assert len(stage.gateway.tasks) == 1


# What Discord does not deliver


async def test_answering_without_a_ping_leads_to_the_menu_once_an_hour(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    hint = await answered(stage, ada, await ada.says("make it night", reply_to=first, ping=False))
    assert hint.content == HINT
    assert hint.mentioned == ()
    await ada.says("make it night", reply_to=first, ping=False)
    await nothing_happens(stage, ada)
    bob = stage.person("bob")
    assert (await answered(stage, bob, await bob.says("make it night", reply_to=first, ping=False))).content == HINT
    await stage.stop_bot()
    await stage.start_bot()
    await ada.says("make it night", reply_to=first, ping=False)
    await nothing_happens(stage, ada)
    stage.clock.advance(EVERY + 1)
    assert (await answered(stage, ada, await ada.says("now?", reply_to=first, ping=False))).content == HINT
    assert len(stage.gateway.tasks) == 1


async def test_answering_the_answer_to_a_command_leads_to_the_menu(stage: Stage) -> None:
    stage.channel.deny(stage.world.application.bot, Permission.ATTACH_FILES)
    await stage.settled()
    ada = stage.person()
    first = await painted(stage, ada)  # in the command's own answer
    stage.channel.allow(stage.world.application.bot, Permission.ATTACH_FILES)
    await stage.settled()
    assert (await answered(stage, ada, await ada.says("make it night", reply_to=first))).content == HINT
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} make it night", reply_to=first))
    assert job.parent == (await stage.job_of(first)).id


@pytest.mark.parametrize("own", [False, True])
async def test_someone_elses_picture_cannot_be_seen_so_the_menu_is_pointed_to(stage: Stage, own: bool) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    shown = await bob.says("look", files=[Upload("cat.png", picture("red"))])
    files = [Upload("hat.png", picture("blue"))] if own else []
    asked = await ada.says(f"{stage.mention} put a hat on it", reply_to=shown, files=files)
    assert (await answered(stage, ada, asked)).content == HINT
    assert not stage.gateway.tasks


async def test_no_hint_is_given_where_the_bot_may_not_write(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    stage.channel.deny(stage.world.application.bot, Permission.SEND_MESSAGES)
    await stage.settled()
    await ada.says("make it night", reply_to=first, ping=False)
    await ada.says(stage.mention)
    await nothing_happens(stage, ada)
    stage.channel.allow(stage.world.application.bot, Permission.SEND_MESSAGES)
    await stage.settled()
    assert (await answered(stage, ada, await ada.says("night", reply_to=first, ping=False))).content == HINT


# With the message content intent


async def with_intent(stage: Stage) -> None:
    stage.world.application.privileged_intents = MESSAGE_CONTENT_INTENT
    await stage.start_bot()


async def test_with_the_intent_someone_elses_picture_is_worked_from_when_the_bot_is_mentioned(tmp_path: Path) -> None:
    async with open_stage(tmp_path, message_content_intent=True) as stage:
        await with_intent(stage)
        ada, bob = stage.person("ada"), stage.person("bob")
        shown = await bob.says("look", files=[Upload("SPOILER_cat.png", picture("red"))])
        await ada.says("put a hat on it", reply_to=shown)
        await nothing_happens(stage, ada)
        files = [Upload("hat.png", picture("blue"))]
        asked = await ada.says(f"{stage.mention} put a hat on it", reply_to=shown, files=files)
        _, job = await outcome_of(stage, ada, asked)
        assert [reference.filename for reference in job.references] == ["SPOILER_cat.png", "hat.png"]
        assert job.parent is None
        assert job.spoiler
        words = await bob.says("what a day")
        _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a sunny day", reply_to=words))
        assert job.references == ()


async def test_with_the_intent_answers_work_without_a_ping_and_to_the_answers_of_commands(tmp_path: Path) -> None:
    async with open_stage(tmp_path, message_content_intent=True) as stage:
        await with_intent(stage)
        ada = stage.person()
        stage.channel.deny(stage.world.application.bot, Permission.ATTACH_FILES)
        await stage.settled()
        first = await painted(stage, ada)
        stage.channel.allow(stage.world.application.bot, Permission.ATTACH_FILES)
        await stage.settled()
        second, job = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first))
        assert job.parent == (await stage.job_of(first)).id
        _, third = await outcome_of(stage, ada, await ada.says("make it day", reply_to=second, ping=False))
        assert third.parent == job.id


# Direct messages and threads


async def test_direct_words_are_a_request_and_answers_are_edits(stage: Stage) -> None:
    ada = stage.stranger()
    first, job = await outcome_of(stage, ada, await ada.says("a lighthouse --private"))
    assert job.place.guild_id is None
    _, second = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first, ping=False))
    assert second.parent == job.id


async def test_a_direct_answer_to_ones_own_picture_works_from_it(stage: Stage) -> None:
    ada = stage.stranger()
    sent = await ada.says("", files=[Upload("cat.png", picture("red"))])
    assert (await answered(stage, ada, sent)).content == sentence("words.missing")
    asked = await ada.says("give it a hat", reply_to=sent)
    _, job = await outcome_of(stage, ada, asked)
    assert [reference.filename for reference in job.references] == ["cat.png"]


async def test_in_a_thread_it_works_as_in_a_channel(stage: Stage) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    ada = stage.person(channel=thread)
    first, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    asked = await ada.says("make it night", reply_to=first)
    result, second = await outcome_of(stage, ada, asked)
    assert result.channel_id == thread.id
    assert second.parent == job.id


# Permissions


async def direct_to(stage: Stage, person: Person) -> Person:
    return person.at(stage.world.direct_channel(person.user))


@pytest.mark.parametrize(
    ("in_thread", "permission", "name"),
    [
        (False, Permission.SEND_MESSAGES, "Send Messages"),
        (False, Permission.ATTACH_FILES, "Attach Files"),
        (True, Permission.SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
    ],
)
async def test_a_missing_permission_is_told_directly_and_nothing_is_spent(
    stage: Stage, in_thread: bool, permission: Permission, name: str
) -> None:
    channel: Channel = stage.guild.add_thread(stage.channel, "pictures") if in_thread else stage.channel
    ada = stage.person(channel=channel)
    stage.channel.deny(stage.world.application.bot, permission)
    await stage.settled()
    await ada.says(f"{stage.mention} a lighthouse")
    direct = await direct_to(stage, ada)
    told = await direct.waits_for(lambda message: message.author == stage.bot_name)
    assert told.content == sentence("words.no_permission", channel_id=int(channel.id), permission=name)
    await nothing_happens(stage, ada)


async def test_who_takes_no_direct_messages_is_left_alone(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    ada = stage.person()
    ada.user.accepts_direct_messages = False
    stage.channel.deny(stage.world.application.bot, Permission.ATTACH_FILES)
    await stage.settled()
    await ada.says(f"{stage.mention} a lighthouse")
    await until(lambda: "was not told" in caplog.text)
    await nothing_happens(stage, ada)


async def test_without_the_history_the_answers_stand_by_themselves(stage: Stage) -> None:
    stage.channel.deny(stage.world.application.bot, Permission.READ_MESSAGE_HISTORY)
    await stage.settled()
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    result, job = await outcome_of(stage, ada, asked)
    assert result.reply_to is None
    assert job.response_message_id is not None
    await ada.waits_until(lambda: len(ada.sees()) == 2, "only the request and the picture are left")


# Adversity


async def test_an_answer_to_a_message_that_is_gone_is_told_so(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    message = stage.world.message(first.channel_id, first.id)
    assert message is not None
    ghost = ghost_answer(stage, ada, message)
    stage.world.delete(message)
    stage.world.post(ghost)
    gone = await ada.waits_for(lambda seen: seen.reply_to == ghost.id)
    assert gone.content == sentence("words.gone")
    assert len(stage.gateway.tasks) == 1


def ghost_answer(stage: Stage, person: Person, answered: Message) -> Message:
    """An answer that was typed while its message was still there."""
    return Message(
        id=stage.world.snowflake(),
        channel=person.channel,
        author=person.user,
        created_at=stage.world.now(),
        content="make it night",
        type=19,
        mentions=Mentions(users=[stage.world.application.bot.id]),
        reply_to=answered.id,
    )


def leave_out_what_is_answered(stage: Stage) -> None:
    """Have Discord tell of answers without the message that they answer, as it sometimes does."""
    dispatch = stage.world.outbox

    def tell(event: str, data: dict[str, Any]) -> None:
        dispatch(event, {key: value for key, value in data.items() if key != "referenced_message"})

    stage.world.outbox = tell


async def test_a_message_that_does_not_come_along_is_fetched(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    leave_out_what_is_answered(stage)
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} make it night", reply_to=first))
    assert job.parent == (await stage.job_of(first)).id


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 404, "body": {"code": 10008, "message": "Unknown Message"}}, sentence("words.gone")),
        ({"status": 403, "body": {"code": 50001, "message": "Missing Access"}}, HINT),
        ({"drop": True, "times": 0}, HINT),
    ],
)
async def test_a_message_that_cannot_be_fetched_is_not_guessed(stage: Stage, fault: dict[str, Any], words: str) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    leave_out_what_is_answered(stage)
    stage.fault(MESSAGE, method="GET", **fault)
    told = await answered(stage, ada, await ada.says(f"{stage.mention} make it night", reply_to=first))
    assert told.content == words
    assert len(stage.gateway.tasks) == 1


async def test_a_thread_that_is_not_known_is_asked_about(stage: Stage) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    ada = stage.person(channel=thread)
    await stage.settled()
    guild = stage.bot.get_guild(int(stage.guild.id))
    assert guild is not None
    guild._threads.clear()
    result, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    assert result.channel_id == thread.id
    assert job.place.channel_id == int(thread.id)


@pytest.mark.parametrize("status", [403, 503])
async def test_permissions_that_cannot_be_told_keep_nobody_from_asking(stage: Stage, status: int) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    ada = stage.person(channel=thread)
    await stage.settled()
    guild = stage.bot.get_guild(int(stage.guild.id))
    assert guild is not None
    guild._threads.clear()
    stage.fault("/channels/{channel_id}", method="GET", status=status, body={"code": 0, "message": "no"})
    await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))


@pytest.mark.parametrize("same_sequence", [False, True])
async def test_a_request_that_is_told_twice_is_one(
    stage: Stage, caplog: pytest.LogCaptureFixture, same_sequence: bool
) -> None:
    caplog.set_level("INFO")
    ada = stage.person()
    stage.discord.gateway.duplicate_next("MESSAGE_CREATE", same_sequence=same_sequence)
    asked = await ada.says(f"{stage.mention} a lighthouse")
    await outcome_of(stage, ada, asked)
    await until(lambda: "came again" in caplog.text)
    await ada.waits_until(lambda: len(ada.sees()) == 2, "only the request and the picture are left")
    assert len(stage.gateway.tasks) == 1


async def test_a_refusal_that_is_told_twice_is_one(stage: Stage) -> None:
    ada = stage.person()
    stage.discord.gateway.duplicate_next("MESSAGE_CREATE")
    asked = await ada.says(f"{stage.mention} x --wat")
    await answered(stage, ada, asked)
    await until(lambda: len(stage.asked("POST", MESSAGES)) == 2)
    assert len(ada.sees()) == 2


async def test_what_was_said_while_the_connection_was_away_is_heard_after_it_resumes(stage: Stage) -> None:
    ada = stage.person()
    await stage.discord.gateway.go_away()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    stage.discord.gateway.come_back()
    stage.clock.advance(10)
    await outcome_of(stage, ada, asked)
    assert len(stage.gateway.tasks) == 1


async def test_two_answers_at_once_are_two_requests(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    one, two = await asyncio.gather(ada.says("make it night", reply_to=first), bob.says("make it day", reply_to=first))
    for person, asked in ((ada, one), (bob, two)):
        await person.waits_for(lambda seen, asked=asked: seen.reply_to == asked.id and seen.files)
    assert sorted(str(body["prompt"]) for body in submits(stage)[1:]) == ["make it day", "make it night"]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}},
        {"status": 503, "body": "<html>unavailable</html>"},
        {"drop": True, "times": 2},
        {"drop": True, "times": 2, "moment": "after"},
    ],
)
async def test_a_progress_message_that_fails_stops_nothing_and_does_not_stay(
    stage: Stage, fault: dict[str, object]
) -> None:
    stage.fault(MESSAGES, method="POST", **fault)
    ada = stage.person()
    await ada.says(f"{stage.mention} a lighthouse")
    await stage.passing(lambda: any(message.files for message in ada.sees()))
    await ada.waits_until(lambda: len(ada.sees()) == 2, "only the request and the picture are left")
    assert len(stage.gateway.tasks) == 1


async def test_a_progress_message_whose_answer_is_lost_is_not_sent_twice(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    stage.fault(MESSAGES, method="POST", drop=True, moment="after")
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    progress = await answered(stage, ada, asked)
    job = await until_written(stage, await stage.newest_job())
    assert job.response_message_id == int(progress.id)
    assert len(ada.sees()) == 2


async def test_a_progress_message_that_was_sent_and_not_written_down_goes_after_a_restart(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    await answered(stage, ada, asked)
    job = await until_written(stage, await stage.newest_job())
    await stage.submitted()
    await stage.stop_bot()
    await write(stage, job, None)
    await stage.start_bot()
    await stage.passing(lambda: any(message.files for message in ada.sees()))
    await ada.waits_until(lambda: len(ada.sees()) == 2, "only the request and the picture are left")


async def write(stage: Stage, job: Job, response: int | None) -> None:
    """Write another progress message for a job while no bot runs."""
    async with open_services(stage.settings, stage.clock) as services:
        await services.store._update_job(job.id, response_message_id=response)


@pytest.mark.parametrize("known", [False, True])
async def test_a_failure_is_told_where_the_progress_was_even_after_a_restart(stage: Stage, known: bool) -> None:
    stage.gateway.next_task(seconds=20.0, ending="failed")
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    progress = await answered(stage, ada, asked)
    job = await until_written(stage, await stage.newest_job())
    await stage.submitted()
    await stage.stop_bot()
    if not known:
        await write(stage, job, None)
    await stage.start_bot()
    await stage.passing(lambda: any("did not work" in message.content for message in ada.sees()))
    (_, told) = ada.sees()
    assert told.id == progress.id
    job = await stage.tidied(job)
    assert job.state is JobState.FAILED
    assert job.message_id == int(progress.id)


async def test_a_long_message_is_measured_by_the_models_own_limit(stage: Stage) -> None:
    ada = stage.person()
    ada.user.longest_message = 4000
    words = "a " * 1900
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} {words}"))
    assert len(job.request.prompt) == len(words.strip())
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} {words} --model pro"))
    assert "1000" in refusal.content


async def test_a_defect_is_said_and_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    ada = stage.person()
    stage.break_database()
    reply = await answered(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    assert "try again" in reply.content
    assert f"message {reply.reply_to} of user {ada.user.id} failed" in caplog.text


async def test_an_answer_that_discord_does_not_take_is_the_end_of_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.fault(MESSAGES, method="POST", status=403, body={"code": 50013, "message": "Missing Permissions"})
    ada = stage.person()
    await ada.says(stage.mention)
    await until(lambda: "was not answered" in caplog.text)
    assert len(ada.sees()) == 1


async def test_a_system_message_is_nobodys_request(stage: Stage) -> None:
    ada = stage.person()
    message = Message(
        id=stage.world.snowflake(),
        channel=ada.channel,
        author=ada.user,
        created_at=stage.world.now(),
        content=f"{stage.mention} joined",
        type=7,
        mentions=Mentions(users=[stage.world.application.bot.id]),
    )
    assert message.type != DEFAULT
    stage.world.post(message)
    await nothing_happens(stage, ada)
