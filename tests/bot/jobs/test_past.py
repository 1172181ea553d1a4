from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import open_database
from bot.jobs.job import Job
from bot.jobs.records import Past
from bot.jobs.store import Store
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import GENEROUS, order

ADA, BOB = 1, 2


class Ledger:
    """Requests of two people, one after the other."""

    def __init__(self, store: Store, clock: FastClock) -> None:
        self.store = store
        self._clock = clock

    async def asked(self, user_id: int = ADA) -> Job:
        self._clock.advance(1)
        return (await self.store.accept(order(user_id=user_id), (1,), GENEROUS)).job

    async def asked_often(self, count: int) -> list[Job]:
        """So many, the newest first."""
        return [await self.asked() for _ in range(count)][::-1]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    clock = FastClock()
    async with open_database(new_database(tmp_path)) as database:
        yield Ledger(Store(database, clock), clock)


async def test_whoever_asked_for_nothing_has_an_empty_past(ledger: Ledger) -> None:
    await ledger.asked(BOB)
    nothing = Past(jobs=(), newer=0, older=0)
    assert await ledger.store.past(ADA, 5) == nothing
    assert await ledger.store.past(ADA, 5, before="z") == nothing
    assert await ledger.store.past(ADA, 5, after="0") == nothing


async def test_the_newest_come_first_and_only_ones_own(ledger: Ledger) -> None:
    first = await ledger.asked()
    await ledger.asked(BOB)
    second = await ledger.asked()
    assert await ledger.store.past(ADA, 5) == Past(jobs=(second, first), newer=0, older=0)


async def test_what_was_deleted_is_no_longer_part_of_it(ledger: Ledger) -> None:
    first, second = await ledger.asked(), await ledger.asked()
    await ledger.store.deleted(second.id)
    assert await ledger.store.past(ADA, 5) == Past(jobs=(first,), newer=0, older=0)


async def test_a_bound_names_the_page_and_both_sides_are_counted(ledger: Ledger) -> None:
    jobs = await ledger.asked_often(7)
    ids = [job.id for job in jobs]
    past = ledger.store.past
    assert await past(ADA, 3) == Past(jobs=tuple(jobs[:3]), newer=0, older=4)
    assert await past(ADA, 3, before=ids[2]) == Past(jobs=tuple(jobs[3:6]), newer=3, older=1)
    assert await past(ADA, 3, before=ids[5]) == Past(jobs=tuple(jobs[6:]), newer=6, older=0)
    assert await past(ADA, 3, upto=ids[2]) == Past(jobs=tuple(jobs[2:5]), newer=2, older=2)
    assert await past(ADA, 3, after=ids[4]) == Past(jobs=tuple(jobs[1:4]), newer=1, older=3)
    assert await past(ADA, 3, after=ids[3]) == Past(jobs=tuple(jobs[:3]), newer=0, older=4)


async def test_where_fewer_newer_ones_are_left_the_newest_page_is_filled(ledger: Ledger) -> None:
    jobs = await ledger.asked_often(7)
    assert (await ledger.store.past(ADA, 3, after=jobs[2].id)).jobs == tuple(jobs[:3])
    assert (await ledger.store.past(ADA, 3, after=jobs[0].id)).jobs == tuple(jobs[:3])


async def test_where_nothing_older_is_left_the_newest_page_comes(ledger: Ledger) -> None:
    jobs = await ledger.asked_often(4)
    assert (await ledger.store.past(ADA, 3, before=jobs[3].id)).jobs == tuple(jobs[:3])
    assert (await ledger.store.past(ADA, 3, upto="0")).jobs == tuple(jobs[:3])


async def test_a_bound_that_was_deleted_still_holds_its_place(ledger: Ledger) -> None:
    jobs = await ledger.asked_often(6)
    await ledger.store.deleted(jobs[2].id)
    assert (await ledger.store.past(ADA, 2, upto=jobs[2].id)).jobs == tuple(jobs[3:5])
    assert (await ledger.store.past(ADA, 2, before=jobs[2].id)).jobs == tuple(jobs[3:5])
    assert (await ledger.store.past(ADA, 2, after=jobs[2].id)).jobs == tuple(jobs[:2])


@given(
    count=st.integers(0, 9),
    most=st.integers(1, 4),
    deleted=st.sets(st.integers(0, 8)),
)
@settings(max_examples=12, deadline=None)
async def test_turning_to_older_pages_shows_everything_once_in_order(count: int, most: int, deleted: set[int]) -> None:
    clock = FastClock()
    with TemporaryDirectory() as folder:
        async with open_database(new_database(Path(folder))) as database:
            ledger = Ledger(Store(database, clock), clock)
            jobs = await ledger.asked_often(count)
            for number in deleted & set(range(count)):
                await ledger.store.deleted(jobs[number].id)
            left = [job.id for number, job in enumerate(jobs) if number not in deleted]
            page = await ledger.store.past(ADA, most)
            shown = [job.id for job in page.jobs]
            while page.older:
                assert page.newer + len(page.jobs) + page.older == len(left)
                page = await ledger.store.past(ADA, most, before=page.jobs[-1].id)
                shown += [job.id for job in page.jobs]
            assert shown == left
