"""Places where nobody should fetch, under any name and by any detour."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.download import MAX_REDIRECTS, AddressNotAllowed, Downloader, _public_socket, is_public
from bot.errors import DownloadError, Repeat
from tests.bot.download.conftest import failure
from tests.servers import HttpStub, Reply


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


@given(st.text(max_size=30) | st.text(max_size=20).map("http://127.0.0.1:1/{}".format))
async def test_any_text_as_an_address_gives_our_error(url: str) -> None:
    async with Downloader(resolver=Names()) as guarded:
        with pytest.raises(DownloadError):
            await guarded.fetch(url, limit=50, name="image2")
