"""What stands in the database, with odd parts: one request that cannot be read keeps nobody else waiting."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.job import JobState
from tests.fuzz.mutations import fuzzed, mutated
from tests.workshop import Workshop, open_workshop, picture

pytestmark = [pytest.mark.fuzz, pytest.mark.exhaustive]

TEXT = {"key": "job.timed_out", "values": {"minutes": 15}}
REQUEST = {
    "model": "gemini-3.1-flash-image-preview",
    "prompt": "a lighthouse",
    "size": "1:1",
    "resolution": "1K",
    "count": 2,
    "options": {"google_search": True},
}
STORED = st.one_of(
    st.tuples(st.just("UPDATE jobs SET request = ? WHERE id = ?"), mutated(REQUEST)),
    st.tuples(st.just("UPDATE jobs SET failure = ? WHERE id = ?"), mutated(TEXT)),
    st.tuples(st.just("UPDATE tasks SET failure = ? WHERE job_id = ?"), mutated(TEXT)),
    st.tuples(st.just("UPDATE tasks SET result_urls = ? WHERE job_id = ?"), mutated(["https://files.example/1.png"])),
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=20.0) as workshop:
        yield workshop


@fuzzed(8)
@given(STORED)
async def test_a_job_that_cannot_be_read_after_a_restart_keeps_no_other_waiting(
    shop: Workshop, stored: tuple[str, Any]
) -> None:
    statement, value = stored
    odd = await shop.accept()
    sound = await shop.accept(references=(shop.files.reference(1, picture()),))
    await shop.stop()
    write(shop, statement, json.dumps(value), odd.id)
    await shop.start()
    assert (await shop.ended(sound)).state is JobState.DELIVERED
    assert len([post for post in shop.board.posts if post.job_id == odd.id]) <= 1
    running = {task.get_name() for task in shop.services.engine._background}
    assert {"poller", "till"} <= running
    await shop.stop()
    write(shop, "DELETE FROM tasks WHERE job_id = ?", odd.id)
    write(shop, "UPDATE jobs SET state = 'failed', tidied = 1 WHERE id = ?", odd.id)
    await shop.start()


def write(shop: Workshop, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(shop.folder / "easel.db")) as database, database:
        database.execute(statement, values)
