import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.sandbox.discord.interactions import interaction_payload
from bot.sandbox.discord.people import Person
from bot.ui.acceptance import DECIDE_WITHIN
from tests.stage import CALLBACK, FOLLOW_UP, MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import until

UNKNOWN_INTERACTION = {"code": 10062, "message": "Unknown interaction"}


@contextmanager
def undecided(stage: Stage) -> Generator[None]:
    """Keep the database busy, so that nothing can be accepted meanwhile."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
    other.close()


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
    with undecided(stage):
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
    with undecided(stage):
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
        with undecided(stage):
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
        with undecided(stage):
            handle = await ada.command("imagine", prompt="one more")
            await stage.passing(lambda: handle.acknowledged)
        await stage.record.wait_for(lambda exchange: exchange.status == 403, 10)
        await stage.settled()
        assert stage.asked("POST", FOLLOW_UP) == ()


async def test_an_expired_interaction_does_not_lose_its_accepted_job(stage: Stage) -> None:
    stage.fault(CALLBACK, status=404, body=UNKNOWN_INTERACTION)
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert result.mentioned == (ada.user.id,)
    assert len(stage.gateway.tasks) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_dropped_acknowledgement_does_not_lose_its_accepted_job(stage: Stage, moment: str) -> None:
    stage.fault(CALLBACK, drop=True, moment=moment)
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")


async def test_an_acknowledgement_that_worked_and_answered_502_is_found_and_tidied(stage: Stage) -> None:
    stage.fault(CALLBACK, status=502, body="<html>bad gateway</html>", moment="after")
    ada = stage.person()
    handle = await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await ada.waits_until(lambda: handle.response is None, "the progress to be gone")
    assert [exchange.status for exchange in stage.asked("POST", CALLBACK)] == [502, 400]
    job = await stage.job_of(await stage.result(ada))
    assert job.response_message_id is not None


async def test_a_deferral_that_fails_does_not_lose_its_accepted_job(stage: Stage) -> None:
    stage.fault(CALLBACK, status=404, body=UNKNOWN_INTERACTION, times=0)
    ada = stage.person()
    with undecided(stage):
        await ada.command("imagine", prompt="a lighthouse")
        await stage.passing(lambda: stage.asked("POST", CALLBACK))
    await stage.result(ada)


async def test_a_private_job_whose_acknowledgement_failed_ends_in_a_direct_message(stage: Stage) -> None:
    stage.fault(CALLBACK, status=404, body=UNKNOWN_INTERACTION)
    ada = stage.person()
    await ada.command("imagine", prompt="a secret", private=True)
    direct = ada.at(stage.world.direct_channel(ada.user))
    assert len((await stage.result(direct)).files) == 1
    assert ada.sees() == ()


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
