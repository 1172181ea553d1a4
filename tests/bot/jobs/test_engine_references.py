"""The references of a job in the hands of the engine: transferred, missing, broken."""

from pathlib import Path

from bot.jobs.job import JobState, TaskState
from bot.sandbox.faults import Fault
from tests.bot.jobs.books import charges, used
from tests.orders import NANO_BANANA_PRO, place
from tests.workshop import Workshop, open_workshop, picture, until


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


async def test_again_after_an_uploads_lifetime_uploads_anew(shop: Workshop) -> None:
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    shop.clock.advance(25 * 3600)
    accepted = await shop.services.engine.again(job.id, place())
    await shop.acknowledge(accepted)
    assert (await shop.ended(accepted.job)).state is JobState.DELIVERED
    assert len(shop.gateway.uploads) == 2


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
