"""The demo as a process, as a terminal or a pipe would run it."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[4]

_PROGRAM = """
import asyncio, json, pathlib, sys
from bot.errors import StartupError
from bot.sandbox.demo import DemoOptions, demo
chosen = json.loads(sys.argv[1])
images = tuple(map(pathlib.Path, chosen.pop("images", ())))
options = DemoOptions(folder=pathlib.Path("pictures"), images=images, **chosen)
try:
    sys.exit(asyncio.run(demo(options, seconds=float(sys.argv[2]))))
except StartupError as error:  # as the command line does
    print(f"easel: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""


@dataclass(kw_only=True)
class RunningDemo:
    """A demo under way in `folder`; `output` is what it has written to the screen, as far as it was read."""

    process: Process
    folder: Path
    output: str = ""
    complaints: str = field(default="", init=False)

    @property
    def pictures(self) -> Path:
        """Where it saves them."""
        return self.folder / "pictures"

    @property
    def bot_id(self) -> int:
        """The process id of its bot."""
        found = re.search(r"process (\d+)", self.output)
        assert found is not None, self.output
        return int(found[1])

    @property
    def bot_environment(self) -> str:
        """All that its bot was told."""
        return Path(f"/proc/{self.bot_id}/environ").read_text("utf-8")

    @property
    def leftovers(self) -> list[str]:
        """What it has left among the temporary files."""
        return [path.name for path in (self.folder / "temporary").iterdir()]

    async def shows(self, text: str) -> None:
        """Read on until it has written this."""
        assert self.process.stdout is not None
        while text not in self.output:
            chunk = await self.process.stdout.read(4096)
            assert chunk, f"it never showed “{text}”:\n{self.output}"
            self.output += chunk.decode()

    async def ends(self) -> int:
        """Read to the end; the exit code."""
        output, complaints = await self.process.communicate()
        self.output += output.decode()
        self.complaints = complaints.decode()
        assert self.process.returncode is not None
        return self.process.returncode

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)


@asynccontextmanager
async def running_demo(
    folder: Path, chosen: str = "{}", *, seconds: float = 0.0, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[RunningDemo]:
    """Start the demo with these options (JSON), in a folder of its own; on leaving, nothing of it is left."""
    (folder / "temporary").mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, chosen, str(seconds)),
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TMPDIR": str(folder / "temporary"), **(environment or {})},
        stdout=PIPE,
        stderr=PIPE,
    )
    demo = RunningDemo(process=process, folder=folder)
    try:
        yield demo
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.communicate()


def is_running(process_id: int) -> bool:
    """Whether the process does anything still; one that has ended and was not yet noticed does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}
