"""Requests in words that Discord does not deliver whole, without and with the message content intent."""

from pathlib import Path
from typing import Any

import pytest

from bot.jobs.hints import EVERY
from bot.sandbox.discord.conversation import Mentions, Message
from bot.sandbox.discord.entities import MESSAGE_CONTENT_INTENT
from bot.sandbox.discord.people import Person, Upload
from bot.sandbox.discord.permissions import Permission
from tests.messages import HINT, answered, nothing_happens, outcome_of, painted, sentence
from tests.stage import Stage, open_stage
from tests.workshop import picture

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


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
