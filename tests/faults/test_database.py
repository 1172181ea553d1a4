"""Every row of the database's faults: at the acceptance, while it is painted, while it is posted, and at the start."""

import asyncio
from pathlib import Path

import pytest

from bot import database
from bot.database import open_database
from bot.errors import StartupError
from bot.jobs.job import Job, JobState
from bot.texts import Text
from tests.databases import new_database
from tests.faults.database import RUNNING, STARTING, DatabaseRow, StartRow
from tests.faults.matrix import Judge
from tests.stage import MESSAGES, Stage
from tests.workshop import until

_SORRY = str(Text("internal"))


def named(row: DatabaseRow | StartRow) -> str:
    return row.name


@pytest.mark.parametrize("row", RUNNING, ids=named)
async def test_what_cannot_be_accepted_is_said_and_not_spent(
    stage: Stage, row: DatabaseRow, caplog: pytest.LogCaptureFixture
) -> None:
    ada = stage.person()
    async with row.trouble(stage):
        handle = await ada.command("imagine", prompt="a lighthouse " * 400)
        answer = await handle.answer()
        assert answer.ephemeral
        assert answer.content.splitlines()[0] == _SORRY
        if not row.leaves_room:
            said = await ada.says(f"{stage.mention} a lighthouse")
            told = await ada.waits_for(lambda message: message.reply_to == said.id)
            assert told.content == _SORRY
    assert row.says in caplog.text
    assert stage.gateway.tasks == ()
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada, after=ada.sees()[-1])
    assert await accounts(stage, await stage.job_of(result)) == (1, ["accepted"], 1)


@pytest.mark.parametrize("row", RUNNING, ids=named)
@pytest.mark.parametrize("moment", ["painted", "posted"])
async def test_what_was_accepted_is_shown_once_and_paid_once(
    stage: Stage, row: DatabaseRow, moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    ada = stage.person()
    posting = asyncio.Event()
    if moment == "posted":
        stage.fault(MESSAGES, method="POST", moment="after", hold=posting)
    else:
        stage.gateway.next_task(seconds=3.0)
    await ada.command("imagine", prompt="a lighthouse")
    if moment == "posted":
        await ada.waits_for(lambda message: message.files)
    else:
        await until(lambda: stage.record.matching("GET", "/images/generations/{key}"))
    async with row.trouble(stage):
        posting.set()
        await asyncio.sleep(40)
    await asyncio.sleep(20)  # until it is tried again
    assert row.leaves_room or "the database failed" in caplog.text
    result = await stage.result(ada)
    assert await accounts(stage, await stage.tidied(await stage.job_of(result))) == (1, ["accepted"], 1)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "one message")


async def accounts(stage: Stage, job: Job) -> tuple[int, list[str], int]:
    """The allowance used, the book of charges, and the tasks at the gateway, once the job is at its end."""
    job = await stage.tidied(job)
    assert job.state is JobState.DELIVERED
    usage = await stage.services.engine.usage(job.place.user_id)
    return usage.images, [event for _, event in Judge(stage)._booked(job)], len(stage.gateway.tasks)


@pytest.mark.parametrize("row", STARTING, ids=named)
async def test_a_start_says_in_one_line_what_is_wrong(
    row: StartRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)  # SQLite waits in real time
    url = new_database(tmp_path)
    path = tmp_path / "easel.db"
    with row.trouble(path), pytest.raises(StartupError) as told:
        async with open_database(url):
            pass
    assert told.value.exit_code == row.exit_code
    assert str(told.value).startswith("DATABASE_URL: cannot use ")
    assert row.says in str(told.value)
    assert "\n" not in str(told.value)
