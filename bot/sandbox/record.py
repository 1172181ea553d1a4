"""What went over the wire: every request to a stand-in, and what was answered."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError


@dataclass(frozen=True, kw_only=True)
class FileInfo:
    """A file that arrived in a multipart body, without its bytes."""

    field: str
    filename: str | None
    content_type: str | None
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class UploadedFile:
    """A file that arrived in a multipart body."""

    field: str
    filename: str
    content_type: str | None
    data: bytes

    @property
    def info(self) -> FileInfo:
        """The file as the record keeps it."""
        return FileInfo(
            field=self.field,
            filename=self.filename,
            content_type=self.content_type,
            size=len(self.data),
            sha256=hashlib.sha256(self.data).hexdigest(),
        )


@dataclass(frozen=True, kw_only=True)
class Received:
    """The body of a request, read and parsed once.

    Attributes:
        body: the decoded JSON; of a multipart body, its `payload_json` field. None if there is none.
        fields: the text fields of a multipart body.
        files: the parts of a multipart body that have a file name.
        raw: the bytes of a body that is not multipart.
        malformed: whether the body is not what its content type says.
    """

    body: Any = None
    fields: Mapping[str, str]
    files: tuple[UploadedFile, ...] = ()
    raw: bytes = b""
    malformed: bool = False

    @classmethod
    async def read(cls, request: web.Request) -> Self:
        """Read the body of `request`.

        Raises:
            web.HTTPRequestEntityTooLarge: it is larger than the application's `client_max_size`.
        """
        if request.content_type.startswith("multipart/"):
            return await cls._read_multipart(request)
        raw = await request.read() if request.body_exists else b""
        if not raw or not request.content_type.endswith("json"):
            return cls(raw=raw, fields={})
        try:
            return cls(raw=raw, fields={}, body=json.loads(raw))
        except ValueError:
            return cls(raw=raw, fields={}, malformed=True)

    @classmethod
    async def _read_multipart(cls, request: web.Request) -> Self:
        fields: dict[str, str] = {}
        files: list[UploadedFile] = []
        left = request.client_max_size or float("inf")
        try:
            reader = await request.multipart()
            while (part := await reader.next()) is not None:
                if not isinstance(part, BodyPartReader):
                    return cls(fields=fields, files=tuple(files), malformed=True)
                data = bytearray()
                while chunk := await part.read_chunk(65536):
                    left -= len(chunk)
                    if left < 0:
                        raise web.HTTPRequestEntityTooLarge(request.client_max_size, request.content_length or 0)
                    data += chunk
                name = part.name or ""
                if part.filename is None:
                    fields[name] = data.decode(errors="replace")
                else:
                    content_type = part.headers.get("Content-Type")
                    file = UploadedFile(field=name, filename=part.filename, content_type=content_type, data=bytes(data))
                    files.append(file)
            body = json.loads(fields["payload_json"]) if "payload_json" in fields else None
        except (ValueError, HttpProcessingError):
            return cls(fields=fields, files=tuple(files), malformed=True)
        return cls(body=body, fields=fields, files=tuple(files))


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer.

    Attributes:
        number: 1, 2, 3, …, in the order of the answers.
        at: when the request arrived, in seconds since the Unix epoch.
        service: "discord", "cdn", "toapis" or "files".
        path: the path as it was asked for.
        route: the route's template without the service's prefix, such as "/channels/{channel_id}/messages".
        authorization: the scheme and the last four characters, such as "Bot …abcd"; None if there was none.
        content_type: the request's, without parameters; None if there was none.
        body: the decoded JSON of the request (`payload_json` of a multipart body), or None.
        status: the answer's; None if the connection was dropped instead.
        answer: the decoded JSON of the answer, or None.
        retry_after: the answer's header of that name, or None.
        acted: whether the handler ran.
        replaced: whether a fault answered in the handler's place, or dropped the connection.
    """

    number: int
    at: float
    service: str
    method: str
    path: str
    route: str
    query: Mapping[str, str]
    authorization: str | None
    content_type: str | None
    body: Any
    files: tuple[FileInfo, ...]
    status: int | None
    answer: Any
    acted: bool
    retry_after: str | None = None
    replaced: bool = False


class Record:
    """Every exchange, in the order of the answers; nothing is ever taken out.

    An exchange is recorded before its answer leaves, so whoever has read an answer finds it here. Only an answer that
    its handler streams itself is recorded when the handler is done.
    """

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []
        self._waiting: list[tuple[Callable[[Exchange], bool], asyncio.Future[Exchange]]] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All of them."""
        return tuple(self._exchanges)

    def append(self, make: Callable[[int], Exchange]) -> Exchange:
        """Record the exchange that `make` builds from its number."""
        exchange = make(len(self._exchanges) + 1)
        self._exchanges.append(exchange)
        for predicate, found in self._waiting:
            if not found.done() and predicate(exchange):
                found.set_result(exchange)
        return exchange

    def matching(
        self, method: str | None = None, route: str | None = None, service: str | None = None
    ) -> tuple[Exchange, ...]:
        """The exchanges with this method, route template and service; None matches any."""
        return tuple(
            exchange
            for exchange in self._exchanges
            if method in (None, exchange.method)
            and route in (None, exchange.route)
            and service in (None, exchange.service)
        )

    async def wait_for(self, predicate: Callable[[Exchange], bool], timeout: float) -> Exchange:  # noqa: ASYNC109 - the shape all waits of the sandbox share
        """The first exchange that `predicate` accepts, past or to come.

        Raises:
            TimeoutError: there was none within `timeout` seconds of real time.
        """
        for exchange in self._exchanges:
            if predicate(exchange):
                return exchange
        found: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        entry = (predicate, found)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(timeout):
                return await found
        finally:
            self._waiting.remove(entry)


def redact(authorization: str | None) -> str | None:
    """The scheme and the last four characters of an Authorization header: "Bot …abcd"."""
    if authorization is None:
        return None
    scheme, _, secret = authorization.rpartition(" ")
    return f"{scheme} …{secret[-4:]}".lstrip()
