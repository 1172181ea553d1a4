"""What a stand-in does to a connection when it misbehaves: cut it, or keep it hanging."""

import asyncio
import contextlib

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict
from typing_extensions import override

# Seconds between two looks at whether the client has left, ever more; only while it is kept hanging.
_LOOK_AGAIN, _MORE, _LOOK_AT_LEAST = 0.02, 1.2, 1.0


async def until_left(request: web.Request, or_set: asyncio.Event | None = None) -> None:
    """Wait until the client has left, or until the event is set."""
    # aiohttp tells a handler by nothing but the transport's state that its client has left.
    event, pause = or_set or asyncio.Event(), _LOOK_AGAIN
    while not (event.is_set() or request.transport is None or request.transport.is_closing()):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await event.wait()
        pause = min(pause * _MORE, _LOOK_AT_LEAST)


def abort(request: web.Request) -> web.Response:
    """Cut the connection; aiohttp finds it closed when it sends the answer, and stays silent."""
    transport = request.transport
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
    return web.Response()


class StallingWriter(AbstractStreamWriter):
    """Lets a number of body bytes through, then holds the answer until the client leaves.

    Standing in for the request's own writer, it serves answers with a body and answers that are streamed alike.
    """

    def __init__(self, request: web.Request, stall_after: int, *, drop: bool) -> None:
        self._request = request
        self._inner = request.writer
        self._left = stall_after
        self._drop = drop

    @override
    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        part = chunk[: self._left]
        await self._inner.write(part)
        self._left -= len(part)
        self.output_size = self._inner.output_size
        if len(part) < len(chunk):
            await self._stall()

    async def _stall(self) -> None:
        self._inner.send_headers()
        if self._drop and self._request.transport is not None:
            self._request.transport.close()  # unlike abort(), close() still sends what was written
        await until_left(self._request)
        raise ConnectionResetError("stalled until the client left")

    @override
    async def write_eof(self, chunk: bytes = b"") -> None:
        if chunk:
            await self.write(chunk)
        await self._inner.write_eof()
        self.output_size = self._inner.output_size

    @override
    async def drain(self) -> None:
        await self._inner.drain()

    @override
    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        self._inner.enable_compression(encoding, strategy)

    @override
    def enable_chunking(self) -> None:
        self._inner.enable_chunking()

    @override
    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        await self._inner.write_headers(status_line, headers)

    @override
    def send_headers(self) -> None:
        self._inner.send_headers()
