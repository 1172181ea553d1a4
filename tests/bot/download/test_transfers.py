"""Fetching files from servers that misbehave."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import errors
from bot.download import Downloader
from bot.errors import DownloadError, Repeat
from tests.bot.download.conftest import failure
from tests.servers import HttpStub, Reply, raw_server, read_request

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
