"""A new database, how one is called, and something to write."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.database import Database, open_database


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(url_of(tmp_path / "easel.db")) as opened:
        yield opened


async def note(connection: AsyncConnection, key: str) -> None:
    await connection.execute(insert(tables.notes).values(key=key, value=""))
