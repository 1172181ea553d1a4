"""Whether an outcome is there already, and what an empty history proves."""

from dataclasses import replace

import pytest

from bot.client import EaselBot
from bot.errors import DeliveryBlocked, DeliveryInterrupted
from bot.jobs.order import Route
from bot.sandbox.discord.permissions import Permission
from tests.bot.ui.deliveries import delivered, outcome, revived
from tests.stage import Stage


async def test_the_outcome_is_found_among_many_messages(stage: Stage) -> None:
    ada = stage.person()
    job = await delivered(stage, ada)
    for number in range(150):
        await ada.says(f"message {number}")
    stage.clock.advance(400)
    second = await delivered(stage, ada)
    found = await stage.bot.delivery.find(replace(second, delivering_at=job.created_at), Route.CHANNEL)
    assert found is not None
    assert found.message_id == second.message_id
    assert await stage.bot.delivery.find(job, Route.CHANNEL) is not None


async def test_someone_elses_message_with_the_same_buttons_is_not_taken_for_the_outcome(stage: Stage) -> None:
    ada = stage.person()
    job = await delivered(stage, ada)
    message = stage.world.message(str(job.place.channel_id), str(job.message_id))
    assert message is not None
    message.author = ada.user
    assert await stage.bot.delivery.find(job, Route.CHANNEL) is None


async def test_an_outcome_that_was_never_posted_is_not_found(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    assert await stage.bot.delivery.find(replace(job, id="01abcdefghjkmnpqrstv"), Route.CHANNEL) is None
    assert await stage.bot.delivery.find(job, Route.DIRECT) is None


async def test_without_permission_to_read_the_history_an_empty_one_proves_nothing(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    stage.channel.deny(stage.world.application.bot, Permission.READ_MESSAGE_HISTORY)
    await stage.settled()
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.find(job, Route.CHANNEL)


async def test_the_history_of_a_thread_has_its_parents_permissions(stage: Stage) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    job = await delivered(stage, stage.person(channel=thread))
    assert await stage.bot.delivery.find(job, Route.CHANNEL) is not None
    stage.channel.deny(stage.world.application.bot, Permission.READ_MESSAGE_HISTORY)
    await stage.settled()
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.find(job, Route.CHANNEL)


async def test_a_guild_that_the_bot_is_not_in_proves_nothing(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    elsewhere = replace(job, place=replace(job.place, guild_id=1))
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.find(elsewhere, Route.CHANNEL)


async def test_before_the_bot_is_connected_it_posts_but_cannot_tell_what_an_empty_history_means(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    async with EaselBot(stage.services) as unconnected:
        await unconnected.login(stage.world.application.token)
        posted = await unconnected.delivery.post(replace(job, id="01abcdefghjkmnpqrstv"), outcome(), Route.CHANNEL)
        assert posted.channel_id == int(stage.channel.id)
        with pytest.raises(DeliveryInterrupted):
            await unconnected.delivery.find(job, Route.CHANNEL)


async def test_a_job_that_outlives_its_process_is_delivered_once_and_tidied(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await handle.answer()
    await stage.submitted()
    await stage.stop_bot()
    stage.clock.advance(30)
    await stage.start_bot()
    await stage.result(ada)
    await ada.waits_until(lambda: handle.response is None, "the progress to be gone")
    assert len(ada.sees()) == 1


async def test_an_outcome_in_the_answer_is_found_there(stage: Stage) -> None:
    job = await delivered(stage, stage.person(), private=True)
    found = await stage.bot.delivery.find(revived(job, stage), Route.RESPONSE)
    assert found is not None
    assert found.message_id == job.response_message_id
