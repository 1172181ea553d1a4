"""The demo as a command: from its options to its exit code."""

import asyncio
import os
import shlex
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import aiohttp

from bot import log
from bot.sandbox.demo.bot_process import BotDied, bot_process
from bot.sandbox.demo.interruption import Interrupted, interruptible
from bot.sandbox.demo.offline import Allowance, NotOnline, Offline, open_offline
from bot.sandbox.demo.options import EXIT_USAGE, DemoOptions
from bot.sandbox.demo.own_request import play_own_request
from bot.sandbox.demo.scenery import PromiseBroken, Scenery
from bot.sandbox.demo.screen import Screen, ScreenGone
from bot.sandbox.demo.spectator import Spectator
from bot.sandbox.demo.tour import ALLOWANCE, Tour
from bot.sandbox.discord.people import InteractionFailed, NotPossible, WaitedInVain

# Seconds for a picture, of any model and size: so few that the gateway's own figure is known before the bot, which has
# no experience here, shows its first estimate. Else that would be a guess from real models, which jumps.
_PACE = 3.0
_PLENTY = Allowance(pictures=100, hours=24)
_EXIT_NOBODY_READS = 141  # what a shell reports for a program whose pipe was closed
_DISAPPOINTMENTS = (NotOnline, PromiseBroken, InteractionFailed, WaitedInVain, OSError, aiohttp.ClientError)


async def demo(options: DemoOptions, *, seconds: float = _PACE) -> int:
    """Play the tour or a request, and return the exit code: 0 if all went as it should.

    Args:
        options: what was chosen on the command line.
        seconds: how long the gateway takes for a picture.

    Raises:
        StartupError: what was chosen cannot be played.
    """
    options.prepare()
    screen, at_once = Screen(sys.stdout), ExitStack()
    try:
        return await _told(options, screen, seconds, at_once)
    except ScreenGone:
        # What the interpreter flushes at its end must not fail, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _EXIT_NOBODY_READS


async def _told(options: DemoOptions, screen: Screen, seconds: float, at_once: ExitStack) -> int:
    """Play, and say in a sentence what went wrong, if something did."""
    try:
        playing = _play(options, screen, seconds, at_once)
        return await interruptible(playing, stopping=lambda: _tell_stopping(screen), at_once=at_once.close)
    except Interrupted as interrupted:
        screen.say("Stopped; nothing is left running.")
        return interrupted.exit_code
    except BotDied as death:
        screen.say()
        screen.say(f"✗ The bot ended by itself, with {death.how}. The end of its log:", "bad")
        screen.log(death.last_lines)
    except NotPossible as refusal:
        screen.say()
        screen.say(f"✗ Discord does not let anyone do that. {refusal}", "bad")
        return EXIT_USAGE if options.is_own_request else 1
    except _DISAPPOINTMENTS as error:
        first, *details = str(error).splitlines() or [type(error).__name__]
        screen.say()
        screen.say(f"✗ This should not have happened: {first}", "bad")
        screen.log(details)
    return 1


async def _play(options: DemoOptions, screen: Screen, seconds: float, at_once: ExitStack) -> int:
    with options.log.open("a", encoding="utf-8") as stream:
        log.configure(level="WARNING", form="console", stream=stream)
        _introduce(screen)
        allowance = _PLENTY if options.is_own_request else ALLOWANCE
        async with open_offline(seconds) as offline:
            screen.say(f"✓ Discord: a stand-in at {offline.discord.api_url}", "good")
            screen.say(f"✓ The image gateway: a stand-in at {offline.gateway.base_url}", "good")
            async with bot_process(offline.settings(allowance), options.log, at_once) as bot:
                screen.say(f"… The bot: starting as process {bot.id}; it logs to {options.log}", "dim")
                return await bot.while_alive(_play_on(offline, options, screen))


async def _play_on(offline: Offline, options: DemoOptions, screen: Screen) -> int:
    await offline.bot_is_online()
    screen.say("✓ The bot is online", "good")
    begun = time.monotonic()
    spectator = Spectator(screen, offline.discord.world, options.folder)
    if options.is_own_request:
        pictures = await play_own_request(options, offline, screen, spectator)
    else:
        scenery = Scenery(offline=offline, screen=screen, spectator=spectator, folder=options.folder)
        pictures = await Tour(scenery).play()
        screen.say()
        screen.say(f"✓ All of it went as it should, in {time.monotonic() - begun:.0f} s.", "good")
    if pictures:
        _tell_what_next(screen)
    if options.keep:
        _tell_how_to_join(screen, offline, options.folder)
        await asyncio.Event().wait()
    return 0 if pictures else 1


def _introduce(screen: Screen) -> None:
    screen.say("Easel, offline", "bold")
    screen.say(
        "The real bot, between stand-ins of Discord and of the image gateway on this machine."
        " No account, no settings, no cost. Ctrl-C ends it."
    )
    screen.say()


def _tell_stopping(screen: Screen) -> None:
    with suppress(ScreenGone):  # said again by the next line that is written
        screen.say()
        screen.say("Stopping … (Ctrl-C again: at once)", "dim")


def _tell_how_to_join(screen: Screen, offline: Offline, folder: Path) -> None:
    # A database of its own: whoever follows this may have a real bot's `.env` in the current directory.
    environment = offline.access | {"DATABASE_URL": f"sqlite:///{(folder / 'yours.db').resolve().as_posix()}"}
    screen.say()
    screen.say("To point a bot of your own, or `uv run easel check`, at the stand-ins, set these in another terminal:")
    screen.say()
    screen.log(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
    screen.say()
    screen.say("Everything stays up, as --keep asks, until you press Ctrl-C.", "bold")


def _tell_what_next(screen: Screen) -> None:
    screen.say()
    screen.say('A request of your own:   uv run easel demo --prompt "a fox" --ratio 3:2')
    screen.say("The bot on your server:  “Five minutes to a bot on your server” in README.md")
