"""The progress of a request in words: a reply of its own, which goes again."""

import pytest

from bot.jobs.job import Job, JobState
from bot.services import open_services
from bot.texts import Text
from tests.messages import answered, nothing_happens, until_written
from tests.stage import MESSAGES, Stage

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


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


@pytest.mark.parametrize("ending", ["completed", "failed"])
async def test_a_progress_message_that_a_moderator_deletes_hides_no_outcome(stage: Stage, ending: str) -> None:
    stage.gateway.next_task(seconds=20.0, ending=ending)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    progress = await answered(stage, ada, asked)
    job = await until_written(stage, await stage.newest_job())
    await stage.submitted()
    message = stage.world.message(progress.channel_id, progress.id)
    assert message is not None
    stage.world.delete(message)
    await stage.passing(lambda: len(ada.sees()) == 2)
    await stage.tidied(job)
    (_, told) = ada.sees()
    assert told.mentioned == (ada.user.id,)
    assert bool(told.files) == (ending == "completed")
