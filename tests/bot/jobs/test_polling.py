import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.job import JobState
from bot.jobs.polling import Durations, Poller, PollPlan, Watched
from bot.jobs.records import Duration
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import ToapisServer
from bot.toapis.client import ToapisClient
from bot.toapis.schema import ImageRequest, RemoteState, TaskStatus
from tests.clocks import FastClock
from tests.orders import NANO_BANANA_2
from tests.workshop import open_workshop, until

PLAN = PollPlan(first=4.0, shortest=1.0, longest=10.0, per_second=40.0)
LOOK_UP = "/images/generations/{key}"


def learned(*seconds: float) -> Durations:
    durations = Durations()
    durations.learn(Duration(model="m", resolution=None, seconds=second) for second in seconds)
    return durations


def test_nothing_is_claimed_to_be_known_from_too_few_tasks() -> None:
    assert learned(8, 9, 10, 11).likely("m", None) is None
    assert Durations().usual("never heard of", None) > 0
    assert Durations().usual(NANO_BANANA_2, "4K") > Durations().usual(NANO_BANANA_2, "1K")


def test_experience_tells_when_an_answer_is_likely() -> None:
    durations = learned(*range(10, 30))
    assert durations.usual("m", None) == 20
    assert durations.likely("m", None) == (12, 27)
    assert durations.likely("m", "4K") is None


def test_old_experience_is_forgotten() -> None:
    durations = learned(*[5.0] * 50, *[50.0] * 50)
    assert durations.usual("m", None) == 50.0


def test_requests_with_many_references_have_an_experience_of_their_own() -> None:
    durations = learned(*[10.0] * 20)
    assert durations.usual("m", None, 14) == 15.0, "as long as there is none, what is known of others is reckoned up"
    durations.learn(Duration(model="m", resolution=None, seconds=40.0, references=10) for _ in range(5))
    assert durations.usual("m", None, 14) == 40.0
    assert durations.likely("m", None, 14) == (40.0, 40.0)
    assert durations.usual("m", None) == durations.usual("m", None, 1) == 10.0


def test_a_first_guess_knows_of_the_references() -> None:
    assert Durations().usual(NANO_BANANA_2, "1K", 14) == 1.5 * Durations().usual(NANO_BANANA_2, "1K")


def test_the_first_question_comes_when_the_fastest_are_done() -> None:
    assert PLAN.first_pause(0.0, None) == 4.0
    assert PLAN.first_pause(1.0, (12.0, 27.0)) == 11.0


def test_a_task_found_again_after_a_restart_is_asked_about_at_once() -> None:
    assert PLAN.first_pause(100.0, None) == 0.0
    assert PLAN.first_pause(100.0, (12.0, 27.0)) == 0.0


def test_questions_follow_closely_while_an_answer_is_likely_and_slowly_after_that() -> None:
    likely = (10.0, 18.0)
    assert PLAN.next_pause(12.0, likely, 1) == 1.0
    assert PLAN.next_pause(24.0, likely, 1) == 3.0
    assert PLAN.next_pause(600.0, likely, 1) == 10.0


@given(
    age=st.floats(0, 10_000),
    likely=st.none() | st.tuples(st.floats(0, 100), st.floats(0, 100)).map(lambda pair: (min(pair), max(pair))),
    watched=st.integers(1, 5000),
)
def test_no_number_of_tasks_exceeds_the_budget(age: float, likely: tuple[float, float] | None, watched: int) -> None:
    pause = PLAN.next_pause(age, likely, watched)
    assert watched / pause <= PLAN.per_second * 1.0001
    assert pause >= PLAN.shortest
    assert pause <= max(PLAN.longest, watched / PLAN.per_second)


class Asking:
    """A poller at work on one task of a gateway stand-in."""

    def __init__(
        self, clock: FastClock, gateway: ToapisServer, client: ToapisClient, poller: Poller, task_id: str
    ) -> None:
        self.clock = clock
        self.client = client
        self.gateway = gateway
        self.poller = poller
        self.task_id = task_id
        self.progress: list[int] = []

    async def watch(self, *, deadline: float = 900.0, ask_id: str | None = None) -> TaskStatus | None:
        now = self.clock.now()
        return await self.poller.watch(
            Watched(
                task_id=self.task_id,
                ask_id=ask_id or self.task_id,
                model=NANO_BANANA_2,
                resolution=None,
                submitted_at=now,
                deadline=now + deadline,
                on_answer=lambda answer: self.progress.append(answer.progress or 0),
            )
        )


@asynccontextmanager
async def asking(*, speed: float = 100.0, seconds: float = 12.0) -> AsyncGenerator[Asking]:
    clock = FastClock(speed=speed)
    async with (
        ToapisServer(seconds=seconds, spread=0.0, now=clock.now, long_side=32) as gateway,
        ToapisClient(base_url=gateway.base_url, api_key=gateway.key, clock=clock) as client,
    ):
        status = await client.submit(
            ImageRequest(model=NANO_BANANA_2, prompt="a cat"), count=1, image_urls=(), business_id="mine"
        )
        poller = Poller(client, clock, PLAN, Durations())
        running = asyncio.create_task(poller.run())
        try:
            yield Asking(clock, gateway, client, poller, status.id)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_the_final_answer_ends_the_watch_and_percentages_are_told() -> None:
    async with asking() as story:
        status = await story.watch()
        assert status is not None
        assert status.state is RemoteState.COMPLETED
        assert story.progress == sorted(story.progress)
        assert story.progress


async def test_one_who_no_longer_waits_is_not_asked_for(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=10.0) as shop:
        job = await shop.accept()
        await shop.written(job, lambda current: current.tasks[0].submitted_at is not None)
        assert shop.gateway.tasks[0].asked_at == []
        await shop.stop()
        assert shop.gateway.tasks[0].asked_at == []
        await shop.start()
        assert (await shop.ended(job)).state is JobState.DELIVERED


async def test_a_poller_with_experience_asks_seldom_and_in_time(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=30.0, speed=100.0) as shop:
        jobs = [await shop.accept() for _ in range(6)]
        for job in jobs:
            await shop.ended(job)
        before = len(shop.gateway.record.matching(route=LOOK_UP))
        await shop.ended(await shop.accept())
        assert len(shop.gateway.record.matching(route=LOOK_UP)) - before <= 4


async def test_a_poller_asks_again_no_sooner_than_told() -> None:
    async with asking() as story:
        story.gateway.faults.add(Fault(route=LOOK_UP, status=429, headers={"Retry-After": "9"}, body={}, times=20))
        assert await story.watch() is not None
        asked = [exchange.at for exchange in story.gateway.record.matching(route=LOOK_UP)]
        pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
        assert len(pauses) == 20
        assert min(pauses) >= 9.0
        assert len(set(pauses)) > 10


async def test_a_defect_in_asking_reaches_whoever_waits() -> None:
    async with asking() as story:
        await story.client.__aexit__(None, None, None)
        with pytest.raises(RuntimeError):
            await story.watch()


async def test_one_who_gives_up_waiting_disturbs_nobody() -> None:
    async with asking(seconds=40.0) as story:
        hold = asyncio.Event()
        story.gateway.faults.add(Fault(route=LOOK_UP, moment="after", hold=hold))
        impatient = asyncio.create_task(story.watch())
        await until(lambda: story.gateway.tasks[0].asked_at)
        impatient.cancel()
        hold.set()
        assert await story.watch() is not None
