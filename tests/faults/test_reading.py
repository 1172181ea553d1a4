"""Every sentence that a fault of the gateway or of a download ends in, as a person reads it in Discord."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot import download
from bot.jobs.job import Job
from bot.sandbox.discord.people import Person, Upload
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from bot.texts import ENGLISH
from tests.faults.gateway import ROWS
from tests.faults.matrix import CDN, Row
from tests.faults.run import STAND_IN, begin
from tests.stage import Stage, open_stage
from tests.wording.screen import outcome

_CDN = "/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}"
_SPEED = (
    20.0  # discord.py's heart beats in a thread; in as many seconds of the loop as a job takes, it would miss beats
)
_PACE = {"poll_first_seconds": 4.0, "poll_min_seconds": 1.0}  # as in production


def one_for_each_sentence() -> Iterator[Sequence[Row]]:
    """The first row with each of the sentences, those together that can share a stage."""
    first: dict[str, Row] = {}
    for row in ROWS:
        if row.expected.says is not None:
            first.setdefault(row.expected.says, row)
    yield [row for row in first.values() if not row.settings and not row.guarded]
    yield from ([row] for row in first.values() if row.settings or row.guarded)


@pytest.mark.parametrize("rows", list(one_for_each_sentence()), ids=lambda rows: rows[0].name)
async def test_people_read_why_and_then_get_pictures(
    rows: Sequence[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = rows[0].guarded
    if guarded:
        monkeypatch.setattr(download, "is_public", STAND_IN.__eq__)
    async with open_stage(tmp_path, **_PACE, allow_private_addresses=not guarded, **rows[0].settings) as stage:
        stage.gateway.every_task(Script(seconds=3.0))
        stage.clock.speed = _SPEED
        await stage.start_bot()
        for number, row in enumerate(rows):
            assert await _complaints(row, stage, stage.person(f"person {number}")) == [], row.name
        assert (await outcome(stage, stage.person(), prompt="a lighthouse, at last")).files


async def _complaints(row: Row, stage: Stage, person: Person) -> list[str]:
    job = await _run(row, stage, person)
    seen = next(message for message in reversed(person.sees()) if message.button("Again"))
    used = (await stage.services.engine.usage(int(person.user.id))).images
    found = (job.state, len(seen.files), used)
    wanted = (row.expected.state, row.expected.pictures, row.expected.pictures)
    complaints = [f"state, pictures, allowance: {found}, not {wanted}"] if found != wanted else []
    if not re.search(_pattern(row.expected.says or ""), seen.content):
        complaints.append(f"what is read: {seen.content}")
    return complaints


async def _run(row: Row, stage: Stage, person: Person) -> Job:
    """The job of a row at its end, once nothing goes wrong any more."""
    for script in row.scripts:
        stage.gateway.next_task(script if script.seconds is not None else replace(script, seconds=3.0))
    for fault in row.faults:
        stage.faults.add(_on_discord(fault))
    options = {f"image{number}": Upload("photo.png", data) for number, data in enumerate(row.references, start=1)}
    outage = await begin(row.outage, stage)
    handle = await person.command("imagine", prompt="a lighthouse", **row.order, **options)
    await handle.answer()
    await outage
    job = await stage.newest_job()
    while not job.tidied or stage.services.engine.closed is not None:
        await stage.clock.wait(None, stage.clock.now() + 1)
        job = await stage.newest_job()
    stage.faults.clear()
    return job


def _on_discord(fault: Fault) -> Fault:
    """The same, where references are on Discord's CDN."""
    method, _, route = CDN.partition(" ")
    return replace(fault, route=_CDN) if (fault.method, fault.route) == (method, route) else fault


def _pattern(key: str) -> str:
    """What matches a text whatever its values are."""
    return re.sub(r"\\{\w+\\}", ".+", re.escape(ENGLISH[key]))
