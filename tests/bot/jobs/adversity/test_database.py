"""A database that fails while jobs are under way."""

import sqlite3

import pytest

from bot.jobs.job import JobState
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, picture, until


def statement(shop: Workshop, sql: str) -> None:
    with sqlite3.connect(shop.folder / "easel.db", timeout=30) as connection:
        connection.execute(sql)
    connection.close()


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
