"""The gateway: takes sockets, gives each session its events, and misbehaves when told to.

Source: Discord's API documentation, "Gateway" (connecting, encoding, compression, reconnect and invalid session).
"""

import asyncio
import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from aiohttp import web

from bot.sandbox.discord.censor import censored
from bot.sandbox.discord.compression import encoder
from bot.sandbox.discord.connection import Connection, Manners
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.protocol import CloseCode, Intent, Opcode
from bot.sandbox.discord.sessions import Session, Sessions
from bot.sandbox.discord.world import World
from bot.sandbox.record import Exchange, Record, redact

API_VERSION = "10"
CLOSING_SECONDS = 1.0  # how long a client may take to answer a closing frame


@dataclass
class _Duplication:
    event: str
    same_sequence: bool


class Gateway:
    """Discord's websocket.

    Every event that a session is given stands in the record as an exchange of the service "gateway" with method
    "DISPATCH", the event's name as route and its data as answer; every frame of a client but heartbeats as "SEND",
    with the opcode's name as route.

    Attributes:
        manners: how connections are treated; a change counts for connections made afterwards.
        sessions: the identified clients.
    """

    def __init__(self, world: World, *, record: Record, now: Callable[[], float] = time.time) -> None:
        self.manners = Manners()
        self.sessions = Sessions(now, self._note_dispatch)
        self._world = world
        self._record = record
        self._now = now
        self._connections: dict[Connection, web.Request] = {}
        self._gone: set[asyncio.Event] = set()
        self._duplications: list[_Duplication] = []
        self._refusal: int | None = None
        world.outbox = self.dispatch

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until its socket is gone."""
        if self._refusal is not None:
            return web.Response(status=self._refusal)
        packing = encoder(request.query.get("compress"))
        if packing is None or request.query.get("encoding", "json") != "json":
            return web.Response(status=501, text=f"The sandbox's gateway does not serve ?{request.query_string}\n")
        socket = web.WebSocketResponse(timeout=CLOSING_SECONDS, compress=False)
        await socket.prepare(request)
        if request.query.get("v", API_VERSION) != API_VERSION:
            await socket.close(code=CloseCode.INVALID_API_VERSION, message=b"Invalid API version.")
            return socket
        connection = Connection(
            world=self._world,
            sessions=self.sessions,
            manners=self.manners,
            socket=socket,
            encoder=packing,
            resume_url=f"ws://{request.host}{request.path}",
            observe=self._note_send,
        )
        gone = asyncio.Event()
        self._connections[connection] = request
        self._gone.add(gone)
        try:
            await connection.run()
        finally:
            del self._connections[connection]
            self._gone.discard(gone)
            gone.set()
        return socket

    def dispatch(self, event: str, data: Json) -> None:
        """Give an event to every session that it concerns, as far as its intents let it read."""
        duplication = next((each for each in self._duplications if each.event == event), None)
        if duplication:
            self._duplications.remove(duplication)
        data = copy.deepcopy(data)  # what a session keeps for a replay must not change with the world
        if event == "GUILD_CREATE":
            data.pop("unavailable", None)  # clients tell a server that the bot joins by its absence
        for session in self.sessions:
            if not session.wants(event, data):
                continue
            visible = self._visible(session, event, data)
            frame = session.dispatch(event, visible)
            if duplication and duplication.same_sequence:
                session.send(frame)
            elif duplication:
                session.dispatch(event, visible)

    async def close(self, code: int = CloseCode.GOING_AWAY) -> None:
        """Close every socket with this code and wait until all are gone; the sessions may be resumed."""
        gone = tuple(self._gone)
        for connection in self._connections:
            connection.close(code)
        await asyncio.gather(*(each.wait() for each in gone))

    # Misbehaving

    def reconnect(self) -> None:
        """Ask every client to connect anew and resume (opcode 7)."""
        for connection in self._connections:
            connection.send({"op": Opcode.RECONNECT, "s": None, "t": None, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is invalid (opcode 9); unless `resumable`, it really is gone."""
        for connection in self._connections:
            if connection.session is not None and not resumable:
                self.sessions.forget(connection.session)
            connection.send({"op": Opcode.INVALID_SESSION, "s": None, "t": None, "d": resumable})

    def abort(self) -> None:
        """Cut every TCP connection without a closing frame."""
        for request in self._connections.values():
            if isinstance(request.transport, asyncio.WriteTransport):
                request.transport.abort()

    def mute_heartbeats(self, muted: bool = True) -> None:
        """Leave heartbeats unanswered, or answer them again."""
        self.manners.answers_heartbeats = not muted

    def duplicate_next(self, event: str, *, same_sequence: bool = False) -> None:
        """Give the next event of this name twice: as two events, or as one frame sent again."""
        self._duplications.append(_Duplication(event, same_sequence))

    async def go_away(self, status: int = 503) -> None:
        """Close every socket and answer new ones with this HTTP status, until `come_back`."""
        self._refusal = status
        await self.close()

    def come_back(self) -> None:
        """Take new connections again."""
        self._refusal = None

    def _visible(self, session: Session, event: str, data: Json) -> Json:
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & Intent.MESSAGE_CONTENT:
            return data
        return censored(data, self._world.application.bot.id)

    def _note_dispatch(self, session: Session, frame: Json) -> None:
        self._note("DISPATCH", frame["t"], None, frame["d"], connected=session.connected)

    def _note_send(self, name: str, data: Any) -> None:
        self._note("SEND", name, data, None, connected=True)

    def _note(self, method: str, route: str, body: Any, answer: Any, *, connected: bool) -> None:
        token = None
        if isinstance(body, dict):
            body = cast("Json", body).copy()
            token = body.pop("token", None)
        make = partial(
            Exchange,
            at=self._now(),
            service="gateway",
            method=method,
            path="/gateway",
            route=route,
            query={},
            authorization=redact(token and f"Bot {token}"),
            content_type=None,
            body=body,
            files=(),
            status=101 if connected else None,
            answer=answer,
            acted=True,
        )
        self._record.append(lambda number: make(number=number))
