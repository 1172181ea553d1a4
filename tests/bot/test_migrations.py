"""A database as an earlier revision left it, with rows in it."""

from importlib import import_module
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from bot.database import open_database
from bot.jobs.job import TaskState
from bot.jobs.order import Origin, Role
from bot.jobs.store import Store
from tests.clocks import FastClock


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
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
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
