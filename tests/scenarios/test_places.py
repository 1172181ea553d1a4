"""Every kind of place that a request comes from, and those where the bot may not post: nobody is left without."""

import pytest

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.discord.entities import FORUM, VOICE_CHANNEL, Channel
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage
from bot.sandbox.discord.permissions import Permission
from tests.stage import MESSAGES, Stage

PLACES = ["channel", "thread", "post", "voice"]
DAY = 24 * 3600.0


def place(stage: Stage, kind: str) -> Channel:
    """A place of this kind in the server."""
    if kind == "thread":
        return stage.guild.add_thread(stage.channel, "pictures")
    if kind == "post":
        return stage.guild.add_thread(stage.guild.add_channel("help", FORUM), "How do I paint?")
    return stage.guild.add_channel("lounge", VOICE_CHANNEL) if kind == "voice" else stage.channel


def shut(stage: Stage, channel: Channel, missing: Permission) -> None:
    """Take a permission from the bot where a channel's permissions are decided."""
    (channel.parent or channel).deny(stage.world.application.bot, missing)


async def painted(stage: Stage, person: Person) -> tuple[InteractionHandle, SeenMessage]:
    handle = await person.command("imagine", prompt="a lighthouse")
    return handle, await stage.result(person)


def assert_is_the_answer(handle: InteractionHandle, result: SeenMessage) -> None:
    assert handle.response is not None
    assert handle.response.id == result.id
    assert not result.ephemeral


@pytest.mark.parametrize("kind", PLACES)
async def test_where_the_bot_may_post_the_result_is_an_ordinary_message_there(stage: Stage, kind: str) -> None:
    channel = place(stage, kind)
    await stage.settled()
    handle, result = await painted(stage, stage.person(channel=channel))
    assert result.channel_id == channel.id
    assert len(stage.asked("POST", MESSAGES)) == 1
    await stage.tidied(await stage.job_of(result))
    assert handle.response is None


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        *((kind, Permission.VIEW_CHANNEL) for kind in PLACES),
        *((kind, Permission.ATTACH_FILES) for kind in PLACES),
        ("channel", Permission.SEND_MESSAGES),
        ("voice", Permission.SEND_MESSAGES),
        ("thread", Permission.SEND_MESSAGES_IN_THREADS),
        ("post", Permission.SEND_MESSAGES_IN_THREADS),
    ],
)
async def test_where_it_may_not_it_knows_before_and_the_answer_becomes_the_result(
    stage: Stage, kind: str, missing: Permission
) -> None:
    channel = place(stage, kind)
    shut(stage, channel, missing)
    await stage.settled()
    handle, result = await painted(stage, stage.person(channel=channel))
    assert_is_the_answer(handle, result)
    assert stage.asked("POST", MESSAGES) == ()
    assert (await stage.job_of(result)).place.route is Route.RESPONSE


@pytest.mark.parametrize("kind", ["thread", "post"])
async def test_in_a_thread_it_takes_the_permission_for_threads_and_no_other(stage: Stage, kind: str) -> None:
    channel = place(stage, kind)
    shut(stage, channel, Permission.SEND_MESSAGES)
    await stage.settled()
    _, result = await painted(stage, stage.person(channel=channel))
    assert result.channel_id == channel.id
    assert len(stage.asked("POST", MESSAGES)) == 1


async def test_while_the_bot_is_timed_out_the_answer_becomes_the_result(stage: Stage) -> None:
    stage.guild.members[stage.world.application.bot.id].timed_out_until = stage.clock.now() + DAY
    handle, result = await painted(stage, stage.person())
    assert_is_the_answer(handle, result)
    assert stage.asked("POST", MESSAGES) == ()


@pytest.mark.parametrize("kind", PLACES)
async def test_a_place_that_closes_while_it_paints_leaves_the_answer(stage: Stage, kind: str) -> None:
    channel = place(stage, kind)
    await stage.settled()
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person(channel=channel)
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    shut(stage, channel, Permission.VIEW_CHANNEL)
    stage.clock.advance(30)
    assert_is_the_answer(handle, await stage.result(ada))
    assert [exchange.status for exchange in stage.asked("POST", MESSAGES)] == [403]


async def test_a_timeout_while_it_paints_leaves_the_answer(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    stage.guild.members[stage.world.application.bot.id].timed_out_until = stage.clock.now() + DAY
    stage.clock.advance(30)
    assert_is_the_answer(handle, await stage.result(ada))


async def test_shut_out_and_too_late_for_the_answer_it_comes_as_a_direct_message(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    shut(stage, stage.channel, Permission.VIEW_CHANNEL)
    stage.clock.advance(15 * 60 + 1)
    home = ada.at(stage.world.direct_channel(ada.user))
    result = await stage.result(home)
    job = await stage.tidied(await stage.job_of(result))
    assert (job.state, job.delivering_route) == (JobState.DELIVERED, Route.DIRECT)


async def test_removed_from_the_server_while_it_paints_the_answer_becomes_the_result(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    del stage.guild.members[stage.world.application.bot.id]
    stage.clock.advance(30)
    assert_is_the_answer(handle, await stage.result(ada))
