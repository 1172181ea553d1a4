"""What stands in the way of a database at the start, and what its operator can do about it."""

import enum
import errno
import glob
import sqlite3
from pathlib import Path


class Trouble(enum.Enum):
    """A kind of it."""

    FULL = "full"
    DAMAGED = "damaged"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    FAILING = "failing"  # or full, where SQLite cannot tell the two apart, as at the end of a quota
    OTHER = "other"


_BY_ERRNO = {
    getattr(errno, name): trouble
    for trouble, names in {
        Trouble.FULL: ("ENOSPC", "EDQUOT"),
        Trouble.FORBIDDEN: ("EACCES", "EPERM", "EROFS"),
        Trouble.FAILING: ("EIO", "EFBIG"),
    }.items()
    for name in names
    if hasattr(errno, name)
}
_BY_CODE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_PERM: Trouble.FORBIDDEN,
    sqlite3.SQLITE_READONLY: Trouble.FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: Trouble.FORBIDDEN,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_IOERR: Trouble.FAILING,
}
_PRIMARY = 0xFF  # of a code of SQLite's; the rest says more about it


def trouble_of(error: BaseException) -> Trouble:
    """Which kind an error is, or what it was raised from: the system's, SQLite's, or a library's around one."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, sqlite3.Error):
            return _BY_CODE.get(getattr(seen, "sqlite_errorcode", 0) & _PRIMARY, Trouble.OTHER)
        if isinstance(seen, OSError):
            return _BY_ERRNO.get(seen.errno or 0, Trouble.OTHER)
        seen = getattr(seen, "orig", None) or seen.__cause__
    return Trouble.OTHER


def advice(error: BaseException, path: Path) -> str:
    """What to do about an error that keeps Easel from the database at `path`, as the end of a sentence."""
    match trouble_of(error):
        case Trouble.FULL:
            return "make room on its disk, for at least as much as it takes itself"
        case Trouble.DAMAGED:
            return f"{_put_a_copy(path)}, or choose another file"
        case Trouble.FORBIDDEN:
            return "see to it that it is a file, and that Easel may write to it and to its folder"
        case Trouble.BUSY:
            return "another program is at it: end that one, and start again"
        case Trouble.FAILING:
            return "see whether its disk is sound, and has room"
        case Trouble.OTHER:
            in_the_way = getattr(error, "filename", None)
            return f"see what is in the way at {in_the_way}" if in_the_way else "see to it, or choose another file"


def _put_a_copy(path: Path) -> str:
    """The way back, with the newest copy that was made before an update, if there is one."""
    real = path.resolve()
    copies = sorted(real.parent.glob(f"{glob.escape(real.name)}.*.bak"), key=lambda copy: copy.stat().st_mtime)
    which = f"the copy {copies[-1].name}" if copies else "a copy, if you have one,"
    return f"delete {real.name}-wal and {real.name}-shm where they are, and put {which} in its place"
