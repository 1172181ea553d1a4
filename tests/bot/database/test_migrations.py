"""What migrations make: all that the tables say or nothing, and rows of earlier revisions kept."""

import os
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot import tables
from bot.database import Database, open_database
from bot.jobs.job import TaskState
from bot.jobs.order import Origin, Role
from bot.jobs.store import Store
from tests.bot.database.conftest import url_of
from tests.bot.database.killing import migrate_and_die
from tests.bot.database.older import OLDER, contents, older_database
from tests.clocks import FastClock


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def differences(connection: object) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)  # type: ignore[arg-type]

    assert await database.read(lambda connection: connection.run_sync(differences)) == []


@pytest.mark.parametrize("revision", OLDER)
async def test_an_older_database_keeps_its_rows_and_tells_of_what_was_not_told_yet(
    tmp_path: Path, revision: str
) -> None:
    path = tmp_path / "easel.db"
    older_database(path, revision)
    before = contents(path)
    async with open_database(url_of(path)) as database:
        assert [job.id for job in await Store(database, FastClock()).untold(1, 5)] == ["untold"]
    after = contents(path)
    for table, rows in before.items():
        for row, kept in zip(rows, after[table], strict=True):
            assert {name: value for name, value in row.items() if name in kept}.items() <= kept.items()
            assert row.keys() - kept.keys() <= {"uploaded_at"}


def tables_in(path: Path) -> frozenset[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = frozenset(name for (name,) in rows)
    connection.close()
    return names


@pytest.mark.exhaustive
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a child at each statement")
def test_a_migration_killed_at_any_statement_is_made_good_by_the_next_start(tmp_path: Path) -> None:
    made = {*tables.metadata.tables, "alembic_version"}
    left_behind: set[frozenset[str]] = set()
    fatal = 0
    while True:
        fatal += 1
        path = tmp_path / f"{fatal}.db"
        if not migrate_and_die(path, fatal):
            break
        left = tables_in(path)
        assert left in (set(), made), "all or nothing"
        if left in left_behind and fatal % 8:
            continue  # the next start is as the one before
        left_behind.add(left)
        assert not migrate_and_die(path, 0)
        assert tables_in(path) == made
        with sqlite3.connect(path) as connection:
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        connection.close()
        assert versions == [("0003",)]
    assert fatal > 30, "the points were not reached"


async def test_a_job_of_the_second_revision_goes_on_with_what_it_has_uploaded(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    older_database(path, "0002")
    async with open_database(url_of(path)) as database:
        store = Store(database, FastClock())
        assert await store.unfinished() == ["old"]
        job = await store.job("old")
    assert job is not None
    first, second = job.references
    assert (first.uploaded_url, first.uploaded_until) == ("https://files/a", 1000.5 + 23 * 3600)
    assert (second.uploaded_url, second.uploaded_until) == (None, None)
    assert {(each.role, each.width, each.height, each.reduced) for each in job.references} == {
        (Role.PICTURE, None, None, False)
    }
    assert (job.place.origin, job.spoiler, job.tasks[0].state) == (Origin.INTERACTION, False, TaskState.PENDING)
