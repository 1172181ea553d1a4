"""Fetching a picture from an address that others chose: capped, bounded in time, never from the inside, no credentials.

The address really dialled is judged, in the connector, so that neither a name that resolves to a private address nor a
redirect leads inside. A session of its own means that no key and no cookie of another service can travel along.
"""

import ipaddress
import socket
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import DownloadError, DownloadForbidden, DownloadGone, DownloadInterrupted, DownloadTooLarge
from bot.texts import Text

MAX_REDIRECTS = 3
LONGEST_WAIT = 300.0  # seconds; a longer Retry-After is cut to this
_CHUNK = 64 * 1024
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class AddressNotAllowed(OSError):
    """The address that was about to be dialled is not a public one."""


class Downloader:
    """Fetches files over HTTP. An async context manager; without it `fetch` raises `RuntimeError`."""

    def __init__(
        self,
        *,
        stall_timeout: float = 20.0,
        total_timeout: float = 180.0,
        connect_timeout: float = 10.0,
        allow_private_addresses: bool = False,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Choose the limits.

        Args:
            stall_timeout: seconds without a byte.
            total_timeout: seconds for the whole transfer.
            connect_timeout: seconds for a connection.
            allow_private_addresses: for stand-ins on this machine.
            resolver: finds the addresses of a name; the system's by default.
        """
        self._timeout = aiohttp.ClientTimeout(
            total=total_timeout, sock_connect=connect_timeout, sock_read=stall_timeout
        )
        self._allow_private_addresses = allow_private_addresses
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        connector = aiohttp.TCPConnector(
            limit=0,  # the budget of bytes in flight is the limit
            resolver=self._resolver,
            socket_factory=None if self._allow_private_addresses else _public_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a cap on bytes must not be a cap on compressed bytes
            headers={"Accept-Encoding": "identity", "User-Agent": "Easel"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, *, limit: int, name: str) -> bytes:
        """Fetch a file whole.

        Args:
            url: an http or https address; up to three redirects are followed.
            limit: bytes at most.
            name: what the person calls the file, for the text of an error.

        Raises:
            DownloadForbidden: not http(s), or at an address that is not public.
            DownloadGone: answered with 4xx, or redirected in a circle.
            DownloadTooLarge: announced or found to be larger than `limit`.
            DownloadInterrupted: no connection, stalled, cut short, or answered with 5xx; may be tried again.
        """
        if self._session is None:
            raise RuntimeError("Downloader.fetch needs `async with`")
        try:
            address = URL(url).with_user(None)  # also takes a password away
            async with self._session.get(address, max_redirects=MAX_REDIRECTS + 1) as response:
                _check_status(response, name)
                return await _read(response, limit, name)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _translated(error, name) from error


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when it is an IPv4 address in IPv6's clothes."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _public_socket(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """A socket for an address that was resolved, made just before it is dialled."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise AddressNotAllowed("not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)


def _check_status(response: aiohttp.ClientResponse, name: str) -> None:
    status = response.status
    if status == HTTPStatus.OK:
        return
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING:
        raise DownloadGone(f"{name}: HTTP {status}", text=Text("download.gone", {"name": name}))
    raise DownloadInterrupted(
        f"{name}: HTTP {status}",
        text=Text("download.interrupted", {"name": name}),
        retry_after=_retry_after(response.headers.get("Retry-After", "")),
    )


def _retry_after(value: str) -> float | None:
    """Seconds to wait, at most `LONGEST_WAIT`; file hosts do not give dates."""
    return min(float(value), LONGEST_WAIT) if value.strip().isdecimal() else None


async def _read(response: aiohttp.ClientResponse, limit: int, name: str) -> bytes:
    """The body; aiohttp itself raises when it is shorter than announced."""
    announced = response.content_length or 0
    chunks: list[bytes] = []
    size = 0
    if announced <= limit:
        async for chunk in response.content.iter_chunked(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                break
    if max(size, announced) > limit:
        text = Text("download.too_large", {"name": name, "limit": f"{limit / 2**20:.4g} MiB"})
        raise DownloadTooLarge(
            f"{name}: {max(size, announced)} bytes or more, {limit} allowed", text=text, announced=announced or None
        )
    return b"".join(chunks)


def _translated(error: Exception, name: str) -> DownloadError:
    message = f"{name}: {type(error).__name__}: {error}"
    refused_inside = isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressNotAllowed)
    not_http = isinstance(error, aiohttp.NonHttpUrlClientError | ValueError)  # aiohttp.InvalidURL is a ValueError
    if refused_inside or not_http:
        return DownloadForbidden(message, text=Text("download.forbidden_address", {"name": name}))
    if isinstance(error, aiohttp.TooManyRedirects):
        return DownloadGone(message, text=Text("download.gone", {"name": name}))
    return DownloadInterrupted(message, text=Text("download.interrupted", {"name": name}))
