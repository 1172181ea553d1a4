"""The file of the database: where it is, who may have it open, and what is said of one that is no good."""

import errno
import filecmp
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from bot.database import open_database
from bot.database_trouble import Trouble, advice, trouble_of
from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY, DatabaseFailed, StartupError
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
    for name in ("easel.db.0001.bak", "easel.db.0002.bak", "easel.db.0002.bak.part", "easel.db2.0003.bak"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "easel.db.0001.bak", (0, 0))
    way_out = r"and put the copy easel\.db\.0002\.bak in its place, or choose another file$"
    with pytest.raises(StartupError, match=r"DATABASE_URL: cannot use .*not a database; .*" + way_out):
        async with open_database(url_of(tmp_path / "easel.db")):
            pass


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match=r"DATABASE_URL: cannot open .*; see what is in the way at .*file"):
        async with open_database(url_of(tmp_path / "file" / "easel.db")):
            pass


async def test_a_folder_in_the_place_of_a_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "easel.db").mkdir()
    with pytest.raises(StartupError, match=r"DATABASE_URL: cannot use .*; see to it that it is a file"):
        async with open_database(url_of(tmp_path / "easel.db")):
            pass


def by_sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.ENOSPC, "no space"), Trouble.FULL),
        (by_sqlite(sqlite3.SQLITE_FULL), Trouble.FULL),
        (PermissionError(errno.EACCES, "denied"), Trouble.FORBIDDEN),
        (OSError(errno.EROFS, "read-only"), Trouble.FORBIDDEN),
        (by_sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), Trouble.FORBIDDEN),
        (by_sqlite(sqlite3.SQLITE_CORRUPT_INDEX), Trouble.DAMAGED),
        (by_sqlite(sqlite3.SQLITE_IOERR_READ), Trouble.FAILING),
        (by_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Trouble.BUSY),
        (by_sqlite(sqlite3.SQLITE_ERROR), Trouble.OTHER),
        (sqlite3.ProgrammingError("of the driver's own"), Trouble.OTHER),
        (FileExistsError(errno.EEXIST, "it is there"), Trouble.OTHER),
    ],
)
def test_room_is_advised_for_a_full_disk_alone(error: Exception, trouble: Trouble, tmp_path: Path) -> None:
    around = DatabaseFailed("it failed")
    around.__cause__ = DatabaseError("SELECT 1", None, error)
    assert trouble_of(error) is trouble_of(around) is trouble
    assert ("make room" in advice(around, tmp_path / "easel.db")) == (trouble is Trouble.FULL)


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
