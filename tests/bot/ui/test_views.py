from pathlib import Path

import pytest

from bot.sandbox.discord.people import Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from tests.bot.ui.buttons.scene import forge, painted
from tests.stage import CALLBACK, MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture


async def test_again_paints_the_same_for_whoever_presses(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, ratio="16:9", image1=Upload("a.png", picture()))
    await bob.press(first, "Again")
    second = await stage.result(bob, after=first)
    assert second.mentioned == (bob.user.id,)
    mine, yours = (task.request for task in stage.gateway.tasks)
    assert (mine.prompt, mine.ratio) == (yours.prompt, yours.ratio)
    assert [len(task.references) for task in stage.gateway.tasks] == [1, 1]
    assert (await stage.services.engine.usage(int(bob.user.id))).images == 1
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 1


async def test_again_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.press(first, "Again")
    assert (await stage.result(ada, after=first)).files


async def test_again_below_a_private_result_stays_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, private=True)
    await ada.press(first, "Again")
    assert (await stage.result(ada, after=first)).ephemeral
    assert bob.sees() == ()


async def test_again_is_refused_privately(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        first = await painted(stage, ada)
        answer = await (await ada.press(first, "Again")).answer()
        assert answer.ephemeral
        assert "You have used 1 of your 1 pictures" in answer.content


async def test_again_below_a_failure_tries_once_more(stage: Stage) -> None:
    stage.gateway.next_task(ending="failed")
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    told = await ada.waits_for(lambda message: "did not work" in message.content)
    await ada.press(told, "Again")
    assert (await stage.result(ada)).files


async def test_the_owner_deletes_the_outcome(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    await ada.press(result, "Delete")
    await ada.waits_until(lambda: ada.sees() == (), "the outcome to be gone")


async def test_others_cannot_delete_it_and_are_told_so_privately(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    result = await painted(stage, ada)
    answer = await (await bob.press(result, "Delete")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.not_yours"))
    assert result.id in [message.id for message in ada.sees()]


async def test_a_moderator_deletes_it(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    stage.channel.allow(bob.user, Permission.MANAGE_MESSAGES)
    result = await painted(stage, ada)
    await bob.press(result, "Delete")
    await ada.waits_until(lambda: ada.sees() == (), "the outcome to be gone")


async def test_a_private_outcome_can_be_deleted(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada, private=True)
    await ada.press(result, "Delete")
    await ada.waits_until(lambda: ada.sees() == (), "the outcome to be gone")


async def test_two_who_delete_at_once_meet_no_error(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    stage.fault(ORIGINAL, method="DELETE", status=404, body={"code": 10008, "message": "Unknown Message"})
    handle = await ada.press(result, "Delete")
    await handle.acknowledgement()
    await stage.record.wait_for(lambda exchange: exchange.method == "DELETE" and exchange.status == 404, 30)
    await stage.settled()
    assert handle.private_text is None


@pytest.mark.parametrize("button", ["Again", "Delete"])
@pytest.mark.parametrize("forged", ["nosuchjob", "'; DROP TABLE jobs", "x" * 80])
async def test_a_button_with_a_forged_job_is_answered_privately(stage: Stage, button: str, forged: str) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    forge(stage, result, button, f"{button.lower()}:{forged}")
    answer = await (await ada.press(result, button)).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("job.unknown"))


@pytest.mark.parametrize("button", ["Again", "Delete"])
async def test_a_button_works_only_on_its_own_message(stage: Stage, button: str) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    second = await painted(stage, ada, after=first, prompt="another")
    foreign = first.button(button)
    assert foreign is not None
    forge(stage, second, button, str(foreign.custom_id))
    answer = await (await ada.press(second, button)).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.elsewhere"))


async def test_a_button_that_fails_unexpectedly_says_one_private_sentence(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    stage.break_database()
    answer = await (await ada.press(result, "Again")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("internal"))


async def test_a_click_that_expired_is_no_error_for_anyone(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    stage.fault(CALLBACK, status=404, body={"code": 10062, "message": "Unknown interaction"})
    handle = await ada.press(result, "Delete")
    await stage.record.wait_for(lambda exchange: exchange.status == 404, 30)
    await stage.settled()
    assert handle.followups == ()
    assert len(stage.asked("POST", MESSAGES)) == 1
