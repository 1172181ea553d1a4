"""New databases: migrated once in a process and then copied, for a migration takes longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from bot.migrations import migrate


def new_database(folder: Path) -> str:
    """The URL of the database in `folder`; if there is none yet, of a new one, as a first start would leave it."""
    path = folder / "easel.db"
    if not path.exists():
        path.write_bytes(_migrated())
    return f"sqlite+aiosqlite:///{path}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "easel.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            migrate(connection)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")  # stands in the file
        engine.dispose()
        return path.read_bytes()
