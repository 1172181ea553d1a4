"""The command line: `easel run | check | demo`. A start that fails is one line and an exit code."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bot import log
from bot.checkup import check
from bot.client import EaselBot, point_at
from bot.clock import Clock
from bot.config import Settings, load_settings, misspelt
from bot.errors import DatabaseFailed, StartupError
from bot.jobs.records import Records
from bot.services import open_services
from bot.stopping import stop_on_signals

_CHECK = "try settings, database, Discord token, gateway key and balance"
_CHECK_MORE = (
    "The exit code is 0 if a run would start, or is running already, and 1 if not. A database that is there is brought "
    "up to date; one that is not is left to the first run, and one that a run is using is left alone."
)
_USAGE = 2  # as argparse ends when an argument is wrong

_log = logging.getLogger(__name__)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default the one in `sys.argv`; its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return _USAGE
    try:
        return _demo(options) if options.command == "demo" else _with_settings(options.command, load_settings())
    except StartupError as error:
        return _refused(str(error), error.exit_code)


def _refused(why: str, exit_code: int) -> int:
    print(f"easel: {why}", file=sys.stderr)  # noqa: T201 - the command line's own voice
    return exit_code


def _with_settings(command: str, settings: Settings) -> int:
    log.configure(
        level=settings.log_level if command == "run" else "ERROR", form=settings.log_format, secrets=settings.secrets
    )
    log.catch_the_uncaught()
    unknown = misspelt()
    try:
        if command == "check":
            return asyncio.run(check(settings, unknown))
        for sentence in unknown:
            _log.warning(sentence)
        return asyncio.run(run(settings))
    except StartupError as error:
        return _refused(log.SecretFilter(settings.secrets).filter(str(error)), error.exit_code)
    except Exception:  # noqa: BLE001 - the interpreter would print it with any secret in it
        _log.critical("a defect ended the program", exc_info=True)
        return 1


def _demo(options: argparse.Namespace) -> int:
    # Imported here, because a running bot has no use for the sandbox.
    from bot.sandbox.demo import DemoOptions, demo  # noqa: PLC0415

    chosen = DemoOptions(
        prompt=options.prompt,
        model=options.model,
        ratio=options.ratio,
        resolution=options.resolution,
        count=options.count,
        images=tuple(options.image),
        folder=options.folder,
        keep=options.keep,
    )
    return asyncio.run(demo(chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="easel", description="A Discord bot that paints.")
    parser.add_argument("--version", action="version", version=f"easel {_version()}")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="{run,check,demo}")
    commands.add_parser("run", help="run the bot; it reads its settings from the environment and from .env")
    commands.add_parser("check", help=_CHECK, description=f"{_CHECK}. {_CHECK_MORE}")
    tour = commands.add_parser("demo", help="try the bot on this machine alone: no account, no settings, no cost")
    tour.add_argument("--prompt", help="play one request of your own instead of the tour")
    tour.add_argument("--model", help='for example "Nano Banana Pro"')
    tour.add_argument("--ratio", help='for example "16:9"')
    tour.add_argument("--resolution", help='for example "2K"')
    tour.add_argument("--count", type=int, help="how many pictures, 1 to 4")
    tour.add_argument("--image", type=Path, action="append", default=[], help="a reference picture; up to four times")
    tour.add_argument("--folder", type=Path, default=Path("easel-demo"), help="where the pictures are saved")
    tour.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    return parser


def _version() -> str:
    try:
        return version("easel")
    except PackageNotFoundError:
        return "(not installed)"


async def run(settings: Settings, clock: Clock | None = None, **options: Any) -> int:
    """Run the bot until it is told to stop; see `stop_on_signals`.

    Args:
        settings: the bot's.
        clock: its time; by default the machine's.
        options: for discord.py's client.

    Raises:
        StartupError: it could not start.
    """
    with stop_on_signals() as stop:
        point_at(settings)
        async with open_services(settings, clock) as services:
            if not stop.is_set():
                await _run_until(stop, EaselBot(services, **options), settings.discord_token.get_secret_value())
            if stop.is_set():
                await _say_what_is_left(services.records)
    return 0


async def _say_what_is_left(records: Records) -> None:
    try:
        left = await records.unfinished()
    except DatabaseFailed:
        _log.exception("stopped; how many jobs go on after the next start cannot be read")
    else:
        _log.info("stopped; %d jobs go on after the next start", len(left))


async def _run_until(stop: asyncio.Event, bot: EaselBot, token: str) -> None:
    running = asyncio.create_task(bot.run_until_closed(token), name="bot")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await bot.close()
        await running
