from pathlib import Path

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.interactions import interaction_payload
from bot.sandbox.discord.people import Person
from bot.ui.deadlines import DECIDE_WITHIN
from tests.stage import CALLBACK, FOLLOW_UP, MESSAGES, ORIGINAL, Stage, open_stage
from tests.trouble import failing, renamed, undecided, unreadable
from tests.workshop import until

UNKNOWN_INTERACTION = {"code": 10062, "message": "Unknown interaction"}


def kinds(stage: Stage) -> list[int]:
    """The types of the acknowledgements: 4 a message, 5 a deferral."""
    return [exchange.body["type"] for exchange in stage.asked("POST", CALLBACK)]


async def used_up(stage: Stage, person: Person) -> None:
    """Use up an allowance of one picture."""
    await person.command("imagine", prompt="the only one")
    await stage.result(person)
    await person.waits_until(lambda: len(person.sees()) == 1, "the progress to be gone")


async def test_what_is_decided_at_once_is_answered_at_once(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    assert kinds(stage) == [4]


async def test_what_is_decided_late_is_deferred_and_then_shown_in_the_same_place(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    async with undecided(stage):
        handle = await ada.command("imagine", prompt="a lighthouse")
        asked_at = stage.clock.now()
        await stage.passing(lambda: handle.acknowledged)
        assert stage.asked("POST", CALLBACK)[0].at - asked_at >= DECIDE_WITHIN - 0.1
        assert handle.response is not None
        assert handle.response.loading
    assert "> a lighthouse" in (await handle.answer()).content
    await stage.submitted()
    stage.clock.advance(30)
    result = await stage.result(ada)
    assert kinds(stage) == [5]
    assert not result.ephemeral
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")


async def test_a_late_private_acceptance_stays_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    async with undecided(stage):
        handle = await ada.command("imagine", prompt="a lighthouse", private=True)
        await stage.passing(lambda: handle.acknowledged)
        assert handle.ephemeral
    assert (await stage.result(ada)).ephemeral
    assert bob.sees() == ()


@pytest.mark.parametrize("private", [True, False])
async def test_a_late_refusal_is_private_and_leaves_nothing_in_public(tmp_path: Path, private: bool) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada, bob = stage.person("ada"), stage.person("bob")
        await used_up(stage, ada)
        async with undecided(stage):
            handle = await ada.command("imagine", prompt="one more", private=private)
            await stage.passing(lambda: handle.acknowledged)
        answer = await handle.answer()
        assert answer.ephemeral
        assert "You have used 1 of your 1 pictures" in answer.content
        assert len(bob.sees()) == 1
        assert not any(message.loading for message in ada.sees())
        assert len(stage.gateway.tasks) == 1


async def test_a_deferral_that_cannot_be_taken_back_does_not_make_a_refusal_public(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        await used_up(stage, ada)
        stage.fault(ORIGINAL, method="DELETE", status=403, body={"code": 50001, "message": "Missing Access"})
        async with undecided(stage):
            handle = await ada.command("imagine", prompt="one more")
            await stage.passing(lambda: handle.acknowledged)
        await stage.record.wait_for(lambda exchange: exchange.status == 403, 30)
        await stage.settled()
        assert stage.asked("POST", FOLLOW_UP) == ()


async def test_who_is_usually_private_is_so_from_the_first_answer(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await stage.services.preferences.keep(int(ada.user.id), Preferences(private=True))
    handle = await ada.command("imagine", prompt="a lighthouse")
    assert (await handle.answer()).ephemeral
    assert (await stage.result(ada)).ephemeral
    assert kinds(stage) == [4]
    assert bob.sees() == ()


async def test_what_is_chosen_this_time_wins_over_what_is_usual(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(private=True))
    for wanted in ({"prompt": "a fox", "private": False}, {"prompt": "a fox --public"}):
        assert not (await (await ada.command("imagine", **wanted)).answer()).ephemeral


@pytest.mark.parametrize("usual", [None, True, False])
async def test_who_must_be_answered_before_it_is_known_whether_in_public_is_answered_privately(
    stage: Stage, usual: bool | None
) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await stage.services.preferences.keep(int(ada.user.id), Preferences(private=usual, ratio="16:9"))
    async with unreadable(stage):
        handle = await ada.command("imagine", prompt="a lighthouse")
        asked_at = stage.clock.now()
        await stage.passing(lambda: handle.acknowledged)
        assert stage.asked("POST", CALLBACK)[0].at - asked_at >= DECIDE_WITHIN - 0.1
        assert handle.ephemeral
    assert (await stage.result(ada)).ephemeral
    assert bob.sees() == ()
    assert kinds(stage) == [5]
    assert [task.request.ratio for task in stage.gateway.tasks] == ["16:9"]


@pytest.mark.parametrize("private", [True, False])
async def test_what_was_chosen_holds_although_the_usual_is_not_known_in_time(stage: Stage, private: bool) -> None:
    ada = stage.person()
    async with unreadable(stage):
        handle = await ada.command("imagine", prompt="a lighthouse", private=private)
        await stage.passing(lambda: handle.acknowledged)
        assert handle.ephemeral == private
    assert (await stage.result(ada)).ephemeral == private


async def test_a_refusal_after_the_usual_was_not_known_in_time_is_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    async with unreadable(stage):
        handle = await ada.command("imagine", prompt="a lighthouse --foo")
        await stage.passing(lambda: handle.acknowledged)
    await ada.waits_until(lambda: "is not something Easel knows" in (handle.private_text or ""), "the reason")
    assert bob.sees() == ()
    assert stage.gateway.tasks == ()


async def test_usual_choices_that_cannot_be_read_are_told_in_one_sentence(stage: Stage) -> None:
    renamed(stage, "preferences", "elsewhere")
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    answer = await handle.answer()
    assert answer.ephemeral
    assert "please try again" in answer.content
    assert stage.gateway.tasks == ()


async def test_an_acknowledgement_that_cannot_be_written_down_sends_nobody_to_try_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    failing(stage, "BEFORE UPDATE OF response_message_id ON jobs")
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.tidied(await stage.job_of(await stage.result(ada)))
    assert "could not be written down" in caplog.text
    assert [message.files != () for message in ada.sees()] == [True]
    assert handle.followups == ()


async def test_a_deferral_that_fails_does_not_lose_its_accepted_job(stage: Stage) -> None:
    stage.fault(CALLBACK, status=404, body=UNKNOWN_INTERACTION, times=0)
    ada = stage.person()
    async with undecided(stage):
        await ada.command("imagine", prompt="a lighthouse")
        await stage.passing(lambda: stage.asked("POST", CALLBACK))
    await stage.result(ada)


async def test_an_interaction_that_comes_twice_makes_one_job_and_one_answer(stage: Stage) -> None:
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    payload = interaction_payload(stage.world, stage.world.interactions[handle.id])
    stage.world.outbox("INTERACTION_CREATE", payload)
    await stage.result(ada)
    stage.world.outbox("INTERACTION_CREATE", payload)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")
    await (await ada.command("imagine", prompt="")).answer()
    assert len(stage.gateway.tasks) == 1
    assert len(stage.asked("POST", MESSAGES)) == 1
    assert kinds(stage) == [4, 4]


@pytest.mark.exhaustive
async def test_a_hundred_commands_at_once_make_as_many_jobs_as_allowed(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=10) as stage:
        await stage.start_bot()
        ada = stage.person()
        handles = [await ada.command("imagine", prompt="x") for _ in range(100)]
        for handle in handles:
            await handle.acknowledgement()
        await until(lambda: len([message for message in ada.sees() if message.files]) == 10)
        refused = [handle for handle in handles if handle.private_text]
        assert len(refused) == 90
        assert len(stage.gateway.tasks) == 10
