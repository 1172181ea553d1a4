"""A copy of the database before a newer version changes it: beside it, whole or not there.

It is made under a temporary name, rid of interaction tokens, which nobody forgets in a copy, forced to the disk, and
only then given its own. What a killed start left of one is taken away by the next.
"""

import filecmp
import glob
import itertools
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

_ENDING = ".bak"
_UNFINISHED = ".part"


def back_up(path: Path, revision: str) -> Path:
    """Copy the database at `path`, of this revision, and return where to: `easel.db.0002.bak`.

    A copy that is there already stays: if it is another one, this one gets a number. Nobody else may be at it.

    Raises:
        OSError: there is no room, or the folder cannot be written to; the database is as it was, and no copy is there.
        sqlite3.Error: the same, or the database is damaged.
    """
    for left in path.parent.glob(f"{glob.escape(path.name)}.*{_ENDING}{_UNFINISHED}"):
        left.unlink()
    unfinished = path.with_name(f"{path.name}.{revision}{_ENDING}{_UNFINISHED}")
    try:
        _copy(path, unfinished)
        for number in itertools.count(1):
            copy = path.with_name(f"{path.name}.{revision}{f'.{number}' if number > 1 else ''}{_ENDING}")
            if not copy.exists():
                # No link, which not every file system has; nobody else makes copies under these names.
                unfinished.rename(copy)
                _force_folder(path.parent)
                return copy
            if filecmp.cmp(copy, unfinished, shallow=False):
                return copy  # of a start that ended before its migration
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    raise AssertionError("numbers never end")


def _copy(path: Path, copy: Path) -> None:
    """All that is committed but interaction tokens, forced to the disk, without what was deleted."""
    os.close(
        os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    )  # as open to others as the database: not at all
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    _forget_tokens(copy)
    with copy.open("rb+") as written:
        os.fsync(written.fileno())


def _forget_tokens(copy: Path) -> None:
    """Wipe them from the file; a job without one finds other ways to be delivered."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        # What is overwritten goes to no journal, and to no temporary file: half of a copy is thrown away anyway.
        for pragma in ("journal_mode=MEMORY", "temp_store=MEMORY", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        # A revision without such a table has no such columns.
        if ("token",) in connection.execute("SELECT name FROM pragma_table_info('jobs')").fetchall():
            connection.execute("UPDATE jobs SET token = NULL WHERE token IS NOT NULL")


def _force_folder(folder: Path) -> None:
    """Make a new name survive a power failure; Windows has no way to ask for it, and no need."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
