"""A gateway client that does only what it is told, for tests of the protocol."""

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.discord.gateway import Gateway
from bot.sandbox.discord.world import World
from bot.sandbox.record import Record

PATIENCE = 30.0
GUILDS = 1 << 0
GUILD_MESSAGES = 1 << 9
DIRECT_MESSAGES = 1 << 12
MESSAGE_CONTENT = 1 << 15


class RawClient:
    """One socket to the gateway, read frame by frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.socket = socket
        self.token = token
        self.sequence = 0
        self.ready: dict[str, Any] = {}
        self._inflater = zlib.decompressobj()

    async def send(self, op: int, data: Any = None) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, *, intents: int = 0, **more: Any) -> None:
        await self.send(2, {"token": self.token, "properties": {}, "intents": intents, **more})

    async def resume(self, session_id: str, sequence: int) -> None:
        await self.send(6, {"token": self.token, "session_id": session_id, "seq": sequence})

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            frame = json.loads(message.data)
        else:
            assert message.type is aiohttp.WSMsgType.BINARY, message
            assert message.data.endswith(b"\x00\x00\xff\xff")
            frame = json.loads(self._inflater.decompress(message.data))
        self.sequence = frame.get("s") or self.sequence
        return frame

    async def event(self, name: str) -> dict[str, Any]:
        """The data of the next event of this name."""
        while (frame := await self.receive())["t"] != name:
            pass
        return frame["d"]

    async def opcode(self, op: int) -> Any:
        """The data of the next frame with this opcode."""
        while (frame := await self.receive())["op"] != op:
            pass
        return frame["d"]

    async def close_code(self) -> int | None:
        """The code with which the gateway ends the connection; frames before it are skipped."""
        async with asyncio.timeout(PATIENCE):
            while (await self.socket.receive()).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                pass
        return self.socket.close_code

    async def events_until_quiet(self) -> list[dict[str, Any]]:
        """The frames of events that were sent before the answer to a heartbeat sent now."""
        await self.send(1, self.sequence)
        frames: list[dict[str, Any]] = []
        while (frame := await self.receive())["op"] != 11:
            frames.append(frame)
        return frames


class Stand:
    """A gateway alone on a loopback port, and a clock that a test may move."""

    def __init__(self) -> None:
        self.clock = time.time()
        self.world = World(now=lambda: self.clock)
        self.record = Record()
        self.gateway = Gateway(self.world, record=self.record, now=lambda: self.clock)
        self._http: TestClient[web.Request, web.Application]

    async def connect(self, query: str = "v=10&encoding=json") -> RawClient:
        socket = await self._http.ws_connect(f"/gateway?{query}", autoping=True)
        return RawClient(socket, self.world.application.token)

    async def session(self, *, query: str = "v=10&encoding=json", intents: int = GUILDS, **more: Any) -> RawClient:
        """A client that has identified and received READY; its `ready` is the data."""
        client = await self.connect(query)
        await client.identify(intents=intents, **more)
        client.ready = await client.event("READY")
        await client.events_until_quiet()
        return client

    async def lost(self, client: RawClient) -> RawClient:
        """The same client after its connection broke; the gateway has noticed."""
        await client.socket.close(code=4000)
        session = self.gateway.sessions.find(client.ready["session_id"])
        while session and session.connected:  # noqa: ASYNC110 - the handler needs a turn or two of the loop
            await asyncio.sleep(0)
        return client

    def given(self, event: str) -> list[dict[str, Any]]:
        return [exchange.answer for exchange in self.record.matching("DISPATCH", event, "gateway")]


@contextlib.asynccontextmanager
async def running_gateway() -> AsyncGenerator[Stand]:
    stand = Stand()
    app = web.Application()
    app.router.add_get("/gateway", stand.gateway.handle)
    async with TestClient(TestServer(app)) as http:
        stand._http = http
        yield stand
        stand.gateway.abort()
