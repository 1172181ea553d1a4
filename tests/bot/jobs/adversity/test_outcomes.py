"""Outcomes that only perhaps got through, or that cannot be had: what is shown and what is written agree."""

import random
import struct
import zlib
from pathlib import Path

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from tests.bot.jobs.books import used
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, blocked, interrupted, open_workshop, until

CHANNEL, RESPONSE, DIRECT = Route.CHANNEL, Route.RESPONSE, Route.DIRECT
RESULT = "/generated/{name}"


# The interaction's response


async def test_an_edit_that_got_through_is_not_told_a_second_way_when_the_token_is_over(shop: Workshop) -> None:
    shop.board.refuse(RESPONSE, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept(private=True)
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.clock.advance(20 * 60)
    shop.board.trouble.clear()
    shop.board.refuse(RESPONSE, blocked())
    shop.board.blind = True
    await shop.start()
    job = await shop.ended(job)
    assert job.state is JobState.UNDELIVERABLE
    assert [post.route for post in shop.board.posts] == [RESPONSE]
    assert shop.board.tidied == [], "the response may be the outcome"


async def test_pictures_that_an_edit_showed_are_not_replaced_by_a_failure(shop: Workshop) -> None:
    shop.board.refuse(RESPONSE, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept(route=RESPONSE)
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.clock.advance(48 * 3600)
    shop.board.trouble.clear()
    await shop.start()
    job = await shop.ended(job)
    assert (job.state, job.failure) == (JobState.DELIVERED, None)
    assert len(shop.post_of(job).outcome.pictures) == 1


async def test_a_response_that_may_be_the_outcome_is_not_tidied_away(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=6000.0) as shop:
        shop.board.refuse(RESPONSE, *[interrupted() for _ in range(500)], after=True)
        job = await shop.ended(await shop.accept(route=RESPONSE))
        assert job.state is JobState.UNDELIVERABLE
        assert [post.route for post in shop.board.posts] == [RESPONSE]
        assert shop.board.tidied == []


# What is shown and what is written agree


async def test_a_failure_found_in_the_history_is_a_failure_and_given_back(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=600.0) as shop:
        shop.gateway.next_task(picture="gone")
        shop.board.refuse(RESPONSE, blocked())
        shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)], after=True)
        job = await shop.ended(await shop.accept())
        assert shop.post_of(job).outcome.pictures == ()
        assert (job.state, await used(shop)) == (JobState.FAILED, 0)


async def test_pictures_that_are_there_are_kept_although_the_results_went_meanwhile(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(3)], after=True)
    job = await shop.accept()
    await until(lambda: shop.board.posts)
    await shop.stop()
    shop.board.trouble.clear()
    shop.gateway.faults.add(Fault(route=RESULT, status=404, body="gone", times=0))
    await shop.start()
    job = await shop.ended(job)
    assert (job.state, await used(shop)) == (JobState.DELIVERED, 1)
    assert len(shop.post_of(job).outcome.pictures) == 1


async def test_pictures_after_a_failure_that_never_got_through_leave_no_failure(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=RESULT, status=404, body="gone"))
    shop.board.refuse(RESPONSE, *[interrupted() for _ in range(4)])
    job = await shop.accept()
    await until(lambda: shop.board.attempts)
    await shop.stop()
    shop.board.trouble.clear()
    await shop.start()
    job = await shop.ended(job)
    assert (job.state, job.failure) == (JobState.DELIVERED, None)
    assert len(shop.post_of(job).outcome.pictures) == 1


# Results


def broken_png() -> bytes:
    """A PNG with sound chunks and checksums, whose pixels are nonsense; too large to be posted as it is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 900, 900, 8, 2, 0, 0, 0)
    junk = random.Random(1).randbytes(600_000)  # noqa: S311 - no secret
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", junk) + chunk(b"IEND", b"")


async def test_a_picture_that_cannot_be_made_to_fit_is_told(shop: Workshop) -> None:
    shop.board.limit = 400 * 1024
    shop.gateway.next_task(picture=broken_png())
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    assert shop.post_of(job).outcome.failure is not None
    assert await used(shop) == 0


async def test_a_picture_that_cannot_be_made_to_fit_takes_no_other_with_it(shop: Workshop) -> None:
    shop.board.limit = 400 * 1024
    shop.gateway.next_task(picture=broken_png())
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=3))
    outcome = shop.post_of(job).outcome
    assert (len(outcome.pictures), outcome.missing) == (2, 1)
    assert outcome.failure is not None
    assert outcome.failure.key == "job.result_unusable"
    assert await used(shop) == 2
