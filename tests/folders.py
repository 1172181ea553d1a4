"""Where tests have their files."""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is made as in any folder for temporary files
_ROOM = 1024 * 1024 * 1024  # bytes; containers often have much less


def memory() -> Path | None:
    """A folder whose files stay in memory, or None: what a disk does is waited for a hundred thousand times."""
    if not (_MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return _MEMORY
