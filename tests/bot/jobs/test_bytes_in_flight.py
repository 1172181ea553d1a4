"""Pictures that turn out larger than expected: they wait for room, as all do, and lose nothing by it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.job import JobState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script
from tests.pictures import picture
from tests.workshop import Workshop, open_workshop, until

RESULT = "/generated/{name}"
MIB = 1024 * 1024
LARGE = picture(size=(3_000, 2_000), compress_level=0)  # two of them are more than the smallest budget


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=0.0, bytes_in_flight_mib=32) as workshop:
        workshop.board.limit = 25 * MIB
        yield workshop


def fetched(shop: Workshop) -> int:
    """How often a result was asked for."""
    return len(shop.gateway.record.matching("GET", RESULT))


async def test_large_results_are_fetched_one_after_the_other_where_there_is_no_room_for_two(shop: Workshop) -> None:
    assert 16 * MIB < len(LARGE) < 25 * MIB
    shop.gateway.every_task(Script(picture=LARGE))
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=RESULT, nth=2, moment="after", hold=hold))
    first = await shop.accept()
    await until(lambda: fetched(shop) == 2)  # it was larger than expected, so that it is fetched again, and is held
    second = await shop.accept(user_id=2)
    await until(lambda: fetched(shop) == 3)
    await shop.clock.wait(None, shop.clock.now() + 5)
    assert fetched(shop) == 3, "the second waits until the first has let go"
    hold.set()
    assert (await shop.ended(first)).state is JobState.DELIVERED
    assert (await shop.ended(second)).state is JobState.DELIVERED
    assert fetched(shop) == 4


async def test_more_than_there_ever_is_room_for_is_fetched_alone(shop: Workshop) -> None:
    shop.gateway.next_task(picture=LARGE)
    job = await shop.ended(await shop.accept(count=4))
    assert job.state is JobState.DELIVERED
    assert [picture.data == LARGE for picture in shop.post_of(job).outcome.pictures] == 4 * [True]


@pytest.mark.parametrize("announces", [True, False])
@pytest.mark.parametrize("said", [-5, 0, 1])
async def test_a_reference_larger_than_it_was_said_to_be_is_fetched_whole(
    shop: Workshop, said: int, *, announces: bool
) -> None:
    shop.files.announces_sizes = announces
    reference = shop.files.reference(1, picture(size=(300, 200)))
    assert reference.size > said
    job = await shop.ended(await shop.accept(references=(replace(reference, size=said),)))
    assert job.state is JobState.DELIVERED
    assert len(shop.files.asked) == 2
    assert len(shop.gateway.uploads) == 1
