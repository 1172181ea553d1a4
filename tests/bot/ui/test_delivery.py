from dataclasses import replace
from pathlib import Path

import pytest

from bot.client import EaselBot
from bot.errors import DeliveryBlocked, DeliveryInterrupted, DeliveryTooLarge
from bot.jobs.job import Job, JobState
from bot.jobs.order import Route
from bot.jobs.outcome import Outcome, Phase, Picture, Progress
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture

MIB = 1024 * 1024
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def delivered(stage: Stage, person: Person, **options: str | bool) -> Job:
    """A job whose outcome this person sees, as it is written in the end."""
    await person.command("imagine", **{"prompt": "a lighthouse", **options})
    return await stage.tidied(await stage.job_of(await stage.result(person)))


def revived(job: Job, stage: Stage, **changes: object) -> Job:
    """The job as it was when its delivery had just begun."""
    token = next(iter(stage.world.interactions.values())).token
    place = replace(job.place, token=token)
    return replace(job, place=place, delivering_at=stage.clock.now(), message_id=None, **changes)


def outcome(count: int = 1) -> Outcome:
    pictures = tuple(Picture(data=picture(), filename=f"{n}.png", width=32, height=24) for n in range(count))
    return Outcome(pictures=pictures, missing=0, failure=None, seconds=3.0)


async def test_a_message_whose_answer_was_lost_is_not_posted_twice(stage: Stage) -> None:
    stage.fault(MESSAGES, method="POST", drop=True, moment="after")
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await stage.passing(lambda: len(stage.asked("POST", MESSAGES)) == 2)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "one message")
    nonces = {post.body["nonce"] for post in stage.asked("POST", MESSAGES)}
    assert len(nonces) == 1
    assert all(post.body["enforce_nonce"] for post in stage.asked("POST", MESSAGES))


async def test_a_message_that_was_posted_and_answered_502_is_not_posted_twice(stage: Stage) -> None:
    stage.fault(MESSAGES, method="POST", status=502, body="<html>bad gateway</html>", moment="after")
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await ada.waits_until(lambda: len(stage.asked("POST", MESSAGES)) == 2, "the repetition")
    await ada.waits_until(lambda: len(ada.sees()) == 1, "one message")


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


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}}, DeliveryBlocked),
        ({"status": 404, "body": {"code": 10003, "message": "Unknown Channel"}}, DeliveryBlocked),
        ({"status": 400, "body": {"code": 50083, "message": "Thread is archived"}}, DeliveryBlocked),
        ({"status": 401, "body": {"code": 0, "message": "401: Unauthorized"}}, DeliveryBlocked),
        ({"status": 413, "body": "<html>too large</html>"}, DeliveryTooLarge),
        ({"status": 400, "body": {"code": 40005, "message": "Request entity too large"}}, DeliveryTooLarge),
        ({"status": 429, "body": "<html>banned</html>"}, DeliveryInterrupted),
        ({"status": 503, "body": "<html>unavailable</html>"}, DeliveryInterrupted),
        ({"drop": True}, DeliveryInterrupted),
        ({"status": 200, "body": "<html>a proxy's page</html>"}, DeliveryInterrupted),
        ({"status": 200, "body": b"{}", "headers": {"Content-Type": ""}}, DeliveryInterrupted),
    ],
)
async def test_what_discord_says_is_translated_once(
    stage: Stage, answer: dict[str, object], error: type[Exception]
) -> None:
    job = revived(await delivered(stage, stage.person()), stage, id="01abcdefghjkmnpqrstv")
    stage.fault(MESSAGES, method="POST", **answer)
    with pytest.raises(error):
        await stage.bot.delivery.post(job, outcome(), Route.CHANNEL)


VIA = {"Via": "1.1 google"}  # says that Discord itself answers


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (
            {"status": 429, "headers": VIA, "body": {"message": "slower", "retry_after": 1800.5, "global": False}},
            1800.5,
        ),
        ({"status": 429, "headers": {"Retry-After": "86400"}, "body": "<html>banned</html>"}, 3600.0),
        ({"status": 429, "headers": {**VIA, "Retry-After": "40"}, "body": "<html>busy</html>"}, 40.0),
        ({"status": 503, "headers": {"Retry-After": "Wed, 21 Oct 2037 07:28:00 GMT"}, "body": ""}, 0.0),
        ({"drop": True}, 0.0),
    ],
)
async def test_how_long_discord_asks_to_wait_is_known(stage: Stage, answer: dict[str, object], seconds: float) -> None:
    job = revived(await delivered(stage, stage.person()), stage, id="01abcdefghjkmnpqrstv")
    stage.fault(MESSAGES, method="POST", **answer)
    with pytest.raises(DeliveryInterrupted) as interrupted:
        await stage.bot.delivery.post(job, outcome(), Route.CHANNEL)
    assert interrupted.value.retry_after == seconds


async def test_a_page_where_json_was_expected_is_one_more_broken_connection_for_the_answer_too(stage: Stage) -> None:
    ada = stage.person()
    job = revived(await delivered(stage, ada, private=True), stage)
    for answer in ({"status": 200}, {"status": 429, "headers": VIA}):
        stage.fault(ORIGINAL, method="PATCH", body="<html>a proxy's page</html>", **answer)
        with pytest.raises(DeliveryInterrupted):
            await stage.bot.delivery.post(job, outcome(), Route.RESPONSE)


async def test_direct_messages_that_are_closed_are_a_closed_way(stage: Stage) -> None:
    ada = stage.person()
    job = revived(await delivered(stage, ada), stage)
    ada.user.accepts_direct_messages = False
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.post(job, outcome(), Route.DIRECT)


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
