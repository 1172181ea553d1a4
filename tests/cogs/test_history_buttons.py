from pathlib import Path

import pytest

from bot.jobs.job import Job, JobState
from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import InteractionHandle, Person
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from bot.ui.history_panel.page import PAGE
from tests.history import forge, history_of, labels, painted, prompts, shelf, thumbnails, turned
from tests.stage import CALLBACK, FOLLOW_UP, MESSAGES, Stage, open_stage

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


# Again


async def test_again_paints_the_request_where_the_history_was_opened(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    job = await painted(stage, ada, "a lighthouse", ratio="16:9")
    elsewhere = stage.guild.add_channel("elsewhere")
    panel = await history_of(ada.at(elsewhere))
    await ada.at(elsewhere).press(panel, "Again")
    result = await stage.result(bob.at(elsewhere))
    assert "> a lighthouse" in result.content
    assert result.mentioned == (ada.user.id,)
    again = await stage.job_of(result)
    assert (again.parent, again.request.size) == (job.id, "16:9")


async def test_again_of_a_private_request_stays_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await painted(stage, ada, "a surprise", private=True)
    panel = await history_of(ada)
    await ada.press(panel, "Again")
    assert (await stage.result(ada, after=panel)).ephemeral
    assert bob.sees() == ()


async def test_again_is_private_for_whoever_has_it_so_usually(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt="a lighthouse")
    await stage.tidied(await stage.job_of(await stage.result(ada)))
    await stage.services.preferences.keep(int(ada.user.id), Preferences(private=True))
    panel = await history_of(ada)
    await ada.press(panel, "Again")
    assert (await stage.result(ada, after=panel)).ephemeral
    assert len(bob.sees()) == 1


async def test_again_is_charged_and_refused_when_nothing_is_left(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        await painted(stage, ada)
        handle = await ada.press(await history_of(ada), "Again")
        answer = await handle.answer()
        assert answer.ephemeral
        assert "You have used 1 of your 1 pictures" in answer.content
        assert len(stage.gateway.tasks) == 1


async def test_again_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    panel = await history_of(ada)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.press(panel, "Again")
    assert (await stage.result(ada, after=panel)).files


@pytest.mark.parametrize("button", ["Again", "Delete"])
async def test_what_is_somebody_elses_cannot_be_had_by_forging(stage: Stage, button: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    job = await painted(stage, bob, "of bob")
    await painted(stage, ada)
    panel = await history_of(ada)
    action = button.lower()
    custom_id = f"history:{action}:{job.id}" + (f":{job.id}" if action == "delete" else "")
    forge(stage, ada, panel, button, custom_id)
    handle = await ada.press(panel, button)
    assert (await handle.answer()).content == str(Text("job.unknown"))
    assert len(stage.gateway.tasks) == 2
    assert prompts(await history_of(bob)) == ["of bob"]
    assert any(message.files and "of bob" in message.content for message in bob.sees())


# Delete


async def test_delete_takes_the_message_away_and_the_entry_with_it(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await painted(stage, ada, "first")
    await painted(stage, ada, "second")
    panel = await history_of(ada)
    shown = await turned(ada, panel, "Delete")
    assert prompts(shown) == ["first"]
    assert [message.content.count("first") for message in bob.sees()] == [1]
    assert prompts(await history_of(ada)) == ["first"]


async def test_the_last_entry_deleted_leaves_a_word_on_how_to_begin(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    shown = await turned(ada, await history_of(ada), "Delete")
    assert shown.text.strip() == str(Text("history.empty"))


async def test_a_deleted_entry_makes_room_for_the_next_and_a_page_left_empty_gives_way(stage: Stage) -> None:
    ada = stage.person()
    await shelf(stage, ada, PAGE + 1)
    first = await history_of(ada)
    second = await turned(ada, first, "Older")
    assert prompts(second) == ["number 1"]
    assert prompts(await turned(ada, second, "Delete")) == prompts(first)
    again = await turned(ada, await history_of(ada), "Delete")
    assert prompts(again) == [f"number {number}" for number in (5, 4, 3, 2)]


async def test_a_deleted_request_still_counts_against_the_allowance(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    await turned(ada, await history_of(ada), "Delete")
    assert " 1 of 1000" in (await (await ada.command("usage")).answer()).content


async def test_a_message_out_of_reach_stays_and_the_entry_goes(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    elsewhere = ada.at(stage.guild.add_channel("elsewhere"))
    panel = await history_of(elsewhere)
    stage.channel.deny(stage.world.application.bot, Permission.VIEW_CHANNEL)
    await stage.settled()
    handle = await elsewhere.press(panel, "Delete")
    await elsewhere.waits_until(lambda: handle.followups, "a word on it")
    assert handle.followups[0].ephemeral
    assert handle.followups[0].content == str(Text("history.message_stays"))
    assert prompts(await history_of(elsewhere)) == []
    assert any(message.files for message in ada.sees())


async def test_a_message_that_is_gone_already_is_no_trouble(stage: Stage) -> None:
    ada = stage.person()
    job = await painted(stage, ada)
    panel = await history_of(ada)
    message = stage.world.message(stage.channel.id, str(job.message_id))
    assert message is not None
    stage.world.delete(message)
    handle = await ada.press(panel, "Delete")
    await ada.waits_until(lambda: prompts(ada.sees()[-1]) == [], "the entry to go")
    assert handle.followups == ()


async def test_when_discord_fails_nothing_is_deleted_and_it_can_be_tried_again(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    panel = await history_of(ada)
    stage.fault(MESSAGE, method="DELETE", status=503, body="<html>no</html>")
    handle = await ada.press(panel, "Delete")
    assert (await handle.answer()).content == str(Text("history.delete_later"))
    assert prompts(await history_of(ada)) == ["a lighthouse"]
    assert (await turned(ada, panel, "Delete")).text.strip() == str(Text("history.empty"))


async def test_one_in_progress_cannot_be_deleted_by_forging(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada, "done")
    panel = await history_of(ada)
    stage.gateway.next_task(seconds=20.0)
    await ada.command("imagine", prompt="a lighthouse")
    await stage.passing(lambda: len(stage.gateway.tasks) == 2)
    job = await stage.newest_job()
    forge(stage, ada, panel, "Delete", f"history:delete:{job.id}:{job.id}")
    assert (await (await ada.press(panel, "Delete")).answer()).content == str(Text("history.still_active"))
    stage.clock.advance(30)
    assert (await stage.tidied(job)).state is JobState.DELIVERED


# What could not be shown


async def undeliverable(stage: Stage, person: Person) -> Job:
    """A private request whose outcome nobody could be shown: the token is over, direct messages are closed."""
    stage.gateway.next_task(seconds=20.0)
    person.user.accepts_direct_messages = False
    await (await person.command("imagine", prompt="a secret", private=True)).answer()
    job = await stage.newest_job()
    await stage.submitted()
    stage.clock.advance(15 * 60 + 1)
    job = await stage.tidied(job)
    assert job.state is JobState.UNDELIVERABLE
    return job


async def no_notice(stage: Stage, handle: InteractionHandle) -> None:
    await handle.answer()
    await stage.settled()
    await stage.settled()
    assert handle.followups == ()


async def test_what_could_not_be_shown_says_why_and_counts_as_told(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    handle = await ada.command("history")
    shown = await handle.answer()
    assert "Discord left no way" in shown.text
    assert thumbnails(shown) == []
    assert labels(shown) == ["Again", "Delete"]
    await stage.told(ada)
    await no_notice(stage, handle)
    await no_notice(stage, await ada.command("usage"))


async def test_a_page_that_discord_refuses_tells_nothing(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    stage.fault(CALLBACK, method="POST", status=403, body={"code": 50001, "message": "Missing Access"})
    await ada.command("history")
    await stage.record.wait_for(lambda exchange: exchange.route == CALLBACK and exchange.status == 403, 30)
    handle = await ada.command("usage")
    await ada.waits_until(lambda: handle.followups, "a notice")


# Where it works


async def test_it_works_in_direct_messages(stage: Stage) -> None:
    ada = stage.stranger()
    await painted(stage, ada)
    shown = await history_of(ada)
    assert len(thumbnails(shown)) == 1
    link = shown.button("Show")
    assert link is not None
    assert (link.url or "").startswith(f"https://discord.com/channels/@me/{ada.channel.id}/")


async def test_it_works_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest()
    job = await painted(stage, ada)
    shown = await history_of(ada)
    assert thumbnails(shown) == [job.originals[0].url]
    handle = await ada.press(shown, "Delete")
    await ada.waits_until(lambda: handle.followups, "a word on the message that stays")
    assert prompts(await history_of(ada)) == []
    assert len(stage.asked("POST", FOLLOW_UP)) == 1
    assert stage.asked("POST", MESSAGES) == ()


async def test_a_database_that_fails_is_told_in_a_sentence(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    panel = await history_of(ada)
    stage.break_database()
    assert (await (await ada.command("history")).answer()).content == str(Text("internal"))
    for button in ("Again", "Delete"):
        answer = await (await ada.press(panel, button)).answer()
        assert answer.content == str(Text("internal"))
        assert answer.ephemeral
