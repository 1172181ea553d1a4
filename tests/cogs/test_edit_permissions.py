"""Requests in words where the bot may not do everything."""

import pytest

from bot.sandbox.discord.people import Person
from bot.sandbox.discord.permissions import Permission
from tests.messages import nothing_happens, outcome_of, sentence
from tests.stage import Stage
from tests.workshop import until


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
    channel = stage.guild.add_thread(stage.channel, "pictures") if in_thread else stage.channel
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
