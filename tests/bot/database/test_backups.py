"""The copy that is made of a database before it is brought up to date."""

import asyncio
import filecmp
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.backup import back_up
from bot.database import open_database
from bot.errors import StartupError
from bot.jobs.store import Store
from tests.bot.database.conftest import url_of
from tests.bot.database.killing import migrate_and_die
from tests.bot.database.older import OLDER, contents, older_database, revision_of
from tests.clocks import FastClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "easel.db"


def copies(path: Path) -> list[Path]:
    """All that is beside the database and is called a copy, finished or not."""
    return sorted(each for each in path.parent.iterdir() if ".bak" in each.name)


def without_tokens(kept: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The contents of a database, as they stand in its copy."""
    return kept | {"jobs": [row | {"token": None} for row in kept["jobs"]]}


async def start(path: Path) -> None:
    async with open_database(url_of(path)):
        pass


@pytest.mark.parametrize("revision", OLDER)
async def test_what_was_there_before_an_update_stays_beside_it_closed_to_others(path: Path, revision: str) -> None:
    older_database(path, revision)
    before = contents(path)
    umask = os.umask(0)
    try:
        await start(path)
    finally:
        os.umask(umask)
    (copy,) = copies(path)
    assert copy.name == f"easel.db.{revision}.bak"
    assert (contents(copy), revision_of(copy)) == (without_tokens(before), revision)
    assert revision_of(path) == "0003"
    if os.name != "nt":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_a_copy_can_be_gone_back_to_and_its_jobs_go_on(path: Path) -> None:
    older_database(path, "0002")
    await start(path)
    (copy,) = copies(path)
    copy.rename(path)
    async with open_database(url_of(path)) as database:
        store = Store(database, FastClock())
        assert await store.unfinished() == ["old"]
        job = await store.job("old")
    assert job is not None
    assert job.place.token is None
    assert revision_of(path) == "0003"


def add_jobs_with_tokens(path: Path) -> None:
    """Two hundred: pages of tokens of all lengths."""
    with closing(sqlite3.connect(path)) as other:
        names = [name for (name,) in other.execute("SELECT name FROM pragma_table_info('jobs')")]
        row = dict(zip(names, other.execute("SELECT * FROM jobs WHERE id = 'old'").fetchone(), strict=True))
        for number in range(200):
            new = row | {"id": str(number), "interaction_id": 100 + number, "token": "secret-token" * number}
            other.execute(f"INSERT INTO jobs VALUES ({', '.join('?' * len(new))})", tuple(new.values()))  # noqa: S608 - ours
        other.commit()


def with_tokens(folder: Path) -> set[str]:
    """The names of the files in which one of those tokens stands."""
    return {each.name for each in folder.iterdir() if b"secret-token" in each.read_bytes()}


async def test_no_token_of_an_interaction_is_in_a_copy_or_beside_it(path: Path) -> None:
    older_database(path, "0002")
    add_jobs_with_tokens(path)
    assert with_tokens(path.parent) == {"easel.db"}
    await start(path)
    (copy,) = copies(path)
    assert len(contents(copy)["jobs"]) == 202
    assert with_tokens(path.parent) == {"easel.db"}


async def test_a_revision_without_such_a_table_is_copied_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (key TEXT)")
        other.execute("INSERT INTO notes VALUES ('kept')")
        other.commit()
    assert contents(back_up(path, "0000")) == {"notes": [{"key": "kept"}]}


async def test_what_is_only_in_the_log_of_writes_is_copied_too(path: Path) -> None:
    older_database(path, "0002")
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO notes VALUES ('late', '')")
        other.commit()
        await start(path)
    (copy,) = copies(path)
    assert {"key": "late", "value": ""} in contents(copy)["notes"]


async def test_a_new_database_and_one_that_is_up_to_date_are_not_copied(path: Path) -> None:
    await start(path)
    await start(path)
    assert copies(path) == []


async def test_the_copy_stands_beside_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    older_database(tmp_path / "volume" / "data.db", "0002")
    (tmp_path / "easel.db").symlink_to(tmp_path / "volume" / "data.db")
    await start(tmp_path / "easel.db")
    assert [copy.name for copy in copies(tmp_path / "volume" / "data.db")] == ["data.db.0002.bak"]


async def test_another_copy_of_that_name_is_not_overwritten_and_the_same_is_not_made_twice(path: Path) -> None:
    older_database(path, "0002")
    precious = path.with_name("easel.db.0002.bak")
    precious.write_bytes(b"what somebody kept")
    shutil.copyfile(path, path.with_name("kept"))
    await start(path)
    for _ in range(2):  # as where an update is taken back
        shutil.copyfile(path.with_name("kept"), path)
        await start(path)
    assert [copy.name for copy in copies(path)] == ["easel.db.0002.2.bak", "easel.db.0002.bak"]
    assert precious.read_bytes() == b"what somebody kept"


async def test_what_a_killed_start_left_of_a_copy_is_taken_away(path: Path) -> None:
    older_database(path, "0002")
    path.with_name("easel.db.0001.bak.part").write_bytes(b"half")
    path.with_name("easel.db.0002.bak.part").write_bytes(b"half")
    path.with_name("easel.db2.0001.bak.part").write_bytes(b"another database's")
    await start(path)
    assert [copy.name for copy in copies(path)] == ["easel.db.0002.bak", "easel.db2.0001.bak.part"]


async def test_no_copy_no_update(path: Path) -> None:
    older_database(path, "0002")
    before = contents(path)
    path.with_name("easel.db.0002.bak.part").mkdir()
    with pytest.raises(
        StartupError, match=r"DATABASE_URL: .*easel\.db is of an older version .*left as it is"
    ) as refused:
        await start(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("see what is in the way at " + str(path.with_name("easel.db.0002.bak.part")))
    assert (contents(path), revision_of(path)) == (before, "0002")


async def test_a_damaged_database_is_not_updated(path: Path) -> None:
    older_database(path, "0002")
    with path.open("rb+") as file:
        for page in range(8, 20):
            file.seek(4096 * page)
            file.write(b"rubbish" * 500)
    shutil.copyfile(path, path.with_name("kept"))
    with pytest.raises(StartupError, match=r"malformed; .* put a copy, if you have one, in its place") as refused:
        await start(path)
    assert "room" not in str(refused.value)
    assert copies(path) == []
    assert filecmp.cmp(path, path.with_name("kept"), shallow=False)


def in_a_child(work: Callable[[], None]) -> str:
    """What the child says of the error that ends its work."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        told = said.read()
    os.waitpid(child, 0)
    return told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to have a disk that is full for a child alone")
def test_a_full_disk_refuses_the_start_and_leaves_all_as_it_was(path: Path) -> None:
    older_database(path, "0002")
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO notes VALUES ('long', ?)", ("x" * 200_000,))
        other.commit()
    before = contents(path)

    def start_on_a_full_disk() -> None:
        import resource  # noqa: PLC0415 - POSIX has it, as it has fork

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        asyncio.run(start(path))

    told = in_a_child(start_on_a_full_disk)
    assert "left as it is" in told
    assert "room" in told
    assert (contents(path), revision_of(path), copies(path)) == (before, "0002", [])


@pytest.mark.exhaustive
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill a child at each point")
def test_an_update_killed_at_any_point_loses_nothing_and_is_made_good_by_the_next_start(tmp_path: Path) -> None:
    older_database(tmp_path / "first.db", "0001")
    original, before = (tmp_path / "first.db").read_bytes(), contents(tmp_path / "first.db")
    seen: set[tuple[str | None, tuple[str, ...]]] = set()
    fatal = 0
    while True:
        fatal += 1
        folder = tmp_path / str(fatal)
        folder.mkdir()
        path = folder / "easel.db"
        path.write_bytes(original)
        if not migrate_and_die(path, fatal):
            break
        revision, copied = revision_of(path), [copy for copy in copies(path) if copy.suffix == ".bak"]
        assert revision in {"0001", "0003"}, "all or nothing"
        assert revision == "0001" or copied, "first the copy"
        assert all((contents(copy), revision_of(copy)) == (without_tokens(before), "0001") for copy in copied), (
            "whole or not there"
        )
        if revision == "0001":
            assert contents(path) == before
        left = (revision, tuple(copy.name for copy in copies(path)))
        if left in seen and fatal % 8:
            continue  # the next start is as the one before
        seen.add(left)
        assert not migrate_and_die(path, 0)
        assert [copy.name for copy in copies(path)] == ["easel.db.0001.bak"]
        assert contents(copies(path)[0]) == without_tokens(before)
        assert (revision_of(path), len(contents(path)["jobs"])) == ("0003", 2)
    assert seen >= {
        ("0001", ()),
        ("0001", ("easel.db.0001.bak.part",)),
        ("0001", ("easel.db.0001.bak",)),
        ("0003", ("easel.db.0001.bak",)),
    }
    assert fatal > 35, "the points were not reached"
