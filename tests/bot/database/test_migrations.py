"""What migrations make: all that the tables say or nothing, and rows of earlier revisions kept."""

import asyncio
import os
import signal
import sqlite3
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

from bot import tables
from bot.database import Database, open_database
from bot.jobs.job import JobState, TaskState
from bot.jobs.order import Origin, Role
from bot.jobs.store import Store
from tests.bot.database.conftest import url_of
from tests.clocks import FastClock
from tests.orders import GENEROUS, order


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def differences(connection: object) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)  # type: ignore[arg-type]

    assert await database.read(lambda connection: connection.run_sync(differences)) == []


async def test_an_older_database_keeps_its_rows_and_tells_of_what_was_not_told_yet(tmp_path: Path) -> None:
    path, clock = tmp_path / "easel.db", FastClock()
    async with open_database(url_of(path)) as database:
        job = (await Store(database, clock).accept(order(user_id=1), (1,), GENEROUS)).job
        await Store(database, clock).move(job.id, JobState.DELIVERING)
        ended = await Store(database, clock).end(job.id, JobState.UNDELIVERABLE)
    with sqlite3.connect(path) as connection:
        for table in ("uploads", "hints", "preferences", "drafts"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX ix_jobs_response_message_id")
        for column in ("told_at", "origin", "spoiler"):
            connection.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
        for column in ("role", "width", "height", "reduced", "uploaded_until"):
            connection.execute(f'ALTER TABLE "references" DROP COLUMN {column}')
        connection.execute('ALTER TABLE "references" ADD COLUMN uploaded_at FLOAT')
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    async with open_database(url_of(path)) as database:
        assert await Store(database, clock).untold(1, 5) == [ended]


def migrate_and_die(path: Path, fatal: int) -> bool:
    """Migrate in a child that kills itself before the `fatal`-th statement or commit; False: none was left."""
    child = os.fork()
    if child == 0:
        points = iter(range(1, sys.maxsize))

        def point(*_: object) -> None:
            if next(points) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", point)
        event.listen(Engine, "commit", point)

        async def migrate() -> None:
            async with open_database(url_of(path)):
                pass

        try:
            asyncio.run(migrate())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def tables_in(path: Path) -> frozenset[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        names = frozenset(name for (name,) in rows)
    connection.close()
    return names


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


def database_of_the_second_revision(path: Path) -> None:
    """A database as the second revision left it, with a job that has two references, one of them uploaded."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for revision in ("0001_jobs", "0002_told"):
                import_module(f"bot.migrations.versions.{revision}").upgrade()
        context._ensure_version_table()
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0002')")
        connection.exec_driver_sql(
            "INSERT INTO jobs (id, state, created_at, user_id, channel_id, interaction_id, application_id, token,"
            " token_expires_at, private, route, channel_limit, response_limit, request, uncertain, tidied)"
            " VALUES ('old', 'painting', 1000, 1, 3, 4, 5, 'token', 1900, 0, 'channel', 10, 10,"
            """ '{"model": "m", "prompt": "p", "size": "1:1", "resolution": null, "count": 1, "options": {}}', 0, 0)"""
        )
        connection.exec_driver_sql(
            'INSERT INTO "references" VALUES'
            " ('old', 1, 'image1', 'https://a', 'a.png', 9, 'https://files/a', 1000.5),"
            " ('old', 2, 'image2', 'https://b', 'b.png', 9, NULL, NULL)"
        )
        connection.exec_driver_sql(
            "INSERT INTO tasks (id, job_id, position, state, model, wanted, pictures, submits, result_urls)"
            " VALUES ('old-1', 'old', 1, 'pending', 'm', 1, 1, 0, '[]')"
        )
    engine.dispose()


async def test_a_job_of_the_second_revision_goes_on_with_what_it_has_uploaded(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    database_of_the_second_revision(path)
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
