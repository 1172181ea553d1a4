"""Cancel in `/history`: what is below the progress says and does the same."""

import asyncio
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from bot.texts import Text
from bot.ui.history_panel.page import PAGE
from tests.cancelling import COUNTS, NOTHING, reads, under_way
from tests.history import forge, history_of, labels, painted, prompts, shelf, turned
from tests.messages import answered
from tests.stage import CALLBACK, MESSAGES, Stage, open_stage
from tests.workshop import picture

UPLOAD = "/uploads/images"


async def refused(person: Person, panel: SeenMessage, key: str) -> None:
    """Press the button, and see that it is refused privately."""
    handle = await person.press(panel, "Cancel")
    await person.waits_until(lambda: handle.private_text == str(Text(key)), "a private answer")


async def test_somebody_elses_cannot_be_cancelled_by_forging(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await under_way(stage, ada)
    job = await stage.newest_job()
    await under_way(stage, bob)
    panel = await history_of(bob)
    forge(stage, bob, panel, "Cancel", f"history:cancel:{job.id}:{job.id}")
    await refused(bob, panel, "job.unknown")
    assert (await stage.services.engine.job(job.id) or job).state is JobState.PAINTING


async def test_too_late_is_said_privately_and_the_pictures_come(stage: Stage) -> None:
    ada = stage.person()
    await under_way(stage, ada)
    job = await stage.newest_job()
    panel = await history_of(ada)
    hold = asyncio.Event()
    stage.fault(MESSAGES, method="POST", hold=hold)
    stage.clock.advance(700)
    while job.state is not JobState.DELIVERING:
        job = await stage.services.engine.job(job.id) or job
    assert labels(await history_of(ada)) == ["Again"]
    await refused(ada, panel, "cancel.too_late")
    hold.set()
    assert (await stage.result(ada)).files
    await stage.tidied(job)
    await refused(ada, panel, "cancel.ended")


async def test_cancelled_already_is_said_privately(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    panel = await history_of(ada)
    await ada.press(shown, "Cancel")
    await reads(ada, shown, COUNTS)
    await refused(ada, panel, "cancel.already")


async def test_a_click_that_could_not_be_acknowledged_cancels_all_the_same(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    panel = await history_of(ada)
    stage.fault(CALLBACK, status=404, body={"code": 10062, "message": "Unknown interaction"})
    await ada.press(panel, "Cancel")
    await reads(ada, shown, COUNTS)


async def test_what_is_painted_counts_and_panel_and_progress_say_so(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await painted(stage, ada, "done")
    _, shown = await under_way(stage, ada)
    job = await stage.newest_job()
    panel = await turned(ada, await history_of(ada), "Cancel")
    await reads(bob, shown, COUNTS)
    assert prompts(panel) == ["a lighthouse", "done"]
    assert "counted against your allowance: 1 of 1" in panel.text
    assert labels(panel) == ["Show", "Again", "Delete"] * 2
    stage.clock.advance(700)
    assert (await stage.tidied(job)).state is JobState.CANCELLED
    assert len(stage.asked("POST", MESSAGES)) == 1
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 2


async def test_what_was_not_sent_yet_costs_nothing(stage: Stage) -> None:
    ada = stage.person()
    hold = asyncio.Event()
    stage.fault(UPLOAD, hold=hold)
    shown = await (await ada.command("imagine", prompt="a lighthouse", image1=Upload("a.png", picture()))).answer()
    panel = await turned(ada, await history_of(ada), "Cancel")
    await reads(ada, shown, NOTHING)
    hold.set()
    assert "Nothing was used of your allowance." in panel.text
    assert stage.gateway.tasks == ()
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0


async def test_a_private_one_says_so_where_it_was_asked_for(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    _, shown = await under_way(stage, ada, private=True)
    elsewhere = ada.at(stage.guild.add_channel("elsewhere"))
    panel = await turned(elsewhere, await history_of(elsewhere), "Cancel")
    assert (await reads(ada, shown, COUNTS)).ephemeral
    assert labels(panel) == ["Again", "Delete"]
    assert bob.sees() == ()


async def test_one_whose_answer_no_token_leads_to_any_more(tmp_path: Path) -> None:
    async with open_stage(tmp_path, job_timeout_seconds=3600) as stage:
        await stage.start_bot()
        ada = stage.person()
        stage.gateway.next_task(ending="never")
        shown = await (await ada.command("imagine", prompt="a lighthouse")).answer()
        await stage.submitted()
        stage.clock.advance(15 * 60 + 1)
        await turned(ada, await history_of(ada), "Cancel")
        await reads(ada, shown, COUNTS)


async def test_one_that_was_asked_for_in_words(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(seconds=600.0)
    shown = await answered(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    await stage.submitted()
    await turned(ada, await history_of(ada), "Cancel")
    await reads(ada, shown, COUNTS)


async def test_it_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    _, shown = await under_way(stage, ada)
    panel = await history_of(ada)
    await stage.stop_bot()
    await stage.start_bot()
    await turned(ada, panel, "Cancel")
    await reads(ada, shown, COUNTS)


async def test_of_a_page_of_them_the_chosen_one_is_cancelled(stage: Stage) -> None:
    ada = stage.person()
    filled = await shelf(stage, ada, 1)
    ids = [filled.put(number, state=JobState.PAINTING, token=None) for number in range(1, PAGE)]
    _, shown = await under_way(stage, ada)
    panel = await history_of(ada)
    assert labels(panel).count("Cancel") == PAGE - 1
    running = await stage.newest_job()
    assert running.id not in ids
    await turned(ada, panel, "Cancel")  # the first of them
    await reads(ada, shown, COUNTS)
    states = [(await stage.services.engine.job(each) or running).state for each in ids]
    assert states == [JobState.PAINTING] * len(ids)


@pytest.mark.parametrize("button", ["Again", "Cancel"])
async def test_a_database_that_fails_is_told_in_a_sentence(stage: Stage, button: str) -> None:
    ada = stage.person()
    await under_way(stage, ada)
    panel = await history_of(ada)
    stage.break_database()
    await ada.press(panel, button)
    await ada.waits_for(lambda message: message.ephemeral and message.content == str(Text("internal")))
