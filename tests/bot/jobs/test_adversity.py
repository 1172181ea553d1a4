"""What goes wrong inside the engine and around it: defects, a failing database, outages, other people's trouble."""

import asyncio
import random
import sqlite3
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.job import ACTIVE_JOBS, Job, JobState, TaskState
from bot.jobs.order import Route
from bot.jobs.outcome import Outcome
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, blocked, interrupted, open_workshop, picture, until

CHANNEL, RESPONSE, DIRECT = Route.CHANNEL, Route.RESPONSE, Route.DIRECT
RESULT = "/generated/{name}"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=2.0, speed=200.0) as workshop:
        yield workshop


def statement(shop: Workshop, sql: str) -> None:
    with sqlite3.connect(shop.folder / "easel.db", timeout=30) as connection:
        connection.execute(sql)
    connection.close()


async def used(shop: Workshop) -> int:
    return (await shop.services.engine.usage(1)).images


# A failing database


@pytest.mark.parametrize(
    ("table", "state"),
    [
        ("tasks", "submitting"),
        ("tasks", "running"),
        ("tasks", "completed"),
        ("jobs", "painting"),
        ("jobs", "delivering"),
        ("jobs", "delivered"),
    ],
)
async def test_a_database_that_fails_for_a_while_delays_and_loses_nothing(
    shop: Workshop, caplog: pytest.LogCaptureFixture, table: str, state: str
) -> None:
    statement(
        shop,
        f"CREATE TRIGGER trouble BEFORE UPDATE ON {table} WHEN new.state = '{state}' "
        "BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END",
    )
    job = await shop.accept()
    await until(lambda: "the database failed" in caplog.text)
    statement(shop, "DROP TRIGGER trouble")
    job = await shop.ended(job)
    assert job.state is JobState.DELIVERED
    assert len(shop.post_of(job).outcome.pictures) == 1
    assert len(shop.gateway.tasks) == 1


async def test_one_task_that_cannot_be_written_does_not_lose_its_paid_siblings(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    statement(
        shop,
        "CREATE TRIGGER trouble BEFORE UPDATE ON tasks WHEN new.state = 'completed' AND new.position = 1 "
        "BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END",
    )
    job = await shop.accept(model=NANO_BANANA_PRO, count=3)
    await until(lambda: "the database failed" in caplog.text)
    statement(shop, "DROP TRIGGER trouble")
    job = await shop.ended(job)
    assert len(shop.post_of(job).outcome.pictures) == 3
    assert shop.gateway.paid_twice == ()


async def test_one_row_that_cannot_be_read_keeps_no_other_job_waiting(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [await shop.accept(), await shop.accept()]
    await shop.stop()
    broken, sound = sorted(jobs, key=lambda job: job.id)
    statement(shop, "UPDATE jobs SET route = 'pigeon' WHERE id = (SELECT min(id) FROM jobs)")
    await shop.start()
    assert (await shop.ended(sound)).state is JobState.DELIVERED
    assert f"job {broken.id} cannot be read" in caplog.text


async def test_what_was_left_unfinished_is_resumed_once_the_database_can_be_read(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    job = await shop.accept()
    await shop.stop()
    statement(shop, "ALTER TABLE tasks RENAME TO elsewhere")
    await shop.start()
    await until(lambda: "cannot be read; it is tried again" in caplog.text)
    statement(shop, "ALTER TABLE elsewhere RENAME TO tasks")
    assert (await shop.ended(job)).state is JobState.DELIVERED


# Defects


async def test_a_defect_in_rehosting_is_told_and_given_back(shop: Workshop) -> None:
    await shop.services.gateway.__aexit__(None, None, None)
    job = await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    assert (job.state, job.tasks[0].state) == (JobState.FAILED, TaskState.FAILED)
    assert await used(shop) == 0


async def test_a_defect_and_a_failing_database_together_are_left_to_the_next_start(
    shop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    statement(
        shop,
        "CREATE TRIGGER trouble BEFORE UPDATE ON jobs WHEN new.state = 'failed' "
        "BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END",
    )
    await shop.services.gateway.__aexit__(None, None, None)
    job = await shop.accept(references=(shop.files.reference(1, picture()),))
    await until(lambda: "the next start tries again" in caplog.text)
    statement(shop, "DROP TRIGGER trouble")
    await shop.restart()
    assert (await shop.ended(job)).state is JobState.FAILED
    shop.post_of(job)


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


async def test_a_file_host_that_is_down_for_minutes_loses_nothing(shop: Workshop) -> None:
    outage = Fault(route=RESULT, status=503, body="<html>later</html>", times=0)
    shop.gateway.faults.add(outage)
    job = await shop.accept()
    end = shop.clock.now() + 300
    await until(lambda: shop.clock.now() > end)
    shop.gateway.faults.clear()
    assert (await shop.ended(job)).state is JobState.DELIVERED


# Others


async def test_one_channel_in_trouble_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=100.0, bytes_in_flight_mib=32) as shop:

        def trouble(job: Job, _outcome: Outcome) -> None:
            if job.place.channel_id == 666:
                raise interrupted()

        shop.board.before_post = trouble
        stuck = await shop.accept(resolution="4K", count=4, channel_id=666)
        await shop.written(stuck, lambda current: current.delivering_route is not None)
        reference = shop.files.reference(1, picture())
        assert (await shop.ended(await shop.accept(user_id=2, references=(reference,)))).state is JobState.DELIVERED
        assert (await shop.job(stuck)).state in ACTIVE_JOBS


async def test_the_time_in_which_the_program_did_not_run_teaches_nothing(shop: Workshop) -> None:
    shop.gateway.every_task(Script(ending="never"))
    jobs = [await shop.accept() for _ in range(5)]
    for job in jobs:
        await shop.written(job, lambda current: current.tasks[0].state is TaskState.RUNNING)
    await shop.stop()
    shop.clock.advance(3 * 3600)
    url = shop.files.reference(1, picture()).source_url
    without_times = {"id": "img_1", "status": "completed", "result": {"data": [{"url": url}]}}
    shop.gateway.faults.add(Fault(route="/images/generations/{key}", status=200, body=without_times, times=0))
    await shop.start()
    for job in jobs:
        assert (await shop.ended(job)).state is JobState.DELIVERED
    assert await shop.services.store.durations() == []


async def test_slow_pictures_in_the_past_do_not_hide_a_quick_one_for_long(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=8.0, speed=600.0) as shop:
        for _ in range(5):
            shop.gateway.next_task(seconds=700)
        for job in [await shop.accept() for _ in range(5)]:
            await shop.ended(job)
        await shop.ended(await shop.accept())
        assert shop.gateway.tasks[-1].asked_at[0] - shop.gateway.tasks[-1].created_at < 100


async def test_progress_is_shown_even_where_all_pictures_so_far_came_at_once(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=60.0) as shop:
        for _ in range(6):
            await shop.ended(await shop.accept())
        shop.gateway.next_task(seconds=60)
        job = await shop.ended(await shop.accept())
        assert len([progress for job_id, progress in shop.board.progresses if job_id == job.id]) > 5


async def test_stopping_waits_for_no_job(shop: Workshop) -> None:
    shop.gateway.next_task(ending="never")
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.RUNNING)
    await shop.stop()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(("job ", "poller", "till"))]
    await shop.start()
