"""Databases as earlier revisions left them, with rows in them."""

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

_MODULES = {"0001": "0001_jobs", "0002": "0002_told"}
OLDER = tuple(_MODULES)

_REQUEST = '{"model": "m", "prompt": "p", "size": "1:1", "resolution": null, "count": 1, "options": {}}'
_ROWS = f"""
INSERT INTO jobs (
    id, state, created_at, user_id, channel_id, interaction_id, application_id, token, token_expires_at, private,
    route, channel_limit, response_limit, request, uncertain, tidied
) VALUES
    ('old', 'painting', 1000, 1, 3, 4, 5, 'token', 1900, 0, 'channel', 10, 10, '{_REQUEST}', 0, 0),
    ('untold', 'undeliverable', 1000, 1, 3, 5, 5, NULL, 1900, 0, 'channel', 10, 10, '{_REQUEST}', 0, 1);
INSERT INTO "references" VALUES
    ('old', 1, 'image1', 'https://a', 'a.png', 9, 'https://files/a', 1000.5),
    ('old', 2, 'image2', 'https://b', 'b.png', 9, NULL, NULL);
INSERT INTO tasks (id, job_id, position, state, model, wanted, pictures, submits, result_urls) VALUES
    ('old-1', 'old', 1, 'pending', 'm', 1, 1, 0, '[]'),
    ('untold-1', 'untold', 1, 'failed', 'm', 1, 0, 1, '[]');
INSERT INTO charges VALUES (1, 'untold-1', 1001, 'accepted', 1, 'task_img_1');
INSERT INTO subjects VALUES ('user 1');
INSERT INTO notes VALUES ('discord.commands', 'a digest');
"""  # noqa: S608 - all of it is ours


def older_database(path: Path, revision: str) -> None:
    """Make one of this revision.

    It has a job with two references, one of them uploaded, and one whose outcome could not be shown.
    """
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for module in (_MODULES[each] for each in OLDER if each <= revision):
                import_module(f"bot.migrations.versions.{module}").upgrade()
        context._ensure_version_table()
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (revision,))
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_ROWS)
        database.execute("PRAGMA journal_mode=WAL")  # stands in the file


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, by the names of their columns, without the revision."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'")
        return {name: _rows(connection.execute(f'SELECT * FROM "{name}"')) for (name,) in names}  # noqa: S608 - ours


def _rows(rows: sqlite3.Cursor) -> list[dict[str, Any]]:
    return sorted(map(dict, rows), key=lambda row: [str(value) for value in row.values()][:2])


def revision_of(path: Path) -> str | None:
    """The revision that a database says it is of; None: none yet."""
    with closing(sqlite3.connect(path)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
            return None
        (row,) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        return str(row[0])
