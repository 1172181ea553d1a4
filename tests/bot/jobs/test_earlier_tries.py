"""A send that broke off and had got through after all, while other pictures could be fetched the next time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.jobs.order import Route
from bot.sandbox.faults import Fault
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, interrupted, open_workshop, until

RESULT = "/generated/{name}"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=0.0, speed=600.0) as workshop:
        workshop.board.refuse(Route.CHANNEL, interrupted(), after=True)
        yield workshop


def gone(shop: Workshop, nth: int, times: int = 1) -> None:
    """Let the file host have forgotten a result, from the nth time that any is asked for."""
    shop.gateway.faults.add(Fault(route=RESULT, nth=nth, times=times, status=404))


@pytest.mark.parametrize(("nth", "shown"), [(4, 2), (2, 1)], ids=["fewer the second time", "more the second time"])
@pytest.mark.parametrize("blind", [True, False])
async def test_what_is_shown_is_counted(shop: Workshop, nth: int, shown: int, *, blind: bool) -> None:
    shop.board.blind = blind
    gone(shop, nth)
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=2))
    assert job.state is JobState.DELIVERED
    assert len(shop.post_of(job).outcome.pictures) == shown
    assert (await shop.services.engine.usage(1)).images == shown


async def test_what_is_found_after_a_restart_is_counted(shop: Workshop) -> None:
    shop.board.refuse(Route.CHANNEL, *[interrupted() for _ in range(9)])
    gone(shop, nth=1)
    accepted = await shop.accept(model=NANO_BANANA_PRO, count=3)
    await until(lambda: shop.board.posts)
    await shop.restart()
    job = await shop.ended(accepted)
    assert job.state is JobState.DELIVERED
    assert [task.pictures for task in job.tasks].count(1) == 2
    assert (await shop.services.engine.usage(1)).images == 2


@pytest.mark.parametrize("blind", [True, False])
async def test_pictures_that_are_there_are_no_failure_though_none_can_be_fetched_again(
    shop: Workshop, *, blind: bool
) -> None:
    shop.board.blind = blind
    gone(shop, nth=2, times=0)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert len(shop.post_of(job).outcome.pictures) == 1
    assert (await shop.services.engine.usage(1)).images == 1
