"""Moments at which an outcome that is there could be lost, or something be left beside it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from tests.stage import MESSAGES, ORIGINAL, Stage, open_stage

RESULT = "/generated/{name}"
PAGE = "<html><head><title>Attention Required!</title></head></html>"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        await opened.start_bot()
        yield opened


async def test_a_private_outcome_that_is_there_is_not_written_over_by_the_next_start(stage: Stage) -> None:
    ada = stage.person("Ada")
    stage.fault(ORIGINAL, method="PATCH", moment="after", silent=True)
    await ada.command("imagine", prompt="a lighthouse", private=True)
    shown = await stage.result(ada)
    await stage.stop_bot()
    stage.fault(RESULT, times=0, status=404)
    stage.clock.advance(3.0)
    await stage.start_bot()
    job = await stage.tidied(await stage.newest_job())
    assert job.state is JobState.DELIVERED
    (there,) = ada.sees()
    assert (there.id, len(there.files), there.edited) == (shown.id, 1, shown.edited)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_reply_that_discord_is_slow_to_post_goes_away_though_the_outcome_was_first(
    stage: Stage, moment: str
) -> None:
    ada = stage.person("Ada")
    await ada.says(f"{stage.mention} a harbour")  # from here on several are sent to the channel at once
    first = await stage.result(ada)
    await stage.tidied(await stage.newest_job())
    hold = asyncio.Event()
    stage.fault(MESSAGES, method="POST", hold=hold, moment=moment)
    await ada.says(f"{stage.mention} a lighthouse")
    await stage.clock.wait(None, stage.clock.now() + 1.0)
    stage.clock.advance(21.0)
    await stage.result(ada, after=first)
    job = await stage.tidied(await stage.newest_job())
    hold.set()
    while job.response_message_id is None:
        await stage.clock.wait(None, stage.clock.now() + 1.0)
        job = await stage.newest_job()
    await stage.tidied(job)
    assert not [seen for seen in ada.sees() if seen.button("Cancel")]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_proxy_that_refuses_everybody_for_a_while_closes_no_way(stage: Stage, status: int) -> None:
    ada = stage.person("Ada")
    stage.gateway.next_task(seconds=3.0)
    await (await ada.command("imagine", prompt="a lighthouse")).answer()
    for route in (MESSAGES, ORIGINAL, "/users/@me/channels"):
        stage.fault(route, times=2, status=status, body=PAGE)
    job = await stage.tidied(await stage.newest_job())
    assert job.state is JobState.DELIVERED
    (shown,) = ada.sees()
    assert len(shown.files) == 1


async def test_a_send_that_the_library_repeats_for_minutes_is_not_repeated_once_its_nonce_may_be_forgotten(
    stage: Stage,
) -> None:
    ada = stage.person("Ada")
    stage.fault(MESSAGES, method="POST", moment="after", drop=True)
    stage.fault(MESSAGES, method="POST", times=3, delay=100.0, status=502, body=PAGE)
    await (await ada.command("imagine", prompt="a lighthouse")).answer()
    while not (job := await stage.newest_job()).tidied:
        await stage.clock.wait(None, stage.clock.now() + 1.0)
    assert job.state is JobState.DELIVERED
    (shown,) = ada.sees()
    assert str(job.message_id) == shown.id
    assert len(stage.asked("POST", MESSAGES)) == 3
    assert len(stage.asked("GET", MESSAGES)) == 1, "it is looked for instead"
