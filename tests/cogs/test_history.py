import json
import sqlite3

import pytest

from bot.jobs.job import JobState
from bot.sandbox.discord.components import THUMBNAIL, walk
from bot.sandbox.discord.conversation import IS_COMPONENTS_V2
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from bot.ui.history_panel.page import PAGE
from tests.clocks import START
from tests.history import forge, history_of, labels, painted, prompts, shelf, thumbnails, turned
from tests.stage import Stage

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
DAY = 24 * 3600.0


# What it shows


async def test_whoever_has_asked_for_nothing_is_told_how_to_begin(stage: Stage) -> None:
    shown = await history_of(stage.person())
    assert shown.text.strip() == str(Text("history.empty"))
    assert shown.buttons == ()


async def test_a_request_is_shown_with_its_picture_its_facts_and_what_can_be_done(stage: Stage) -> None:
    ada = stage.person()
    job = await painted(stage, ada, "a *lighthouse* for <@7>", ratio="16:9", resolution="2K", count=2)
    outcome = await stage.result(ada)
    shown = await history_of(ada)
    assert str(Text("history.header_one")) in shown.text
    assert "> a \\*lighthouse\\* for \\<\\@7\\>" in shown.text
    assert "-# Nano Banana 2 · 16:9 · 2K · 2 pictures" in shown.text
    assert job.finished_at is not None
    assert f"Posted <t:{int(job.finished_at)}:R>." in shown.text
    (picture,) = thumbnails(shown)
    assert picture.partition("?")[0] == outcome.files[0].url.partition("?")[0]
    assert labels(shown) == ["Show", "Again", "Delete"]
    link = shown.button("Show")
    assert link is not None
    assert link.url == f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{outcome.id}"


async def test_the_newest_come_first_and_nobody_elses_are_shown(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await painted(stage, ada, "first")
    await painted(stage, bob, "of bob")
    await painted(stage, ada, "second")
    assert prompts(await history_of(ada)) == ["second", "first"]
    assert prompts(await history_of(bob)) == ["of bob"]
    assert not any(message.ephemeral for message in stage.person("cyd").sees())


async def test_one_in_progress_says_so_and_cannot_be_deleted(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    job = await stage.newest_job()
    shown = await history_of(ada)
    assert "In progress" in shown.text
    assert labels(shown) == ["Again", "Cancel"]
    assert thumbnails(shown) == []
    stage.clock.advance(30)
    await stage.tidied(job)
    assert "Posted" in (await history_of(ada)).text


async def test_a_failed_one_gives_the_reason(stage: Stage) -> None:
    stage.gateway.next_task(ending="failed", error={"code": "generation_failed", "message": "**no** paint left"})
    ada = stage.person()
    await painted(stage, ada)
    shown = await history_of(ada)
    assert "Failed" in shown.text
    assert "\\*\\*no\\*\\* paint left" in shown.text
    assert labels(shown) == ["Show", "Again", "Delete"]


async def test_a_cancelled_one_says_what_was_spent(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    job = await stage.newest_job()
    await ada.press(await handle.answer(), "Cancel")
    await ada.waits_until(lambda: handle.response and "Cancelled" in handle.response.content, "the end of it")
    shown = await history_of(ada)
    assert "Cancelled <t:" in shown.text
    assert "counted against your allowance: 1 of 1." in shown.text
    assert labels(shown) == ["Show", "Again", "Delete"]
    assert prompts(await turned(ada, shown, "Delete")) == []
    stage.clock.advance(60)
    assert (await stage.tidied(job)).state is JobState.CANCELLED


async def test_a_private_one_shows_the_original_while_it_lives_and_nothing_after(stage: Stage) -> None:
    ada = stage.person()
    job = await painted(stage, ada, "a surprise", private=True)
    shown = await history_of(ada)
    assert "Shown to you alone" in shown.text
    assert thumbnails(shown) == [job.originals[0].url]
    assert labels(shown) == ["Again", "Delete"]
    stage.clock.advance(DAY + 10)
    assert thumbnails(await history_of(ada)) == []


@pytest.mark.parametrize("url", ["https://example.com/" + "x" * 2048, "data:image/png;base64,xxxx"])
async def test_an_address_that_discord_would_refuse_costs_only_its_picture(stage: Stage, url: str) -> None:
    ada = stage.person()
    await painted(stage, ada, private=True)
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("UPDATE tasks SET result_urls = ?", [json.dumps([url])])
    other.close()
    shown = await history_of(ada)
    assert prompts(shown) == ["a lighthouse"]
    assert thumbnails(shown) == []


async def test_the_picture_is_asked_for_anew_and_shown_after_days(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    (early,) = thumbnails(await history_of(ada))
    stage.clock.advance(3 * DAY)
    (late,) = thumbnails(await history_of(ada))
    assert late != early
    assert late.partition("?")[0] == early.partition("?")[0]


async def test_a_message_that_is_gone_is_said_to_be_and_no_link_leads_there(stage: Stage) -> None:
    ada = stage.person()
    job = await painted(stage, ada)
    message = stage.world.message(stage.channel.id, str(job.message_id))
    assert message is not None
    stage.world.delete(message)
    shown = await history_of(ada)
    assert "the message is no longer there" in shown.text
    assert labels(shown) == ["Again", "Delete"]
    assert thumbnails(shown) == [job.originals[0].url]


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 403, "body": {"code": 50001, "message": "Missing Access"}},
        {"status": 503, "body": "<html>no</html>"},
        {"status": 200, "body": {"unexpected": True}},
        {"drop": "before"},
    ],
)
async def test_where_discord_does_not_show_the_message_the_page_comes_all_the_same(
    stage: Stage, trouble: dict[str, object]
) -> None:
    ada = stage.person()
    job = await painted(stage, ada)
    stage.fault(MESSAGE, method="GET", times=0, **trouble)
    shown = await history_of(ada)
    assert "Posted" in shown.text
    assert thumbnails(shown) == [job.originals[0].url]
    assert labels(shown) == ["Show", "Again", "Delete"]


async def test_a_channel_that_the_bot_was_shut_out_of_keeps_its_entry(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    stage.channel.deny(stage.world.application.bot, Permission.VIEW_CHANNEL)
    await stage.settled()
    stage.clock.advance(2 * DAY)
    shown = await history_of(ada.at(stage.guild.add_channel("elsewhere")))
    assert "Posted" in shown.text
    assert thumbnails(shown) == []


async def test_a_look_that_takes_too_long_is_given_up_and_the_page_comes(stage: Stage) -> None:
    ada = stage.person()
    job = await painted(stage, ada)
    stage.fault(MESSAGE, method="GET", delay=60.0, times=0)
    handle = await ada.command("history")
    await stage.passing(lambda: handle.acknowledged)
    assert handle.ephemeral
    await stage.passing(lambda: handle.response and not handle.response.loading)
    shown = await handle.answer()
    assert shown.payload["flags"] & IS_COMPONENTS_V2
    assert thumbnails(shown) == [job.originals[0].url]
    assert stage.clock.now() < START + 60


async def test_a_spoiler_stays_hidden(stage: Stage) -> None:
    ada = stage.person()
    await painted(stage, ada)
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("UPDATE jobs SET spoiler = 1")
    other.close()
    shown = await history_of(ada)
    (thumbnail,) = [each for each in walk(shown.payload["components"]) if each["type"] == THUMBNAIL]
    assert thumbnail["spoiler"] is True


# Pages


async def test_pages_are_turned_and_say_where_one_is(stage: Stage) -> None:
    ada = stage.person()
    await shelf(stage, ada, 2 * PAGE + 1)
    first = await history_of(ada)
    assert prompts(first) == ["the newest", "number 10", "number 9", "number 8", "number 7"]
    assert "1 to 5 of 11" in first.text
    assert [button.disabled for button in first.buttons if button.label in {"Newer", "Older"}] == [True, False]
    second = await turned(ada, first, "Older")
    assert prompts(second) == [f"number {number}" for number in (6, 5, 4, 3, 2)]
    assert "6 to 10 of 11" in second.text
    third = await turned(ada, second, "Older")
    assert prompts(third) == ["number 1"]
    assert "-# 11 of 11, the newest first" in third.text
    assert [button.disabled for button in third.buttons if button.label in {"Newer", "Older"}] == [False, True]
    assert prompts(await turned(ada, third, "Newer")) == prompts(second)
    assert prompts(await turned(ada, second, "Newer")) == prompts(first)


async def test_new_requests_shift_no_page(stage: Stage) -> None:
    ada = stage.person()
    await shelf(stage, ada, 2 * PAGE)
    first = await history_of(ada)
    await painted(stage, ada, "in between")
    second = await turned(ada, first, "Older")
    assert prompts(second) == [f"number {number}" for number in (5, 4, 3, 2, 1)]
    assert "7 to 11 of 11" in second.text
    assert prompts(await turned(ada, second, "Newer"))[0] == "the newest"


async def test_pages_are_turned_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    await shelf(stage, ada, PAGE + 1)
    first = await history_of(ada)
    await stage.stop_bot()
    await stage.start_bot()
    assert prompts(await turned(ada, first, "Older")) == ["number 1"]


async def test_a_full_page_with_everything_in_it_is_taken_by_discord(stage: Stage) -> None:
    ada = stage.person()
    filled = await shelf(stage, ada, 1)
    words = "*" * 6000
    for number in range(1, 2 * PAGE + 2):
        failed = number % 2
        filled.put(
            number,
            request=f'{{"model": "gemini-3.1-flash-image-preview", "prompt": "{words}", "count": 4, "size": "21:9"}}',
            state="failed" if failed else "delivered",
            failure='{"key": "gateway.failed", "values": {"reason": "' + "_" * 900 + '"}}' if failed else None,
            message_id=stage.world.snowflake(),
        )
    shown = await turned(ada, await history_of(ada), "Older")
    assert len(prompts(shown)) == PAGE
    assert labels(shown).count("Show") >= 2
    assert len(shown.text) < 4000


async def test_a_slow_turn_is_acknowledged_first(stage: Stage) -> None:
    ada = stage.person()
    filled = await shelf(stage, ada, PAGE)
    filled.put(0, message_id=stage.world.snowflake())
    first = await history_of(ada)
    stage.fault(MESSAGE, method="GET", delay=60.0, times=0)
    handle = await ada.press(first, "Older")
    await stage.passing(lambda: handle.acknowledged)
    await stage.passing(lambda: prompts(ada.sees()[-1]) == ["number 0"])


async def test_a_forged_page_shows_only_ones_own(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    job = await painted(stage, bob, "of bob")
    await shelf(stage, ada, PAGE + 1)
    panel = await history_of(ada)
    forge(stage, ada, panel, "Older", f"history:older:{job.id}")
    shown = await turned(ada, panel, "Older")
    assert "of bob" not in prompts(shown)
