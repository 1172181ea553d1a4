"""The file of the database: where it is, who may have it open, and what is said of one that is no good."""

import filecmp
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.database import open_database
from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY, StartupError
from tests.bot.database.conftest import note, url_of


async def test_a_second_process_is_refused_and_told_why(tmp_path: Path) -> None:
    async with open_database(url_of(tmp_path / "easel.db")):
        with pytest.raises(StartupError, match="another Easel is running") as refused:
            async with open_database(url_of(tmp_path / "easel.db")):
                pass
    assert refused.value.exit_code == EXIT_TEMPORARY
    async with open_database(url_of(tmp_path / "easel.db")):
        pass


async def test_a_link_to_a_database_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "easel.db")
    async with open_database(url_of(tmp_path / "easel.db")):
        with pytest.raises(StartupError, match="another Easel is running"):
            async with open_database(url_of(tmp_path / "link.db")):
                pass


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    async with open_database(url_of(tmp_path / "deep" / "er" / "easel.db")):
        assert (tmp_path / "deep" / "er" / "easel.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_what_is_made_is_closed_to_everyone_else(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        async with open_database(url_of(tmp_path / "data" / "easel.db")) as database:
            await database.transaction(lambda connection: note(connection, "x"))
            names = {path.name for path in (tmp_path / "data").iterdir()}
            modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    finally:
        os.umask(previous)
    assert {"easel.db", "easel.db-wal"} <= names
    assert modes == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o750)
    async with open_database(url_of(folder / "easel.db")):
        assert folder.stat().st_mode & 0o777 == 0o750


async def test_a_damaged_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "easel.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StartupError, match=r"DATABASE_URL: cannot use .*not a database"):
        async with open_database(url_of(tmp_path / "easel.db")):
            pass


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match="DATABASE_URL: cannot open"):
        async with open_database(url_of(tmp_path / "file" / "easel.db")):
            pass


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    async with open_database(url_of(path)):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    shutil.copyfile(path, path.with_name("made"))
    with pytest.raises(
        StartupError, match=r"made by a newer Easel .*; update Easel, or choose another file"
    ) as refused:
        async with open_database(url_of(path)):
            pass
    assert refused.value.exit_code == EXIT_SETTINGS
    assert filecmp.cmp(path, path.with_name("made"), shallow=False)
