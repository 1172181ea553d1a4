from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import DeliveryBlocked, DeliveryInterrupted
from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.jobs.outcome import Phase, Progress
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from tests.bot.ui.deliveries import delivered, outcome, revived
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage

MIB = 1024 * 1024
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def test_a_file_that_discord_finds_too_large_is_sent_smaller(stage: Stage) -> None:
    stage.fault(MESSAGES, method="POST", status=413, body={"code": 40005, "message": "Request entity too large"})
    stage.gateway.next_task(picture="grainy")
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    assert [post.status for post in stage.asked("POST", MESSAGES)] == [413, 200]


async def test_a_channel_that_closes_meanwhile_leaves_the_answer_itself(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await handle.answer()
    await stage.submitted()
    stage.channel.deny(stage.world.application.bot, Permission.SEND_MESSAGES)
    stage.clock.advance(30)
    result = await stage.result(ada)
    assert handle.response is not None
    assert handle.response.id == result.id
    assert (await stage.tidied(await stage.job_of(result))).delivering_route is Route.RESPONSE


async def test_a_deleted_channel_leaves_a_direct_message(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await handle.answer()
    await stage.submitted()
    stage.channel.deny(stage.world.application.bot, Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    stage.fault(ORIGINAL, method="PATCH", status=404, body={"code": 10008, "message": "Unknown Message"}, times=0)
    stage.clock.advance(30)
    result = await stage.result(ada.at(stage.world.direct_channel(ada.user)))
    assert (await stage.tidied(await stage.job_of(result))).delivering_route is Route.DIRECT


async def test_where_nothing_is_open_the_job_is_undeliverable(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    ada.user.accepts_direct_messages = False
    handle = await ada.command("imagine", prompt="a secret", private=True)
    await handle.answer()
    await stage.submitted()
    stage.clock.advance(15 * 60 + 1)
    job = await stage.newest_job()
    assert (await stage.tidied(job)).state is JobState.UNDELIVERABLE
    assert not any(message.files for message in ada.sees())


async def test_a_long_job_is_posted_after_the_token_is_over_and_the_progress_goes_by_the_bots_own(stage: Stage) -> None:
    stage.gateway.next_task(seconds=14 * 60)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await handle.answer()
    await stage.submitted()
    stage.clock.advance(14 * 60 + 59)
    result = await stage.result(ada)
    assert result.mentioned == (ada.user.id,)


async def test_an_outcome_after_the_token_goes_into_the_answer_by_the_bots_own_token(stage: Stage) -> None:
    ada = stage.person()
    job = await delivered(stage, ada)
    shown = await ada.says("something")
    own = await stage.bot.get_partial_messageable(int(shown.channel_id)).send("painting…")
    late = revived(job, stage, response_message_id=own.id)
    stage.clock.advance(15 * 60 + 1)
    posted = await stage.bot.delivery.post(late, outcome(), Route.RESPONSE)
    assert posted.message_id == own.id
    assert stage.asked("PATCH", MESSAGE)
    assert stage.asked("PATCH", ORIGINAL) == ()


async def test_a_private_answer_is_out_of_reach_after_the_token(stage: Stage) -> None:
    ada = stage.person()
    job = await delivered(stage, ada, private=True)
    late = revived(job, stage)
    stage.clock.advance(15 * 60 + 1)
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.post(late, outcome(), Route.RESPONSE)
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.find(late, Route.RESPONSE)


async def test_an_answer_that_is_gone_is_tidy(stage: Stage) -> None:
    job = revived(await delivered(stage, stage.person()), stage, delivering_route=Route.CHANNEL)
    await stage.bot.delivery.tidy(job)


async def test_a_progress_message_out_of_reach_is_left_alone(stage: Stage) -> None:
    job = revived(await delivered(stage, stage.person()), stage, response_message_id=None)
    stage.clock.advance(15 * 60 + 1)
    await stage.bot.delivery.tidy(job)


async def test_tidying_that_breaks_off_is_told(stage: Stage) -> None:
    job = revived(await delivered(stage, stage.person()), stage)
    stage.fault(ORIGINAL, method="DELETE", drop=True, times=0)  # aiohttp itself repeats a dropped DELETE once
    with pytest.raises(DeliveryInterrupted):
        await stage.bot.delivery.tidy(job)


async def test_progress_reported_late_does_not_overwrite_the_outcome(stage: Stage) -> None:
    ada = stage.person()
    job = revived(await delivered(stage, ada, private=True), stage)
    await stage.bot.delivery.progress(job, Progress(phase=Phase.PAINTING, fraction=0.5))
    await stage.bot.delivery.post(job, outcome(), Route.RESPONSE)
    await stage.bot.delivery.progress(job, Progress(phase=Phase.DELIVERING))
    stage.clock.advance(60)
    await stage.settled()
    (shown,) = ada.sees()
    assert shown.files
    assert "-# Nano Banana 2" in shown.content


async def test_the_operator_is_told_in_a_direct_message(stage: Stage) -> None:
    await stage.bot.delivery.tell_operator(Text("operator.works_again"))
    operator = stage.world.application.owner
    person = Person(stage.world, operator, stage.world.direct_channel(operator))
    assert [message.content for message in person.sees()] == [str(Text("operator.works_again"))]


async def test_another_operator_is_told_if_the_settings_name_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        deputy = stage.world.add_user("deputy")
        stage.settings = stage.settings.model_copy(update={"operator_user_id": int(deputy.id)})
        await stage.start_bot()
        await stage.bot.delivery.tell_operator(Text("operator.works_again"))
        assert len(Person(stage.world, deputy, stage.world.direct_channel(deputy)).sees()) == 1


async def test_an_operator_who_takes_no_messages_is_no_reason_to_fail(stage: Stage) -> None:
    stage.world.application.owner.accepts_direct_messages = False
    await stage.bot.delivery.tell_operator(Text("operator.works_again"))


async def test_several_files_share_what_one_message_may_carry(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    limit, many = stage.bot.delivery.size_limit, replace(job, request=replace(job.request, count=4))
    assert limit(job, Route.CHANNEL) == 10 * MIB
    assert limit(many, Route.CHANNEL) == 25 * MIB // 4


async def test_each_way_has_its_own_limit(stage: Stage) -> None:
    job = await delivered(stage, stage.person())
    limit = stage.bot.delivery.size_limit
    nitro = revived(replace(job, place=replace(job.place, channel_limit=50 * MIB, response_limit=100 * MIB)), stage)
    assert limit(nitro, Route.CHANNEL) == 50 * MIB
    assert limit(nitro, Route.RESPONSE) == 100 * MIB
    assert limit(nitro, Route.DIRECT) == 10 * MIB
    stage.clock.advance(15 * 60 + 1)
    assert limit(nitro, Route.RESPONSE) == 50 * MIB
