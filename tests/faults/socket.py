"""Rows about Discord's gateway socket: what happens to it, how the bot comes back, and what people notice."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY
from tests.stage import Stage

Trouble: TypeAlias = Callable[[Stage], Awaitable[None]]

RESUMED = ("RESUME",)
ANEW = ("IDENTIFY",)
REFUSED = ("RESUME", "IDENTIFY")


@dataclass(frozen=True, kw_only=True)
class SocketRow:
    """Trouble that passes.

    Attributes:
        trouble: brings it about, in the middle of a job.
        sends: how the bot comes back: the frames with which it begins.
        heard: whether a command given meanwhile is done, once; else Discord says that there is no answer.
        seconds: at most, until it is back.
    """

    name: str
    trouble: Trouble
    sends: tuple[str, ...] = RESUMED
    heard: bool = True
    seconds: float = 1.0


@dataclass(frozen=True, kw_only=True)
class FatalRow:
    """A closing code after which no connection helps.

    Attributes:
        exit_code: with which the program ends.
        says: what is in its one line.
    """

    code: int
    exit_code: int
    says: str


def closed(code: int) -> Trouble:
    """The socket is closed with this code."""
    return lambda stage: stage.discord.gateway.close(code)


async def _op_7(stage: Stage) -> None:
    stage.discord.gateway.reconnect()


async def _op_9_resumable(stage: Stage) -> None:
    stage.discord.gateway.invalidate(resumable=True)


async def _op_9(stage: Stage) -> None:
    stage.discord.gateway.invalidate(resumable=False)


async def _cut(stage: Stage) -> None:
    stage.discord.gateway.abort()


async def _silent(stage: Stage) -> None:
    """No heartbeat is acknowledged, and nothing else comes for longer than discord.py waits."""
    stage.discord.gateway.mute_heartbeats()
    await asyncio.sleep(61)
    stage.discord.gateway.mute_heartbeats(False)


async def _forgotten(stage: Stage) -> None:
    """The socket is cut, and the session has ended meanwhile."""
    gateway = stage.discord.gateway
    for session in gateway.sessions:
        gateway.sessions.forget(session)
    gateway.abort()


async def _away(stage: Stage) -> None:
    """Ten minutes without Discord's gateway; a session lives for five."""
    await stage.discord.gateway.go_away()
    await asyncio.sleep(600)
    stage.discord.gateway.come_back()


async def _hung_up(stage: Stage) -> None:
    """New sockets are closed before HELLO for a while."""
    gateway = stage.discord.gateway
    gateway.manners.hangs_up = 4000
    await gateway.close(4000)
    await asyncio.sleep(100)
    gateway.manners.hangs_up = None


async def _away_and_hung_up(stage: Stage) -> None:
    """The gateway is away, and when it is there again, it closes new sockets before HELLO for a while."""
    gateway = stage.discord.gateway
    await gateway.go_away()
    await asyncio.sleep(400)
    gateway.manners.hangs_up = 1001
    gateway.come_back()
    await asyncio.sleep(300)
    gateway.manners.hangs_up = None


async def _duplicated(stage: Stage) -> None:
    stage.discord.gateway.duplicate_next("INTERACTION_CREATE")


async def _sent_twice(stage: Stage) -> None:
    stage.discord.gateway.duplicate_next("INTERACTION_CREATE", same_sequence=True)


async def _replayed(stage: Stage) -> None:
    """The next command is given twice, and both may only be heard on the next socket."""
    stage.discord.gateway.duplicate_next("INTERACTION_CREATE")
    stage.discord.gateway.abort()


PASSING: Sequence[SocketRow] = (
    *(
        SocketRow(name=f"closed with {code}", trouble=closed(code))
        for code in (1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
    ),
    SocketRow(name="op 7", trouble=_op_7),
    SocketRow(name="op 9, resumable", trouble=_op_9_resumable),
    SocketRow(name="op 9", trouble=_op_9, sends=ANEW, heard=False, seconds=10),
    SocketRow(name="cut", trouble=_cut),
    SocketRow(name="heartbeats unanswered", trouble=_silent, seconds=130),
    SocketRow(name="session forgotten", trouble=_forgotten, sends=REFUSED, heard=False, seconds=20),
    SocketRow(name="an event twice", trouble=_duplicated, sends=()),
    SocketRow(name="a frame twice", trouble=_sent_twice, sends=()),
    SocketRow(name="an event twice, replayed", trouble=_replayed),
    SocketRow(name="away for ten minutes", trouble=_away, sends=ANEW, heard=False, seconds=1800),
    SocketRow(name="hung up on", trouble=_hung_up, seconds=180),
    SocketRow(name="away, then hung up on", trouble=_away_and_hung_up, sends=ANEW, heard=False, seconds=1800),
)

FATAL: Sequence[FatalRow] = (
    FatalRow(code=4004, exit_code=EXIT_SETTINGS, says="Discord refuses DISCORD_TOKEN"),
    FatalRow(code=4010, exit_code=EXIT_TEMPORARY, says="code 4010"),
    FatalRow(code=4011, exit_code=EXIT_TEMPORARY, says="code 4011"),
    FatalRow(code=4012, exit_code=1, says="no longer understands this version of Easel (code 4012)"),
    FatalRow(code=4013, exit_code=1, says="no longer understands this version of Easel (code 4013)"),
    FatalRow(code=4014, exit_code=EXIT_SETTINGS, says="MESSAGE_CONTENT_INTENT=false"),
)
