"""The button Cancel, pressed by people on the whole bot."""

import asyncio
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.sandbox.discord.people import SeenMessage, Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from bot.ui.cancelling import progress_buttons
from tests.cancelling import COUNTS, NOTHING, current, reads, under_way
from tests.samples import job as a_job
from tests.stage import CALLBACK, MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture, until

UPLOAD = "/uploads/images"


def labels(message: SeenMessage) -> list[str | None]:
    return [button.label for button in message.buttons]


async def test_the_button_is_there_from_the_first_answer_and_stays_while_the_text_changes(stage: Stage) -> None:
    ada = stage.person()
    handle, shown = await under_way(stage, ada)
    assert labels(shown) == ["Cancel"]
    await stage.edited(handle)
    await stage.edited(handle)
    assert labels(current(ada, shown)) == ["Cancel"]


async def test_the_button_is_there_after_a_late_decision(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(seconds=600.0)
    hold = asyncio.Event()
    accept = stage.services.store.accept

    async def slowly(*args: object) -> object:
        await hold.wait()
        return await accept(*args)  # pyright: ignore[reportArgumentType] - passed on as they are

    stage.services.store.accept = slowly  # pyright: ignore[reportAttributeAccessIssue] - a database under load
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.passing(lambda: stage.asked("POST", CALLBACK))
    hold.set()
    await stage.passing(lambda: handle.response and labels(handle.response) == ["Cancel"])


async def test_cancelled_before_anything_was_sent_costs_nothing_and_says_so(stage: Stage) -> None:
    ada = stage.person()
    hold = asyncio.Event()
    stage.fault(UPLOAD, hold=hold)
    handle = await ada.command("imagine", prompt="a lighthouse", image1=Upload("a.png", picture()))
    shown = await handle.answer()
    await ada.press(shown, "Cancel")
    closed = await reads(ada, shown, NOTHING)
    hold.set()
    assert labels(closed) == ["Again", "Edit", "Details", "Delete"]
    assert stage.gateway.tasks == ()
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0


async def test_cancelled_while_it_is_painted_says_what_counts_and_nothing_is_posted(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    _, shown = await under_way(stage, ada)
    job = await stage.newest_job()
    await ada.press(shown, "Cancel")
    await reads(bob, shown, COUNTS)
    stage.clock.advance(700)
    job = await stage.tidied(job)
    assert job.state is JobState.CANCELLED
    assert (job.message_id, job.message_channel_id) == (int(shown.id), int(stage.channel.id))
    assert stage.asked("POST", MESSAGES) == ()
    assert current(ada, shown).content == COUNTS
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 1


async def test_a_failure_after_it_was_cancelled_puts_the_message_right(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(seconds=60.0, ending="failed")
    shown = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    await stage.submitted()
    await ada.press(shown, "Cancel")
    await reads(ada, shown, COUNTS)
    await stage.passing(lambda: current(ada, shown).content == NOTHING)


async def test_progress_does_not_overwrite_it(stage: Stage) -> None:
    ada = stage.person()
    handle, shown = await under_way(stage, ada)
    hold = asyncio.Event()
    stage.fault(ORIGINAL, method="PATCH", hold=hold)
    await stage.passing(lambda: any(edit.route == ORIGINAL for edit in stage.record.exchanges) or stage.faults)
    stage.clock.advance(3)
    await ada.press(shown, "Cancel")
    hold.set()
    await reads(ada, shown, COUNTS)
    stage.clock.advance(20)
    await stage.settled()
    assert handle.response is not None
    assert handle.response.content == COUNTS


async def test_a_private_job_is_cancelled_privately(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    _, shown = await under_way(stage, ada, private=True)
    await ada.press(shown, "Cancel")
    closed = await reads(ada, shown, COUNTS)
    assert closed.ephemeral
    assert bob.sees() == ()


@pytest.mark.parametrize("private", [True, False])
async def test_after_the_commands_token_is_over_the_clicks_own_leads_there(tmp_path: Path, *, private: bool) -> None:
    async with open_stage(tmp_path, job_timeout_seconds=3600) as stage:
        await stage.start_bot()
        ada = stage.person()
        stage.gateway.next_task(seconds=3000.0)
        shown = await (await ada.command("imagine", prompt="a lighthouse", private=private)).answer()
        await stage.submitted()
        stage.clock.advance(16 * 60)
        await ada.press(shown, "Cancel")
        await reads(ada, shown, COUNTS)


async def test_a_click_that_could_not_be_acknowledged_cancels_all_the_same(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    stage.fault(CALLBACK, status=404, body={"code": 10062, "message": "Unknown interaction"})
    await ada.press(shown, "Cancel")
    await reads(ada, shown, COUNTS)


async def test_others_cannot_cancel_it_and_are_told_so_privately_not_even_moderators(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    stage.channel.allow(bob.user, Permission.MANAGE_MESSAGES)
    _, shown = await under_way(stage, ada)
    handle = await bob.press(shown, "Cancel")
    await bob.waits_until(lambda: handle.private_text == str(Text("cancel.not_yours")), "a private answer")
    assert (await stage.newest_job()).state is JobState.PAINTING


async def test_cancelled_twice_is_said_privately(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    first, second = await asyncio.gather(ada.press(shown, "Cancel"), ada.press(shown, "Cancel"))
    await reads(ada, shown, COUNTS)
    await ada.waits_until(
        lambda: {first.private_text, second.private_text} == {None, str(Text("cancel.already"))}, "a private answer"
    )


async def test_too_late_is_said_privately_and_the_pictures_come(stage: Stage) -> None:
    ada = stage.person()
    hold = asyncio.Event()
    stage.fault(MESSAGES, method="POST", hold=hold)
    shown = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    job = await stage.newest_job()
    while job.state is not JobState.DELIVERING:
        job = await stage.services.engine.job(job.id) or job
    handle = await ada.press(shown, "Cancel")
    await ada.waits_until(lambda: handle.private_text == str(Text("cancel.too_late")), "a private answer")
    hold.set()
    assert (await stage.result(ada)).files


async def test_the_button_goes_once_the_outcome_is_on_its_way(stage: Stage) -> None:
    ada = stage.person()
    handle, shown = await under_way(stage, ada)
    hold = asyncio.Event()
    stage.fault(MESSAGES, method="POST", hold=hold)
    stage.clock.advance(700)
    await stage.passing(lambda: current(ada, shown).content.startswith(str(Text("progress.delivering"))))
    assert labels(current(ada, shown)) == []
    hold.set()
    await stage.result(ada)
    await ada.waits_until(lambda: handle.response is None, "the progress to be gone")


async def test_an_outcome_in_the_same_message_has_no_cancel(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse", private=True)
    assert "Cancel" not in labels(await stage.result(ada))


async def test_cancel_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.press(shown, "Cancel")
    await reads(ada, shown, COUNTS)


async def test_stopped_between_the_commit_and_the_edit_it_is_said_after_the_restart(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    stage.fault(ORIGINAL, method="PATCH", status=503, body="<html>unavailable</html>", times=0)
    job = await stage.newest_job()
    await ada.press(shown, "Cancel")
    while job.state is not JobState.CANCELLED:
        job = await stage.services.engine.job(job.id) or job
    await stage.stop_bot()
    stage.faults.clear()
    await stage.start_bot()
    await reads(ada, shown, COUNTS)
    stage.clock.advance(700)
    await stage.tidied(job)
    assert stage.asked("POST", MESSAGES) == ()
    assert len(stage.gateway.tasks) == 1


async def test_again_and_delete_work_below_a_cancelled_job(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    await ada.press(shown, "Cancel")
    closed = await reads(ada, shown, COUNTS)
    await ada.press(closed, "Again")
    assert (await stage.result(ada)).files
    await ada.press(closed, "Delete")
    await ada.waits_until(lambda: shown.id not in [each.id for each in ada.sees()], "the message to be gone")


async def test_nothing_is_kept_in_memory_for_the_buttons_of_jobs(stage: Stage) -> None:
    ada = stage.person()
    for private in (False, True):
        await ada.command("imagine", prompt="a lighthouse", private=private)
    await until(lambda: len([each for each in ada.sees() if each.files]) == 2)
    store = stage.bot._connection._view_store
    assert (store._views, store._synced_message_views) == ({}, {})
    assert progress_buttons(a_job()).is_finished()
