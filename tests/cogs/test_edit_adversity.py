"""Requests in words that come twice, late or at once, and answers to them that fail."""

import asyncio

import pytest

from tests.messages import answered, outcome_of, painted, submits
from tests.stage import MESSAGES, Stage
from tests.workshop import until


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


async def test_progress_whose_confirmation_never_comes_is_not_shown_a_second_time(stage: Stage) -> None:
    stage.discord.gateway.manners.heartbeat_interval = 1e6  # minutes pass, and discord.py's heart beats in real time
    stage.fault(MESSAGES, method="POST", moment="after", delay=1000.0)
    ada = stage.person()
    await ada.says(f"{stage.mention} a lighthouse")
    result = await ada.waits_for(lambda message: message.files, timeout=100)
    await stage.tidied(await stage.job_of(result))
    assert [message.files != () for message in ada.sees() if message.author == stage.bot_name] == [True]
