"""What people usually want, as it is written."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import open_database
from bot.errors import DatabaseFailed, Refusal
from bot.jobs.preferences import Preferences, PreferenceStore
from bot.texts import Text
from bot.toapis.typed import Usual
from tests.databases import new_database

FULL = Preferences(model="gemini-3-pro-image-preview", ratio="16:9", resolution="2K", private=True)
ADA, BOB = 1, 2**63 - 1


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PreferenceStore]:
    async with open_database(new_database(tmp_path)) as database:
        yield PreferenceStore(database)


async def test_who_never_chose_has_none(store: PreferenceStore) -> None:
    assert await store.of(ADA) == Preferences()


async def test_what_is_kept_comes_back_to_its_owner_alone(store: PreferenceStore) -> None:
    await store.keep(BOB, FULL)
    assert await store.of(BOB) == FULL
    assert await store.of(ADA) == Preferences()


@pytest.mark.parametrize("private", [True, False, None])
async def test_public_is_a_choice_unlike_none(store: PreferenceStore, private: bool | None) -> None:
    await store.keep(ADA, Preferences(private=private))
    assert (await store.of(ADA)).private is private


async def test_what_is_kept_later_takes_the_place_of_all_before(store: PreferenceStore) -> None:
    await store.keep(ADA, FULL)
    await store.keep(ADA, Preferences(ratio="1:1"))
    assert await store.of(ADA) == Preferences(ratio="1:1")


async def test_changes_at_the_same_time_lose_nothing(store: PreferenceStore) -> None:
    await asyncio.gather(
        store.change(ADA, lambda before: replace(before, ratio="1:1")),
        store.change(ADA, lambda before: replace(before, resolution="4K")),
        store.change(ADA, lambda before: replace(before, private=True)),
    )
    assert await store.of(ADA) == Preferences(ratio="1:1", resolution="4K", private=True)


async def test_a_change_that_is_refused_changes_nothing(store: PreferenceStore) -> None:
    def refuse(_before: Preferences) -> Preferences:
        raise Refusal(Text("internal"))

    await store.keep(ADA, FULL)
    with pytest.raises(Refusal):
        await store.change(ADA, refuse)
    assert await store.of(ADA) == FULL
    assert await store.change(ADA, lambda before: before) == FULL


async def test_choices_that_the_database_does_not_take_leave_those_before(
    store: PreferenceStore, tmp_path: Path
) -> None:
    await store.keep(ADA, FULL)
    with closing(sqlite3.connect(tmp_path / "easel.db")) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON preferences BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(DatabaseFailed):
        await store.keep(ADA, Preferences())
    assert await store.of(ADA) == FULL


def test_what_is_usual_for_a_request_says_nothing_of_who_sees_it() -> None:
    assert FULL.usual == Usual(model="gemini-3-pro-image-preview", ratio="16:9", resolution="2K")
    assert Preferences().usual == Usual()
