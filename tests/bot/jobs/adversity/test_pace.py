"""Who waits for whom, and what is learned of the time that pictures take."""

import asyncio
from pathlib import Path

from bot.jobs.job import ACTIVE_JOBS, Job, JobState, TaskState
from bot.jobs.outcome import Outcome
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from tests.workshop import Workshop, interrupted, open_workshop, picture


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
