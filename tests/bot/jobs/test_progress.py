"""What is told of a job on its way: in the words of the engine, against a gateway that really is there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bot.errors import GatewayBusy, GatewayUnreachable
from bot.jobs.job import Job, JobState, Task, TaskState, new_job_id
from bot.jobs.order import Reference
from bot.jobs.outcome import Phase, Progress
from bot.jobs.polling import Durations
from bot.jobs.progress import Tracker
from bot.jobs.records import Duration
from bot.sandbox.faults import Fault
from bot.toapis.pacing import Pacer, Turn, Window
from bot.toapis.schema import RemoteState, TaskStatus
from tests.clocks import FastClock
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO, order
from tests.workshop import Board, Workshop, open_workshop, picture, until

SUBMIT = "/images/generations"
UPLOAD = "/uploads/images"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=100.0, toapis_request_timeout=2) as workshop:
        yield workshop


def shown(shop: Workshop, job: Job) -> list[Progress]:
    return [progress for job_id, progress in shop.board.progresses if job_id == job.id]


async def shows(shop: Workshop, job: Job, condition: Callable[[Progress], bool]) -> Progress:
    """What is shown of the job, once something holds of it."""
    async with asyncio.timeout(20):
        await until(lambda: any(condition(progress) for progress in shown(shop, job)))
    return next(progress for progress in shown(shop, job) if condition(progress))


async def test_the_place_in_the_line_is_told_and_where_nothing_is_ahead_no_number(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=4.0, toapis_submits_per_minute=6) as shop:
        jobs = [await shop.accept() for _ in range(4)]
        await shows(shop, jobs[3], lambda progress: progress.phase is Phase.WAITING and progress.ahead == 2)
        await shows(shop, jobs[2], lambda progress: progress.phase is Phase.WAITING and progress.ahead == 1)
        assert all(progress.ahead == 0 for progress in shown(shop, jobs[1]))
        shop.clock.advance(12)
        await shows(shop, jobs[3], lambda progress: progress.phase is Phase.WAITING and progress.ahead == 1)
        places = [progress.ahead for progress in shown(shop, jobs[3]) if progress.ahead]
        assert places == sorted(places, reverse=True), "nobody is let in before those who wait"


async def test_references_are_counted_while_they_are_prepared(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=UPLOAD, hold=hold, nth=2))
    job = await shop.accept(references=tuple(shop.files.reference(n, picture(c)) for n, c in ((1, "red"), (2, "blue"))))
    told = await shows(shop, job, lambda progress: progress.phase is Phase.REHOSTING and progress.done == 1)
    assert told.total == 2
    hold.set()
    await shop.ended(job)


async def test_a_busy_gateway_is_told(shop: Workshop) -> None:
    body = {"error": {"code": "rate_limit_exceeded"}}
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "30"}, body=body))
    job = await shop.accept()
    await shows(shop, job, lambda progress: progress.phase is Phase.BUSY)
    other = await shop.accept()
    await shows(shop, other, lambda progress: progress.phase is Phase.BUSY)
    await shop.ended(job)
    await shop.ended(other)


async def test_a_gateway_that_does_not_answer_is_told(shop: Workshop) -> None:
    await shop.gateway.stop()
    job = await shop.accept()
    await shows(shop, job, lambda progress: progress.phase is Phase.UNREACHABLE)
    await shop.gateway.start()
    await shop.ended(job)


async def test_the_way_of_a_job_is_told_in_order(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold))
    shop.gateway.next_task(seconds=60.0, statuses=["queued", "pending"])
    job = await shop.accept()
    await shows(shop, job, lambda progress: progress.phase is Phase.SENDING)
    hold.set()
    await shop.ended(job)
    phases = [progress.phase for progress in shown(shop, job)]
    told = [phase for phase, before in zip(phases, [None, *phases], strict=False) if phase is not before]
    if told[0] is Phase.WAITING:
        told = told[1:]
    assert told == [Phase.SENDING, Phase.SENT, Phase.QUEUED, Phase.PAINTING, Phase.DELIVERING]


async def test_a_job_found_again_after_a_restart_does_not_begin_anew(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=0)
    shop.gateway.next_task(seconds=120)
    job = await shop.accept(model=NANO_BANANA_PRO, count=2, references=(shop.files.reference(1, picture()),))
    states = {TaskState.COMPLETED, TaskState.RUNNING}
    await shop.written(job, lambda current: {task.state for task in current.tasks} == states)
    await shop.stop()
    shop.board.progresses.clear()
    await shop.start()
    await until(lambda: shown(shop, job))
    first = shown(shop, job)[0]
    assert (first.phase, first.done, first.total) == (Phase.PAINTING, 1, 2)
    assert first.fraction >= 0.5


async def test_a_call_that_a_restart_left_open_is_being_sent_and_prepares_no_references(shop: Workshop) -> None:
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold, drop=True))
    job = await shop.accept(references=(shop.files.reference(1, picture()),))
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    await shop.stop()
    shop.board.progresses.clear()
    await shop.start()
    hold.set()
    await shop.ended(job)
    phases = {progress.phase for progress in shown(shop, job)}
    assert Phase.SENDING in phases
    assert not phases & {Phase.REHOSTING, Phase.WAITING}


class Told:
    """A tracker of a job with so many tasks, and the last thing it has shown."""

    def __init__(self, tasks: int = 1, references: int = 0, state: TaskState = TaskState.PENDING) -> None:
        self.clock = FastClock()
        self.board = Board()
        self.durations = Durations()
        self.job = _job(tasks, references, state)
        acknowledged = asyncio.Event()
        acknowledged.set()
        self.tracker = Tracker(self.job, acknowledged, self.board, self.durations, self.clock)

    async def now(self) -> Progress:
        following = asyncio.create_task(self.tracker.follow())
        await self.clock.until_waiting()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        return self.board.progresses[-1][1]

    def answered(self, task: int, state: RemoteState, progress: int | None = None) -> None:
        self.tracker.told(self.job.tasks[task], TaskStatus(id="x", state=state, progress=progress))

    def running(self, task: int) -> None:
        self.tracker.running(replace(self.job.tasks[task], state=TaskState.RUNNING, submitted_at=self.clock.now()))

    def ended(self, task: int, state: TaskState) -> None:
        self.tracker.done(replace(self.job.tasks[task], state=state))


def _job(tasks: int, references: int, state: TaskState) -> Job:
    wanted = order(model=NANO_BANANA_PRO, count=tasks)
    job_id = new_job_id(1.0)
    return Job(
        id=job_id,
        state=JobState.PAINTING,
        created_at=0.0,
        place=wanted.place,
        request=wanted.request,
        references=tuple(
            Reference(position=n, name="x", source_url="x", filename="x.png", size=1) for n in range(references)
        ),
        tasks=tuple(
            Task(id=f"{job_id}-{n}", job_id=job_id, position=n, state=state, wanted=1, pictures=1) for n in range(tasks)
        ),
    )


async def test_a_time_is_named_only_once_every_task_is_on_its_way() -> None:
    told = Told(tasks=2)
    pacer = Pacer(told.clock, (Window(1, 10.0),))
    told.running(0)
    told.answered(0, RemoteState.RUNNING, 10)
    told.tracker.lined_up(told.job.tasks[1], Turn(pacer))
    assert (await told.now()).seconds_left is None
    told.running(1)
    assert (await told.now()).seconds_left is not None


async def test_the_rest_is_that_of_the_slowest_task() -> None:
    told = Told(tasks=2)
    told.running(0)
    told.clock.advance(5)
    told.running(1)
    assert (await told.now()).seconds_left == pytest.approx(20.0)


async def test_time_in_the_gateways_queue_is_no_painting() -> None:
    told = Told()
    told.running(0)
    told.clock.advance(15)
    told.answered(0, RemoteState.QUEUED)
    queued = await told.now()
    assert (queued.phase, queued.seconds_left) == (Phase.QUEUED, None)
    told.answered(0, RemoteState.RUNNING)
    painting = await told.now()
    assert painting.phase is Phase.PAINTING
    assert painting.seconds_left == pytest.approx(20.0)


async def test_what_paints_goes_on_painting_whatever_is_said_later() -> None:
    told = Told()
    told.running(0)
    told.answered(0, RemoteState.RUNNING, 50)
    told.answered(0, RemoteState.QUEUED, 0)
    progress = await told.now()
    assert (progress.phase, progress.fraction) == (Phase.PAINTING, 0)
    assert progress.seconds_left is not None


async def test_a_share_that_was_shown_does_not_shrink_when_more_is_learned() -> None:
    told = Told()
    told.running(0)
    told.answered(0, RemoteState.RUNNING)
    told.clock.advance(10)
    before = await told.now()
    request = told.job.request
    told.durations.learn(Duration(model=request.model, resolution=None, seconds=100.0) for _ in range(5))
    after = await told.now()
    assert after.fraction == before.fraction == pytest.approx(0.5)
    assert after.seconds_left == pytest.approx(90.0)


async def test_many_references_are_given_their_time() -> None:
    few, many = Told(), Told(references=14)
    for told in (few, many):
        told.running(0)
    assert (await many.now()).seconds_left == pytest.approx(30.0)
    assert (await few.now()).seconds_left == pytest.approx(20.0)


async def test_a_task_that_failed_is_not_counted_as_done() -> None:
    told = Told(tasks=3)
    for task in range(3):
        told.running(task)
    told.ended(0, TaskState.FAILED)
    told.ended(1, TaskState.COMPLETED)
    progress = await told.now()
    assert (progress.phase, progress.done, progress.total) == (Phase.PAINTING, 1, 3)


async def test_a_task_that_failed_at_once_does_not_hide_that_others_wait() -> None:
    told = Told(tasks=2)
    pacer = Pacer(told.clock, (Window(1, 10.0),))
    for task in told.job.tasks:
        told.tracker.lined_up(task, Turn(pacer))
    told.ended(0, TaskState.FAILED)
    assert (await told.now()).phase is Phase.WAITING


async def test_only_when_all_that_wait_are_hindered_it_is_said_and_forgotten_with_the_next_turn() -> None:
    told = Told(tasks=2)
    pacer = Pacer(told.clock, (Window(1, 10.0),))
    for task in told.job.tasks:
        told.tracker.lined_up(task, Turn(pacer))
    first, second = told.job.tasks
    told.tracker.hindered(first, GatewayUnreachable())
    assert (await told.now()).phase is Phase.WAITING
    told.tracker.hindered(second, GatewayUnreachable())
    assert (await told.now()).phase is Phase.UNREACHABLE
    told.tracker.hindered(second, GatewayBusy())
    assert (await told.now()).phase is Phase.BUSY
    told.tracker.lined_up(first, Turn(pacer))
    assert (await told.now()).phase is Phase.WAITING


async def test_a_call_that_a_restart_left_open_and_that_is_made_again_waits_for_its_turn() -> None:
    told = Told(state=TaskState.SUBMITTING)
    assert (await told.now()).phase is Phase.SENDING
    told.tracker.lined_up(told.job.tasks[0], Turn(Pacer(told.clock, (Window(1, 10.0),))))
    assert (await told.now()).phase is Phase.WAITING


async def test_a_call_that_a_restart_left_open_and_that_was_not_taken_hides_nothing() -> None:
    told = Told(state=TaskState.SUBMITTING, references=1)
    told.ended(0, TaskState.FAILED)
    assert (await told.now()).phase is Phase.REHOSTING


async def test_an_estimate_never_claims_to_be_done(shop: Workshop) -> None:
    shop.gateway.next_task(seconds=200.0)
    job = await shop.ended(await shop.accept())
    painting = [progress for progress in shown(shop, job) if progress.phase is Phase.PAINTING]
    assert all(progress.fraction < 1.0 for progress in painting if progress.done < progress.total)
    assert all(progress.seconds_left is None or progress.seconds_left > 0 for progress in painting)
    assert all(later.fraction >= earlier.fraction for earlier, later in pairwise(painting))


async def test_what_was_learned_with_references_survives_a_restart(shop: Workshop) -> None:
    await shop.ended(await shop.accept(references=(shop.files.reference(1, picture()),)))
    (duration,) = await shop.services.store.durations()
    assert (duration.model, duration.references) == (NANO_BANANA_2, 1)
