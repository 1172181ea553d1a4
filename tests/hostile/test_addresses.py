"""Names and redirects that lead inside after they were looked at: what is judged is the address that is dialled."""

import ipaddress
import socket
from itertools import chain, repeat

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from bot import download
from bot.download import Downloader
from bot.errors import DownloadForbidden
from tests.servers import HttpStub, Reply

OUTSIDE, INSIDE = "127.0.0.1", "127.0.0.2"  # of two that this machine has, one is taken for a public address here


class Names(AbstractResolver):
    """A name server of the attacker's: each question has its own answer, and the last one stays."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self._answers = chain(answers, repeat(answers[-1]))
        self.asked = 0

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - asked for
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in next(self._answers)
        ]

    async def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def one_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = download.is_public

    def public(address: str) -> bool:
        return address == OUTSIDE or judged(address)

    monkeypatch.setattr(download, "is_public", public)


async def fetched(stub: HttpStub, names: Names, url: str = "http://pictures.example:{port}/1.png") -> bytes:
    port = stub.url.rpartition(":")[2]
    async with Downloader(connect_timeout=5, stall_timeout=5, resolver=names) as guarded:
        return await guarded.fetch(url.format(port=port), limit=1000, name="image1")


@pytest.mark.parametrize(
    "location",
    [
        f"http://{INSIDE}:{{port}}/2.png",
        "http://inside.example:{port}/2.png",
        "//inside.example:{port}/2.png",
        "http://pictures.example@inside.example:{port}/2.png",
        f"http://[::ffff:{INSIDE}]:{{port}}/2.png",
        "http://[::1]:{port}/2.png",
        f"http://{int(ipaddress.IPv4Address(INSIDE))}:{{port}}/2.png",
        "http://0x7f000002:{port}/2.png",
        "http://0:{port}/2.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
    ],
)
async def test_a_redirect_does_not_lead_inside(location: str) -> None:
    async with HttpStub().serving() as stub:
        port = stub.url.rpartition(":")[2]
        stub.will(Reply(302, b"", {"Location": location.format(port=port)}), Reply(200, b"of the inside"))
        names = Names((OUTSIDE,), (INSIDE,))
        with pytest.raises(DownloadForbidden) as caught:
            await fetched(stub, names)
        assert str(caught.value.text).startswith("image1: ")
        assert len(stub.asked) == 1


async def test_a_name_that_changes_its_answer_does_not_lead_inside() -> None:
    async with HttpStub().serving() as stub:
        stub.will(Reply(200, b"of the outside", {"Connection": "close"}), Reply(200, b"of the inside"))
        port = stub.url.rpartition(":")[2]
        url = f"http://pictures.example:{port}/1.png"
        async with Downloader(connect_timeout=5, stall_timeout=5, resolver=Names((OUTSIDE,), (INSIDE,))) as guarded:
            assert await guarded.fetch(url, limit=1000, name="image1") == b"of the outside"
            assert guarded._session is not None
            connector = guarded._session.connector
            assert isinstance(connector, TCPConnector)
            connector.clear_dns_cache()
            with pytest.raises(DownloadForbidden):
                await guarded.fetch(url, limit=1000, name="image1")
        assert len(stub.asked) == 1


@pytest.mark.parametrize("addresses", [(INSIDE, OUTSIDE), (OUTSIDE, INSIDE), (INSIDE, "10.0.0.1", OUTSIDE)])
async def test_a_name_for_both_is_dialled_outside_only(addresses: tuple[str, ...]) -> None:
    async with HttpStub().serving() as stub:
        stub.will(Reply(200, b"of the outside"))
        assert await fetched(stub, Names(addresses)) == b"of the outside"
        assert [asked.headers["Host"].partition(":")[0] for asked in stub.asked] == ["pictures.example"]


async def test_of_several_addresses_inside_none_is_dialled() -> None:
    async with HttpStub().serving() as stub:
        stub.will(Reply(200, b"of the inside"))
        with pytest.raises(DownloadForbidden):
            await fetched(stub, Names((INSIDE, "10.0.0.1", "169.254.169.254")))
        assert stub.asked == []
