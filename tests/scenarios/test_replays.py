"""Discord says the same thing twice: an event duplicated by its gateway, or replayed to a session that resumes."""

import pytest

from tests.stage import MESSAGES, Stage


@pytest.mark.parametrize("same_sequence", [False, True])
async def test_a_duplicated_command_makes_one_job(
    stage: Stage, caplog: pytest.LogCaptureFixture, same_sequence: bool
) -> None:
    caplog.set_level("INFO")
    ada = stage.person("Ada")
    stage.discord.gateway.duplicate_next("INTERACTION_CREATE", same_sequence=same_sequence)
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "only the picture is left")
    await ada.waits_until(lambda: "came again" in caplog.text, "the second event reached the bot")
    assert len(stage.gateway.tasks) == 1
    assert len(stage.asked("POST", MESSAGES)) == 1


async def test_a_command_given_while_the_bot_was_away_makes_one_job_when_it_resumes(stage: Stage) -> None:
    ada = stage.person("Ada")
    stage.discord.gateway.abort()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "only the picture is left")
    assert len(stage.gateway.tasks) == 1
    assert len(stage.asked("POST", MESSAGES)) == 1
