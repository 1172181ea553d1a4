"""Orders, from their acceptance to their outcome, through the whole engine."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.errors import DeliveryInterrupted, Refusal
from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.jobs.outcome import Phase
from tests.bot.jobs.books import charges
from tests.orders import NANO_BANANA_PRO, order, place
from tests.workshop import Workshop, interrupted, open_workshop, picture, until


async def test_words_become_a_picture(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(prompt="a lighthouse"))
    assert job.state is JobState.DELIVERED
    post = shop.post_of(job)
    assert post.route is Route.CHANNEL
    (painted,) = post.outcome.pictures
    assert painted.filename == f"easel-{job.id}-1.png"
    assert (post.outcome.missing, post.outcome.failure) == (0, None)
    assert job.message_id == post.posted.message_id
    assert shop.board.tidied == [job.id]
    assert job.place.token is None, "the interaction's token is forgotten"
    assert charges(shop) == [("accepted", 1)]
    (task,) = shop.gateway.tasks
    assert task.business_id == job.tasks[0].id


async def test_an_order_with_mistakes_is_refused_with_all_of_them(shop: Workshop) -> None:
    with pytest.raises(Refusal) as refused:
        await shop.services.engine.accept(order(prompt=" ", resolution="9K", model=NANO_BANANA_PRO))
    assert {text.key for text in refused.value.texts} == {"check.prompt_empty", "check.resolution_unknown"}


async def test_a_replayed_interaction_finds_its_job_and_starts_nothing(shop: Workshop) -> None:
    wanted = order()
    results = await asyncio.gather(*(shop.services.engine.accept(wanted) for _ in range(5)))
    assert [result.created for result in results].count(True) == 1
    assert len({result.job.id for result in results}) == 1
    await shop.acknowledge(results[0])
    await shop.ended(results[0].job)
    assert not (await shop.services.engine.accept(wanted)).created
    assert len(shop.gateway.tasks) == 1


async def test_again_makes_the_same_picture_for_whoever_asks(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),), prompt="a cat"))
    accepted = await shop.services.engine.again(job.id, place(user_id=42))
    await shop.acknowledge(accepted)
    again = await shop.ended(accepted.job)
    assert (again.request, again.place.user_id) == (job.request, 42)
    assert len(shop.gateway.uploads) == 1, "what is already there is not uploaded again"
    assert (await shop.services.engine.usage(42)).images == 1


async def test_again_of_an_unknown_job_is_refused(shop: Workshop) -> None:
    with pytest.raises(Refusal) as refused:
        await shop.services.engine.again("nonsense", place())
    assert refused.value.text.key == "job.unknown"


async def test_progress_is_shown_only_after_the_acknowledgement(shop: Workshop) -> None:
    accepted = await shop.services.engine.accept(order())
    await until(lambda: shop.gateway.tasks)
    assert shop.board.progresses == []
    await shop.acknowledge(accepted)
    job = await shop.ended(accepted.job)
    phases = [progress.phase for job_id, progress in shop.board.progresses if job_id == job.id]
    assert phases[-1] is Phase.DELIVERING
    assert Phase.PAINTING in phases
    assert job.response_message_id == 77


async def test_a_job_whose_acknowledgement_is_never_reported_is_delivered_all_the_same(shop: Workshop) -> None:
    accepted = await shop.services.engine.accept(order())
    assert (await shop.ended(accepted.job)).state is JobState.DELIVERED


async def test_a_job_whose_acknowledgement_failed_is_delivered_all_the_same(shop: Workshop) -> None:
    accepted = await shop.services.engine.accept(order())
    await shop.services.engine.acknowledged(accepted.job.id, None)
    job = await shop.ended(accepted.job)
    assert job.state is JobState.DELIVERED
    assert job.response_message_id is None


async def test_the_progress_never_goes_back_and_names_an_honest_rest(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=2))
    painting = [p for job_id, p in shop.board.progresses if job_id == job.id and p.phase is Phase.PAINTING]
    assert painting
    fractions = [progress.fraction for progress in painting]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert all(progress.seconds_left is None or progress.seconds_left > 0 for progress in painting)


async def test_tidying_that_breaks_off_is_tried_again(shop: Workshop) -> None:
    shop.board.tidy_trouble = [interrupted(), interrupted()]
    job = await shop.ended(await shop.accept())
    assert shop.board.tidied == [job.id]


async def test_tidying_waits_for_as_long_as_discord_asks(shop: Workshop) -> None:
    shop.board.tidy_trouble = [DeliveryInterrupted("429", retry_after=700.0)]
    began = shop.clock.now()
    await shop.ended(await shop.accept())
    assert shop.clock.now() - began >= 700.0


async def test_tidying_that_never_succeeds_is_left_to_the_next_start(shop: Workshop) -> None:
    shop.board.tidy_trouble = [interrupted() for _ in range(6)]
    job = await shop.accept()
    await until(lambda: not shop.board.tidy_trouble)
    await shop.restart()
    job = await shop.ended(job)
    assert shop.board.tidied == [job.id]
    assert len(shop.board.posts) == 1


async def test_a_stopped_engine_takes_nothing_and_says_so(shop: Workshop) -> None:
    engine = shop.services.engine
    await engine.stop()
    with pytest.raises(Refusal) as refused:
        await engine.accept(order())
    assert refused.value.text.key == "job.stopping"


async def test_a_deleted_outcome_is_written_down(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept())
    await shop.services.engine.outcome_deleted(job.id)
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        (deleted_at,) = connection.execute("SELECT deleted_at FROM jobs").fetchone()
    connection.close()
    assert deleted_at is not None


async def test_what_nobody_takes_is_nobodys_concern(shop: Workshop) -> None:
    await shop.services.engine.acknowledged("nonsense", 1)
    assert await shop.services.engine.job("nonsense") is None


async def test_no_outcome_is_shown_before_it_is_known_how_the_request_was_answered(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=1.0) as shop:
        accepted = await shop.services.engine.accept(order())
        await shop.written(accepted.job, lambda current: current.state is JobState.DELIVERING)
        await asyncio.sleep(0.1)
        assert shop.board.attempts == []
        await shop.acknowledge(accepted)
        assert (await shop.ended(accepted.job)).state is JobState.DELIVERED
