"""Defects of our own: told as such, given back, and never silence."""

import pytest

from bot.jobs.job import Job, JobState, TaskState
from bot.jobs.outcome import Outcome
from tests.bot.jobs.books import used
from tests.workshop import Workshop, picture, until


async def test_a_defect_in_rehosting_is_told_and_given_back(shop: Workshop) -> None:
    await shop.services.gateway.__aexit__(None, None, None)
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    assert (job.state, job.tasks[0].state) == (JobState.FAILED, TaskState.FAILED)
    assert await used(shop) == 0


async def test_a_defect_in_telling_the_operator_is_logged(shop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    shop.board.operator_trouble = ValueError("a defect in telling")
    shop.gateway.balance.credit = 0.0
    assert (await shop.ended(await shop.accept())).state is JobState.FAILED
    await until(lambda: "'tell the operator' ended by a defect" in caplog.text)


async def test_a_defect_in_the_paid_call_is_unclear_told_and_given_back(shop: Workshop) -> None:
    await shop.services.gateway.__aexit__(None, None, None)  # every call now raises what nobody foresaw
    job = await shop.ended(await shop.accept())
    assert (job.state, job.tasks[0].state) == (JobState.FAILED, TaskState.UNCLEAR)
    assert await used(shop) == 0
    await until(lambda: [text.key for text in shop.board.operator] == ["operator.unclear"])


async def test_a_defect_in_asking_is_told_and_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="never")
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.RUNNING)
    await shop.services.gateway.__aexit__(None, None, None)
    job = await shop.ended(job)
    assert (job.state, job.tasks[0].state) == (JobState.FAILED, TaskState.FAILED)
    assert job.failure is not None
    assert job.failure.key == "internal"
    assert await used(shop) == 0


async def test_a_defect_in_showing_pictures_is_told_in_words(shop: Workshop) -> None:
    def draw(_job: Job, outcome: Outcome) -> None:
        if outcome.pictures:
            raise ValueError("a defect in drawing")

    shop.board.before_post = draw
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.pictures == ()
    assert await used(shop) == 0


async def test_a_defect_in_showing_anything_ends_the_job_all_the_same(shop: Workshop) -> None:
    def draw(_job: Job, _outcome: Outcome) -> None:
        raise ValueError("a defect in drawing")

    shop.board.before_post = draw
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.UNDELIVERABLE
    assert (await shop.services.engine.usage(1)).jobs == 0


async def test_a_defect_in_tidying_leaves_the_outcome_alone(shop: Workshop, caplog: pytest.LogCaptureFixture) -> None:
    shop.board.tidy_trouble = [ValueError("a defect in tidying")]
    job = await shop.accept()
    await until(lambda: "a defect kept the progress message from being changed" in caplog.text)
    await shop.restart()
    job = await shop.ended(job)
    assert job.state is JobState.DELIVERED
    shop.post_of(job)
