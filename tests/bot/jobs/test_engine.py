import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.jobs.job import JobState, TaskState
from bot.jobs.order import Route
from bot.jobs.outcome import Phase
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Refusal as GatewayRefusal
from tests.orders import NANO_BANANA_PRO, order, place
from tests.workshop import Workshop, interrupted, open_workshop, picture, until


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path) as workshop:
        yield workshop


def charges(shop: Workshop) -> list[tuple[str, int]]:
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        rows = connection.execute("SELECT event, pictures FROM charges ORDER BY id").fetchall()
    connection.close()
    return rows


async def used(shop: Workshop) -> int:
    return (await shop.services.engine.usage(1)).images


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


async def test_references_are_rehosted_in_order_and_the_links_are_sent(shop: Workshop) -> None:
    references = tuple(shop.files.reference(n, picture(color)) for n, color in enumerate(("red", "blue"), start=1))
    job = await shop.ended(await shop.accept(references=references))
    assert job.state is JobState.DELIVERED
    (task,) = shop.gateway.tasks
    assert [reference.url for reference in task.references] == [r.uploaded_url for r in job.references]
    assert len(shop.gateway.uploads) == 2
    assert not shop.gateway.key_reached_file_host


async def test_a_reference_that_is_no_picture_ends_the_job_before_anything_is_spent(shop: Workshop) -> None:
    references = (shop.files.reference(1, picture()), shop.files.reference(2, b"<html>sorry</html>"))
    job = await shop.ended(await shop.accept(references=references))
    assert job.state is JobState.FAILED
    assert str(job.failure).startswith("image2: ")
    assert shop.post_of(job).outcome.pictures == ()
    assert shop.gateway.tasks == ()
    assert await used(shop) == 0
    assert charges(shop) == []


async def test_a_reference_that_is_gone_is_named(shop: Workshop) -> None:
    reference = shop.files.reference(1, picture())
    shop.files.files.clear()
    job = await shop.ended(await shop.accept(references=(reference,)))
    assert job.failure is not None
    assert job.failure.key == "download.gone"


async def test_an_upload_that_fails_in_passing_is_made_again(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route="/uploads/images", status=502, body="<html>bad gateway</html>", times=2))
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    assert job.state is JobState.DELIVERED


async def test_an_upload_that_is_refused_ends_the_job(shop: Workshop) -> None:
    body = {"success": False, "message": "Unsupported image type. Allowed: JPEG, PNG, WebP, GIF"}
    shop.gateway.faults.add(Fault(route="/uploads/images", status=400, body=body))
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    assert job.state is JobState.FAILED
    assert shop.gateway.tasks == ()


async def test_a_model_that_makes_one_at_a_time_makes_four_with_four_tasks(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=4))
    assert len(shop.post_of(job).outcome.pictures) == 4
    assert [task.request.count for task in shop.gateway.tasks] == [1, 1, 1, 1]
    assert len({task.business_id for task in shop.gateway.tasks}) == 4


async def test_a_model_that_makes_four_is_asked_once(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(count=4))
    assert len(shop.post_of(job).outcome.pictures) == 4
    assert [task.request.count for task in shop.gateway.tasks] == [4]


async def test_a_partly_failed_job_delivers_what_there_is_and_says_why(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", error={"code": "generation_failed", "message": "upstream had a headache"})
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=3))
    assert job.state is JobState.DELIVERED
    outcome = shop.post_of(job).outcome
    assert (len(outcome.pictures), outcome.missing) == (2, 1)
    assert "headache" in str(outcome.failure)
    assert await used(shop) == 2
    assert sorted(charges(shop)) == [("accepted", 1)] * 3 + [("refunded", 1)]


async def test_a_task_that_brings_fewer_pictures_than_asked_says_so(shop: Workshop) -> None:
    shop.gateway.next_task(pictures=2)
    job = await shop.ended(await shop.accept(count=3))
    assert (len(shop.post_of(job).outcome.pictures), shop.post_of(job).outcome.missing) == (2, 1)
    assert await used(shop) == 2


async def test_a_task_that_brings_more_pictures_than_asked_gives_those_asked_for(shop: Workshop) -> None:
    shop.gateway.next_task(pictures=3)
    job = await shop.ended(await shop.accept(count=1))
    assert len(shop.post_of(job).outcome.pictures) == 1
    assert await used(shop) == 1


async def test_a_job_whose_tasks_all_fail_is_told_and_given_back(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed")
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    post = shop.post_of(job)
    assert post.route is Route.RESPONSE
    assert post.outcome.failure is not None
    assert await used(shop) == 0


async def test_refused_content_is_told_plainly(shop: Workshop) -> None:
    refusal = GatewayRefusal(422, "content_policy_violation", "the prompt was flagged")
    shop.gateway.refuse_next("/images/generations", refusal)
    job = await shop.ended(await shop.accept())
    assert job.failure is not None
    assert job.failure.key == "gateway.content_refused"
    assert await used(shop) == 0


@pytest.mark.parametrize("served", ["text", "html", "truncated"])
async def test_a_result_that_is_no_picture_is_not_posted(shop: Workshop, served: str) -> None:
    shop.gateway.next_task(picture=served)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.pictures == ()
    assert await used(shop) == 0


async def test_a_result_that_is_gone_is_told(shop: Workshop) -> None:
    shop.gateway.next_task(picture="gone")
    job = await shop.ended(await shop.accept())
    assert job.failure is not None
    assert job.failure.key == "job.result_gone"


async def test_a_result_whose_transfer_breaks_is_fetched_again(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route="/generated/{name}", drop=True, times=2))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED


async def test_a_task_that_never_ends_is_given_up_and_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0, job_timeout_seconds=60) as shop:
        shop.gateway.next_task(ending="never")
        job = await shop.ended(await shop.accept())
        assert job.state is JobState.FAILED
        assert job.failure is not None
        assert job.failure.key == "job.timed_out"
        assert await used(shop) == 0


async def test_a_submit_that_is_answered_with_the_end_needs_no_question(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=0)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert shop.gateway.tasks[0].asked_at == []


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


async def test_again_after_an_uploads_lifetime_uploads_anew(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    shop.clock.advance(25 * 3600)
    accepted = await shop.services.engine.again(job.id, place())
    await shop.acknowledge(accepted)
    assert (await shop.ended(accepted.job)).state is JobState.DELIVERED
    assert len(shop.gateway.uploads) == 2


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


async def test_tidying_that_never_succeeds_is_left_to_the_next_start(shop: Workshop) -> None:
    shop.board.tidy_trouble = [interrupted() for _ in range(3)]
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


async def test_a_task_that_the_gateway_forgets_is_told_and_given_back(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0) as shop:
        unknown = {"error": {"code": "task_not_found", "message": "The task does not exist"}}
        shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=404, body=unknown, times=0))
        job = await shop.ended(await shop.accept())
        assert job.failure is not None
        assert job.failure.key == "gateway.task_unknown"
        assert await used(shop) == 0


async def test_an_end_without_times_is_an_end_all_the_same(shop: Workshop) -> None:
    reference = shop.files.reference(1, picture())
    answer = {"id": "img_1", "status": "completed", "result": {"data": [{"url": reference.source_url}]}}
    shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=200, body=answer))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    (duration,) = await shop.services.store.durations()
    assert duration.seconds > 0


async def test_references_that_went_while_the_gateway_was_down_end_what_was_not_submitted(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0) as shop:
        busy = Fault(
            route="/images/generations",
            status=429,
            headers={"Retry-After": "100"},  # longer than the client itself waits
            body={"error": {"code": "rate_limit_exceeded"}},
            times=0,
            nth=2,
        )
        shop.gateway.faults.add(busy)
        reference = shop.files.reference(1, picture())
        job = await shop.accept(model=NANO_BANANA_PRO, count=2, references=(reference,))
        await until(lambda: len(shop.gateway.record.matching("POST", "/images/generations")) == 2)
        await shop.written(job, lambda current: TaskState.PENDING in {task.state for task in current.tasks})
        await shop.stop()
        shop.gateway.faults.clear()
        shop.files.files.clear()
        shop.clock.advance(23.5 * 3600)
        await shop.start()
        job = await shop.ended(job)
        assert job.state is JobState.DELIVERED
        outcome = shop.post_of(job).outcome
        assert (len(outcome.pictures), outcome.missing) == (1, 1)
        assert outcome.failure is not None
        assert outcome.failure.key == "download.gone"


async def test_a_reference_whose_transfer_breaks_is_fetched_again(shop: Workshop) -> None:
    reference = shop.files.reference(1, picture())
    shop.files.broken = 2
    job = await shop.ended(await shop.accept(references=(reference,)))
    assert job.state is JobState.DELIVERED
    assert len(shop.files.asked) == 3


async def test_a_reference_whose_transfer_always_breaks_is_named(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0) as shop:
        reference = shop.files.reference(1, picture())
        shop.files.broken = 100
        job = await shop.ended(await shop.accept(references=(reference,)))
        assert job.failure is not None
        assert job.failure.key == "download.interrupted"


async def test_a_result_whose_transfer_breaks_until_its_link_ends_is_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0) as shop:
        shop.gateway.next_task(lifetime=120)
        shop.gateway.faults.add(Fault(route="/generated/{name}", drop=True, times=0))
        job = await shop.ended(await shop.accept())
        assert job.failure is not None
        assert job.failure.key == "job.result_gone"


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


async def test_bytes_on_their_way_are_held_in_the_budget_and_given_back(shop: Workshop) -> None:
    budget = shop.services.engine._tools.budget
    free: list[int] = []
    shop.files.before_serving = lambda: free.append(budget._free)
    shop.board.before_post = lambda _job, _outcome: free.append(budget._free)
    await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    while_rehosting, while_posting = free
    assert while_rehosting == budget._total - len(picture())
    assert while_posting <= budget._total - 2**20
    assert budget._free == budget._total
