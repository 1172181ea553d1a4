"""Runs the bot as `easel run` does, but never longer than the demo lives, however that ended.

A program of its own: `python tether.py FOLDER`. Its standard input is a pipe that the demo holds open and never writes
to. The operating system closes it with the demo, even where the demo has no chance to tidy up; then FOLDER is removed
and the bot ends.
"""

import contextlib
import os
import runpy
import shutil
import sys
from threading import Thread


def _end_with_the_demo(folder: str) -> None:
    try:
        with contextlib.suppress(OSError):  # of a broken pipe, which is an end, too
            while os.read(0, 1):
                pass
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        # At once: both stand-ins are gone as well, so there is nobody to say goodbye to.
        os._exit(1)


if __name__ == "__main__":
    Thread(target=_end_with_the_demo, args=(sys.argv[1],), daemon=True).start()
    sys.argv[1:] = ["run"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
