"""Sessions of the gateway: what an identified client is owed, over as many sockets as it takes.

A session numbers its events and keeps the last of them, so that a client which lost its socket can resume.

Source: Discord's API documentation, "Gateway" (resuming, sharding formula).
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.protocol import CloseCode, Opcode, guild_of, is_wanted

REPLAY_EVENTS = 1000  # kept per session; the stand-in's own choice, as is the next number: Discord publishes neither
RESUME_SECONDS = 300.0  # how long a session outlives its socket

Observer: TypeAlias = Callable[["Session", Json], None]


class Outlet(Protocol):
    """A socket, as a session sees it."""

    def send(self, frame: Json) -> None:
        """Send a frame."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket."""
        ...


class Session:
    """One identified client.

    Attributes:
        id: what the client names to resume.
        intents: the events it asked for.
        shard: its index and the number of shards.
        sequence: the number of its last event.
        left_at: when its socket went, in unix seconds; None while it has one.
    """

    def __init__(self, intents: int, shard: tuple[int, int], replay_events: int, observe: Observer) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.left_at: float | None = None
        self._recent: deque[Json] = deque(maxlen=replay_events)
        self._outlet: Outlet | None = None
        self._observe = observe

    @property
    def connected(self) -> bool:
        """Whether a socket is attached."""
        return self._outlet is not None

    def wants(self, event: str, data: Json) -> bool:
        """Whether the event concerns this shard and is covered by the intents."""
        return self.owns(guild_of(event, data)) and is_wanted(self.intents, event, data)

    def owns(self, guild_id: str | None) -> bool:
        """Whether this shard serves the server; what is outside servers belongs to shard 0."""
        index, count = self.shard
        return index == ((int(guild_id) >> 22) % count if guild_id else 0)

    def attach(self, outlet: Outlet) -> None:
        """Send to this socket from now on; one that was attached before is closed."""
        if self._outlet is not None:
            self._outlet.close(CloseCode.UNKNOWN_ERROR, "The session was resumed on another socket.")
        self._outlet = outlet
        self.left_at = None

    def detach(self, outlet: Outlet, at: float) -> None:
        """Keep events for a later socket; without effect if another socket has taken over."""
        if self._outlet is outlet:
            self._outlet = None
            self.left_at = at

    def dispatch(self, event: str, data: Json) -> Json:
        """Number an event, keep it, and send it if there is a socket.

        Returns:
            The frame.
        """
        self.sequence += 1
        frame = {"op": Opcode.DISPATCH, "t": event, "s": self.sequence, "d": data}
        self._recent.append(frame)
        self._observe(self, frame)
        self.send(frame)
        return frame

    def send(self, frame: Json) -> None:
        """Send a frame as it is, if there is a socket."""
        if self._outlet is not None:
            self._outlet.send(frame)

    def missed_since(self, sequence: int) -> list[Json] | None:
        """The events after `sequence`; None if some of them are no longer kept."""
        missed = [frame for frame in self._recent if frame["s"] > sequence]
        return missed if len(missed) == self.sequence - sequence else None


class Sessions:
    """The sessions that are alive or may still be resumed."""

    def __init__(self, now: Callable[[], float], observe: Observer) -> None:
        self.replay_events = REPLAY_EVENTS
        self._now = now
        self._observe = observe
        self._sessions: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        """Those that still receive events, oldest first."""
        self._forget_lost()
        return iter(tuple(self._sessions.values()))

    def open(self, intents: int, shard: tuple[int, int]) -> Session:
        """A new session."""
        session = Session(intents, shard, self.replay_events, self._observe)
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """The session with this id, if it may be resumed."""
        self._forget_lost()
        return self._sessions.get(session_id)

    def forget(self, session: Session) -> None:
        """End a session: it cannot be resumed."""
        self._sessions.pop(session.id, None)

    def _forget_lost(self) -> None:
        oldest = self._now() - RESUME_SECONDS
        for session in tuple(self._sessions.values()):
            if session.left_at is not None and session.left_at < oldest:
                self.forget(session)
