"""Fetching files from servers that misbehave, and from places where nobody should fetch."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import errors
from bot.download import MAX_REDIRECTS, AddressNotAllowed, Downloader, _public_socket, is_public
from bot.errors import DownloadError, Repeat
from tests.servers import HttpStub, Reply, raw_server, read_request


@pytest.fixture
async def downloader() -> AsyncGenerator[Downloader]:
    async with Downloader(stall_timeout=5, total_timeout=5, connect_timeout=5, allow_private_addresses=True) as opened:
        yield opened


@pytest.fixture
async def guarded() -> AsyncGenerator[Downloader]:
    async with Downloader(stall_timeout=5, total_timeout=5, connect_timeout=5) as opened:
        yield opened


@pytest.fixture
async def stub() -> AsyncGenerator[HttpStub]:
    async with HttpStub().serving() as running:
        yield running


async def failure(downloader: Downloader, url: str, limit: int = 1000) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        await downloader.fetch(url, limit=limit, name="image2")
    assert str(caught.value.text).startswith("image2: ")
    return caught.value


# Where nobody should fetch.


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104  not bound to
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo: 127.0.0.1
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "162.159.128.233",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
    ],
)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


def test_a_socket_is_made_for_a_public_address_alone() -> None:
    def info(address: str) -> tuple[int, int, int, str, tuple[str, int]]:
        return socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)

    _public_socket(info("1.1.1.1")).close()
    with pytest.raises(AddressNotAllowed):
        _public_socket(info("10.1.1.1"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0x7f.1", "localhost."]
)
async def test_the_inside_cannot_be_reached_under_any_name(guarded: Downloader, stub: HttpStub, host: str) -> None:
    url = stub.url.replace("127.0.0.1", host)

    error = await failure(guarded, f"{url}/1.png")

    assert isinstance(error, errors.DownloadForbidden | errors.DownloadInterrupted)  # not every host knows the name
    assert stub.asked == []


async def test_a_private_address_is_forbidden_and_not_tried_again(guarded: Downloader, stub: HttpStub) -> None:
    error = await failure(guarded, f"{stub.url}/1.png")

    assert type(error) is errors.DownloadForbidden
    assert error.repeat is Repeat.NEVER


class Names(AbstractResolver):
    """A name server that says what the test wants: several addresses for one name."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.addresses:
            raise OSError("no such name")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family or socket.AF_INET, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("127.0.0.1", "127.0.0.2", "10.0.0.1")])
async def test_a_public_name_that_leads_inside_is_forbidden(stub: HttpStub, addresses: tuple[str, ...]) -> None:
    port = stub.url.rpartition(":")[2]
    async with Downloader(connect_timeout=5, resolver=Names(*addresses)) as guarded:
        error = await failure(guarded, f"http://pictures.example:{port}/1.png")

    assert type(error) is errors.DownloadForbidden
    assert stub.asked == []


@pytest.mark.parametrize(
    "url",
    ["", "image.png", "ftp://example.org/1", "file:///etc/passwd", "data:,x", "http://", "http://[::1"],
)
async def test_what_is_not_an_address_of_the_web_is_forbidden(downloader: Downloader, url: str) -> None:
    assert type(await failure(downloader, url)) is errors.DownloadForbidden


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/", "http://[", "gopher://x"])
async def test_a_redirect_away_from_the_web_is_forbidden(downloader: Downloader, stub: HttpStub, location: str) -> None:
    stub.will(Reply(302, headers={"Location": location}))

    assert type(await failure(downloader, stub.url)) is errors.DownloadForbidden


# Redirects.


async def test_a_few_redirects_are_followed(downloader: Downloader, stub: HttpStub) -> None:
    stub.will(*[Reply(302, headers={"Location": "/next"})] * MAX_REDIRECTS, Reply(200, b"picture"))

    assert await downloader.fetch(stub.url, limit=10, name="image2") == b"picture"


async def test_a_circle_of_redirects_is_left(downloader: Downloader, stub: HttpStub) -> None:
    stub.will(Reply(302, headers={"Location": "/next"}))

    error = await failure(downloader, stub.url)

    assert type(error) is errors.DownloadGone
    assert len(stub.asked) == MAX_REDIRECTS + 1


async def test_no_password_and_no_cookie_travels_along(downloader: Downloader, stub: HttpStub) -> None:
    stub.will(Reply(302, headers={"Location": "/next", "Set-Cookie": "a=b"}), Reply(200, b"picture"))

    await downloader.fetch(stub.url.replace("http://", "http://user:secret@"), limit=10, name="image2")

    for asked in stub.asked:
        assert not asked.headers.keys() & {"Authorization", "Cookie"}


# Size.


@pytest.mark.parametrize("size", [0, 1, 100_000])
async def test_a_file_as_large_as_allowed_is_fetched_whole(downloader: Downloader, stub: HttpStub, size: int) -> None:
    stub.will(Reply(200, b"x" * size))

    assert await downloader.fetch(stub.url, limit=size, name="image2") == b"x" * size


async def test_a_file_announced_as_too_large_is_not_read(downloader: Downloader) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")  # and never sends a byte of it
        await writer.drain()
        await reader.read()

    async with raw_server(talk) as url:
        error = await failure(downloader, url)

    assert type(error) is errors.DownloadTooLarge
    assert error.repeat is Repeat.NEVER


async def test_an_endless_file_is_left_at_the_limit(downloader: Downloader) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    async with raw_server(talk) as url:
        error = await failure(downloader, url, limit=10 * 2**20)

    assert str(error.text) == "image2: the file is larger than 10 MiB. Please attach a smaller one."


async def test_a_packed_file_is_not_unpacked_beyond_the_limit(downloader: Downloader, stub: HttpStub) -> None:
    stub.will(Reply(200, b"packed", {"Content-Encoding": "gzip"}))

    assert await downloader.fetch(stub.url, limit=10, name="image2") == b"packed"
    assert stub.asked[0].headers["Accept-Encoding"] == "identity"


# What breaks off.


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"no HTTP\r\n\r\n",
    ],
)
async def test_a_file_that_is_cut_short_may_be_tried_again(downloader: Downloader, answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as url:
        error = await failure(downloader, url)

    assert type(error) is errors.DownloadInterrupted
    assert error.repeat is Repeat.SAFE


@pytest.mark.parametrize(("stall", "total"), [(0.05, 5), (5, 0.05)])
async def test_a_file_that_stalls_or_takes_too_long_is_broken_off(stall: float, total: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        await reader.read()  # till the client leaves

    impatient = Downloader(stall_timeout=stall, total_timeout=total, allow_private_addresses=True)
    async with raw_server(talk) as url, impatient as downloader:
        assert type(await failure(downloader, url)) is errors.DownloadInterrupted


async def test_a_refused_connection_may_be_tried_again(downloader: Downloader) -> None:
    async with HttpStub().serving() as stub:
        pass

    assert type(await failure(downloader, stub.url)) is errors.DownloadInterrupted


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_file_that_is_gone_is_not_tried_again(downloader: Downloader, stub: HttpStub, status: int) -> None:
    stub.will(Reply(status, "<html>gone</html>"))

    error = await failure(downloader, stub.url)

    assert type(error) is errors.DownloadGone
    assert error.repeat is Repeat.NEVER


@pytest.mark.parametrize("status", [204, 206, 304, 408, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_may_pass_is_tried_again(downloader: Downloader, stub: HttpStub, status: int) -> None:
    stub.will(Reply(status))

    assert type(await failure(downloader, stub.url)) is errors.DownloadInterrupted


async def test_a_closed_downloader_says_so() -> None:
    with pytest.raises(RuntimeError):
        await Downloader().fetch("http://127.0.0.1/", limit=1, name="image2")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=100)
    | st.binary(max_size=60).map(lambda body: b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n" + body)
    | st.binary(max_size=60).map(lambda line: b"HTTP/1.1 302 Found\r\nLocation: " + line + b"\r\n\r\n")
)
async def test_any_bytes_on_the_wire_give_a_file_or_our_error(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as url, Downloader(total_timeout=5, allow_private_addresses=True) as downloader:
        try:
            data = await downloader.fetch(url, limit=50, name="image2")
        except DownloadError:
            return
    assert len(data) <= 50


@given(st.text(max_size=30) | st.text(max_size=20).map("http://127.0.0.1:1/{}".format))
async def test_any_text_as_an_address_gives_our_error(url: str) -> None:
    async with Downloader(resolver=Names()) as guarded:
        with pytest.raises(DownloadError):
            await guarded.fetch(url, limit=50, name="image2")
