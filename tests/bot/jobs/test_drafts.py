import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import open_database
from bot.errors import DatabaseFailed
from bot.jobs.drafts import DRAFT_LIFETIME, Draft, DraftStore
from bot.jobs.job import new_job_id
from bot.jobs.order import Reference, Role
from bot.toapis.schema import ImageRequest
from tests.clocks import FastClock
from tests.databases import new_database
from tests.orders import NANO_BANANA_PRO


def draft_of(clock: FastClock, user_id: int = 1, **changes: object) -> Draft:
    usual = Draft(
        id=new_job_id(clock.now()),
        user_id=user_id,
        created_at=clock.now(),
        request=ImageRequest(model=NANO_BANANA_PRO, prompt=""),
    )
    return replace(usual, **changes)


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def drafts(tmp_path: Path, clock: FastClock) -> AsyncIterator[DraftStore]:
    async with open_database(new_database(tmp_path)) as database:
        yield DraftStore(database, clock)


def kept_picture(position: int, role: Role = Role.PICTURE) -> Reference:
    return Reference(
        position=position,
        name=f"image{position + 1}",
        source_url=f"https://cdn.example/{position}.png?ex=1",
        filename=f"{position}.png",
        size=1234 + position,
        role=role,
        width=32,
        height=24,
        reduced=True,
        uploaded_url="https://files.example/1.png",
        uploaded_until=1_700_000_000.5,
    )


async def test_all_that_a_draft_holds_comes_back(drafts: DraftStore, clock: FastClock) -> None:
    request = ImageRequest(
        model=NANO_BANANA_PRO,
        prompt="a lighthouse 🗼\nat dusk",
        size="16:9",
        resolution="2K",
        count=3,
        options={"orientation": "landscape", "nested": {"quality": 80, "of": [1, None]}},
    )
    written = draft_of(
        clock,
        request=request,
        references=(kept_picture(0), kept_picture(1), kept_picture(2, Role.MASK)),
        gone=2,
        parent="0" * 20,
        private=True,
        spoiler=True,
    )
    await drafts.keep(written)
    read = await drafts.draft(written.id)
    assert read == written
    assert [picture.name for picture in written.pictures] == ["image1", "image2"]


async def test_a_draft_outlives_the_process(tmp_path: Path, clock: FastClock) -> None:
    url = new_database(tmp_path)
    written = draft_of(clock)
    async with open_database(url) as database:
        await DraftStore(database, clock).keep(written)
    async with open_database(url) as database:
        assert await DraftStore(database, clock).draft(written.id) == written


async def test_a_draft_that_an_earlier_version_wrote_has_lost_no_picture(
    drafts: DraftStore, clock: FastClock, tmp_path: Path
) -> None:
    written = draft_of(clock, gone=2)
    await drafts.keep(written)
    with sqlite3.connect(tmp_path / "easel.db") as other:
        other.execute("UPDATE drafts SET content = json_remove(content, '$.gone')")
    other.close()
    assert await drafts.draft(written.id) == replace(written, gone=0)


async def test_an_unknown_draft_is_none(drafts: DraftStore) -> None:
    assert await drafts.draft("never was") is None
    assert await drafts.claim("never was", 7) is None


async def test_the_first_interaction_claims_a_draft_for_good(drafts: DraftStore, clock: FastClock) -> None:
    written = draft_of(clock, private=True)
    await drafts.keep(written)
    assert await drafts.claim(written.id, 7) == replace(written, claimed_by=7)
    assert await drafts.claim(written.id, 8) == replace(written, claimed_by=7)
    assert await drafts.claim(written.id, 7) == replace(written, claimed_by=7)
    assert await drafts.draft(written.id) == replace(written, claimed_by=7)


async def test_of_many_claims_at_once_one_wins(drafts: DraftStore, clock: FastClock) -> None:
    written = draft_of(clock)
    await drafts.keep(written)
    claims = await asyncio.gather(*(drafts.claim(written.id, number) for number in range(100, 120)))
    assert len({claim.claimed_by for claim in claims if claim is not None}) == 1
    assert len(claims) == 20


async def test_claiming_one_draft_leaves_the_others_alone(drafts: DraftStore, clock: FastClock) -> None:
    first, second = draft_of(clock), draft_of(clock)
    await drafts.keep(first)
    await drafts.keep(second)
    await drafts.claim(first.id, 7)
    assert await drafts.draft(second.id) == second


async def test_drafts_go_a_week_after_they_were_made(drafts: DraftStore, clock: FastClock) -> None:
    old = draft_of(clock)
    await drafts.keep(old)
    clock.advance(DRAFT_LIFETIME - 60)
    young = draft_of(clock)
    await drafts.keep(young)
    assert await drafts.draft(old.id) == old
    clock.advance(120)
    await drafts.keep(draft_of(clock))
    assert await drafts.draft(old.id) is None
    assert await drafts.draft(young.id) == young


async def test_an_id_is_taken_once(drafts: DraftStore, clock: FastClock) -> None:
    written = draft_of(clock)
    await drafts.keep(written)
    with pytest.raises(DatabaseFailed):
        await drafts.keep(replace(written, private=True))
    assert await drafts.draft(written.id) == written


async def test_a_broken_table_is_said_and_not_swallowed(drafts: DraftStore, clock: FastClock, tmp_path: Path) -> None:
    written = draft_of(clock)
    await drafts.keep(written)
    with sqlite3.connect(tmp_path / "easel.db") as other:
        other.execute("ALTER TABLE drafts RENAME TO elsewhere")
    other.close()
    for attempt in (drafts.keep(draft_of(clock)), drafts.draft(written.id), drafts.claim(written.id, 7)):
        with pytest.raises(DatabaseFailed):
            await attempt


async def test_a_key_of_another_version_is_left_alone(drafts: DraftStore, clock: FastClock, tmp_path: Path) -> None:
    written = draft_of(clock, references=(kept_picture(0),))
    await drafts.keep(written)
    with sqlite3.connect(tmp_path / "easel.db") as other:
        other.execute("UPDATE drafts SET content = json_set(content, '$.mood', 'blue', '$.references[0].mood', 1)")
    other.close()
    assert await drafts.draft(written.id) == written
