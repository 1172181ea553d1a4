"""One socket of the gateway: HELLO, heartbeats, IDENTIFY or RESUME, and the closing codes for whoever breaks a rule.

Source: Discord's API documentation, "Gateway" (connection lifecycle, rate limiting), "Gateway Events" (shapes of the
frames a client sends) and "Opcodes and Status Codes".
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import WSMessage, WSMsgType, web

from bot.sandbox.discord import payloads
from bot.sandbox.discord.compression import Encoder
from bot.sandbox.discord.entities import Guild, Json
from bot.sandbox.discord.frames import as_object, parse, parse_shard
from bot.sandbox.discord.members import member_chunks
from bot.sandbox.discord.protocol import (
    ALL_INTENTS,
    PRIVILEGED_INTENTS,
    CloseCode,
    ConnectionRefused,
    Opcode,
)
from bot.sandbox.discord.sessions import Session, Sessions
from bot.sandbox.discord.world import World

SENDS_PER_MINUTE = 120
MISSED_HEARTBEATS = 1.5  # intervals without a heartbeat before the client counts as gone

Observer: TypeAlias = Callable[[str, Any], None]


@dataclass
class Manners:
    """How the gateway treats every connection.

    Attributes:
        heartbeat_interval: seconds between heartbeats, told in HELLO.
        answers_heartbeats: whether heartbeats are acknowledged.
        hangs_up: a code with which a new socket is closed in the place of HELLO; None: it is greeted.
    """

    heartbeat_interval: float = 41.25
    answers_heartbeats: bool = True
    hangs_up: int | None = None


@dataclass(frozen=True)
class _Close:
    code: int
    reason: str


class Connection:
    """One socket and what its client may do on it."""

    def __init__(  # noqa: PLR0913 - built in one place, every argument by name
        self,
        *,
        world: World,
        sessions: Sessions,
        manners: Manners,
        socket: web.WebSocketResponse,
        encoder: Encoder,
        resume_url: str,
        observe: Observer,
    ) -> None:
        self.session: Session | None = None
        self._world = world
        self._sessions = sessions
        self._manners = manners
        self._socket = socket
        self._encoder = encoder
        self._resume_url = resume_url
        self._observe = observe
        self._interval = manners.heartbeat_interval
        self._outgoing: asyncio.Queue[Json | _Close | None] = asyncio.Queue()
        self._received_at: deque[float] = deque(maxlen=SENDS_PER_MINUTE)
        # Heartbeats are a matter of real time: a test that moves the world's clock has not stopped the client's.
        self._next_heartbeat = asyncio.get_running_loop().time() + self._patience

    @property
    def _patience(self) -> float:
        return self._interval * MISSED_HEARTBEATS

    def send(self, frame: Json) -> None:
        """Send a frame after those that are waiting."""
        self._outgoing.put_nowait(frame)

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket after what is waiting has been sent."""
        self._outgoing.put_nowait(_Close(code, reason))

    async def run(self) -> None:
        """Serve the socket until it is gone."""
        if self._manners.hangs_up is None:
            interval = int(self._interval * 1000)
            self.send({"op": Opcode.HELLO, "s": None, "t": None, "d": {"heartbeat_interval": interval}})
        else:
            self.close(self._manners.hangs_up)
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write(reader))
        try:
            await asyncio.wait({reader})
        finally:
            if self.session is not None:
                self.session.detach(self, self._world.now())
            reader.cancel()
            self._outgoing.put_nowait(None)
            await writer
        if not reader.cancelled():
            reader.result()

    def _forget_session(self) -> None:
        if self.session is not None:
            self._sessions.forget(self.session)

    async def _write(self, reader: asyncio.Task[None]) -> None:
        with contextlib.suppress(ConnectionError):
            while (item := await self._outgoing.get()) is not None:
                if isinstance(item, _Close):
                    # While somebody reads, aiohttp's close() does not wait for the client's closing frame.
                    reader.cancel()
                    await asyncio.wait({reader})
                    await self._socket.close(code=item.code, message=item.reason.encode())
                    return
                packed = self._encoder.encode(item)
                await (self._socket.send_str(packed) if isinstance(packed, str) else self._socket.send_bytes(packed))

    async def _read(self) -> None:
        try:
            while (message := await self._next_message()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._count()
                self._handle(*parse(message.data))
            if message.type is WSMsgType.CLOSE and message.data in (1000, 1001):
                self._forget_session()  # a client that closes so says that it will not resume
        except ConnectionRefused as refusal:
            self.close(refusal.code, refusal.reason)

    async def _next_message(self) -> WSMessage:
        try:
            async with asyncio.timeout_at(self._next_heartbeat):
                return await self._socket.receive()
        except TimeoutError:
            self._forget_session()
            raise ConnectionRefused(CloseCode.SESSION_TIMED_OUT, "Session timed out.") from None

    def _count(self) -> None:
        now = self._world.now()
        if len(self._received_at) == SENDS_PER_MINUTE and now - self._received_at[0] < 60:
            raise ConnectionRefused(CloseCode.RATE_LIMITED, "You are being rate limited.")
        self._received_at.append(now)

    def _handle(self, op: Opcode, data: Any) -> None:
        if op is Opcode.HEARTBEAT:
            self._heartbeat()
            return
        self._observe(op.name, data)
        if op is Opcode.IDENTIFY:
            self._identify(as_object(data))
        elif op is Opcode.RESUME:
            self._resume(as_object(data))
        elif self.session is None:
            raise ConnectionRefused(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
        elif op is Opcode.REQUEST_GUILD_MEMBERS:
            for chunk in member_chunks(self._world, as_object(data), self.session.intents):
                self.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        # Presence, voice state and sounds are accepted: nobody in the sandbox looks at them.

    def _heartbeat(self) -> None:
        self._next_heartbeat = asyncio.get_running_loop().time() + self._patience
        if self._manners.answers_heartbeats:
            self.send({"op": Opcode.HEARTBEAT_ACK, "s": None, "t": None, "d": None})

    def _authenticate(self, data: Json) -> None:
        if self.session is not None:
            raise ConnectionRefused(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
        if str(data.get("token")).removeprefix("Bot ") != self._world.application.token:
            raise ConnectionRefused(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")

    def _identify(self, data: Json) -> None:
        self._authenticate(data)
        intents = self._allowed_intents(data.get("intents"))
        session = self._sessions.open(intents, parse_shard(data.get("shard", [0, 1])))
        session.attach(self)
        self.session = session
        guilds = [guild for guild in self._bot_guilds() if session.owns(guild.id)]
        session.dispatch("READY", self._ready(session, guilds))
        for guild in guilds:
            created = {**payloads.guild_payload(guild), "unavailable": False}
            if session.wants("GUILD_CREATE", created):
                session.dispatch("GUILD_CREATE", created)

    def _allowed_intents(self, intents: object) -> int:
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            raise ConnectionRefused(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        if intents & PRIVILEGED_INTENTS & ~self._world.application.privileged_intents:
            raise ConnectionRefused(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        return intents

    def _bot_guilds(self) -> Iterable[Guild]:
        bot_id = self._world.application.bot.id
        return (guild for guild in self._world.guilds.values() if bot_id in guild.members)

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        application = payloads.application_payload(self._world)
        return {
            "v": 10,
            "user": payloads.own_user_payload(self._world.application.bot),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._resume_url,
            "shard": list(session.shard),
            "private_channels": [],
            "application": {key: application[key] for key in ("id", "flags", "flags_new")},
        }

    def _resume(self, data: Json) -> None:
        self._authenticate(data)
        sequence = data.get("seq")
        session = self._sessions.find(str(data.get("session_id")))
        if session is None or not isinstance(sequence, int):
            self._refuse_resume()
            return
        if sequence > session.sequence:
            self._sessions.forget(session)
            raise ConnectionRefused(CloseCode.INVALID_SEQUENCE, "Invalid seq.")
        missed = session.missed_since(sequence)
        if missed is None:
            self._sessions.forget(session)
            self._refuse_resume()
            return
        session.attach(self)
        self.session = session
        for frame in missed:
            self.send(frame)
        session.dispatch("RESUMED", {"_trace": ["sandbox"]})

    def _refuse_resume(self) -> None:
        self.send({"op": Opcode.INVALID_SESSION, "s": None, "t": None, "d": False})
