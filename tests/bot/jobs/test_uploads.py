import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import open_database
from bot.jobs.order import Copy
from bot.jobs.uploads import Uploads
from tests.clocks import START, FastClock
from tests.databases import new_database
from tests.workshop import until

DIGEST = "d" * 64


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
async def uploads(tmp_path: Path, clock: FastClock) -> AsyncIterator[Uploads]:
    async with open_database(new_database(tmp_path)) as database:
        yield Uploads(database, clock)


def copy(url: str, until: float = START + 80_000) -> Copy:
    return Copy(url=url, until=until, width=40, height=30, reduced=True)


class Gateway:
    """Counts the uploads, which end when they are let."""

    def __init__(self) -> None:
        self.began = 0
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def upload(self) -> Copy:
        self.began += 1
        number, failure = self.began, self.failure
        await self.go.wait()
        if failure is not None:
            raise failure
        return copy(f"https://files.example/{number}")

    async def has_begun(self, times: int) -> None:
        await until(lambda: self.began >= times)


async def test_a_copy_is_made_once_and_remembered_whole(uploads: Uploads) -> None:
    gateway = Gateway()
    gateway.go.set()
    first = await uploads.copy(DIGEST, gateway.upload)
    assert await uploads.copy(DIGEST, gateway.upload) == first == copy("https://files.example/1")
    assert await uploads.copy("e" * 64, gateway.upload) == copy("https://files.example/2")


async def test_whoever_comes_meanwhile_waits_for_the_one_under_way(uploads: Uploads) -> None:
    gateway = Gateway()
    asking = [asyncio.create_task(uploads.copy(DIGEST, gateway.upload)) for _ in range(4)]
    await gateway.has_begun(1)
    gateway.go.set()
    assert len({each.url for each in await asyncio.gather(*asking)}) == gateway.began == 1


async def test_another_digest_waits_for_nobody(uploads: Uploads) -> None:
    slow, quick = Gateway(), Gateway()
    quick.go.set()
    waiting = asyncio.create_task(uploads.copy(DIGEST, slow.upload))
    await slow.has_begun(1)
    await uploads.copy("e" * 64, quick.upload)
    assert not waiting.done()
    slow.go.set()
    await waiting


async def test_after_a_failure_the_next_tries_itself(uploads: Uploads) -> None:
    gateway = Gateway()
    gateway.failure = RuntimeError("no")
    first = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    await gateway.has_begun(1)
    second = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    gateway.failure = None
    gateway.go.set()
    with pytest.raises(RuntimeError, match="no"):
        await first
    assert (await second).url == "https://files.example/2"


async def test_after_a_cancellation_the_next_tries_itself(uploads: Uploads) -> None:
    gateway = Gateway()
    first = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    await gateway.has_begun(1)
    second = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    first.cancel()
    gateway.go.set()
    assert (await second).url == "https://files.example/2"
    assert first.cancelled()


async def test_one_who_waits_may_leave(uploads: Uploads) -> None:
    gateway = Gateway()
    first = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    await gateway.has_begun(1)
    second = asyncio.create_task(uploads.copy(DIGEST, gateway.upload))
    await asyncio.sleep(0)
    second.cancel()
    gateway.go.set()
    assert (await first).url == "https://files.example/1"
    assert gateway.began == 1


async def test_nothing_is_left_behind_in_memory(uploads: Uploads) -> None:
    gateway = Gateway()
    gateway.go.set()
    await asyncio.gather(*(uploads.copy(str(n % 3) * 64, gateway.upload) for n in range(9)))
    assert not uploads._locks
    assert not uploads._users


async def test_a_copy_at_the_end_of_its_life_is_made_anew(uploads: Uploads, clock: FastClock) -> None:
    gateway = Gateway()
    gateway.go.set()
    await uploads.copy(DIGEST, gateway.upload)
    clock.advance(80_000 - 901)
    assert (await uploads.copy(DIGEST, gateway.upload)).url == "https://files.example/1"
    clock.advance(2)
    assert (await uploads.copy(DIGEST, gateway.upload)).url == "https://files.example/2"


async def test_what_is_forgotten_is_made_anew_and_nothing_else(uploads: Uploads) -> None:
    gateway = Gateway()
    gateway.go.set()
    bad = await uploads.copy(DIGEST, gateway.upload)
    good = await uploads.copy("e" * 64, gateway.upload)
    await uploads.forget([bad.url, "https://files.example/unknown"])
    assert (await uploads.copy(DIGEST, gateway.upload)).url == "https://files.example/3"
    assert await uploads.copy("e" * 64, gateway.upload) == good


async def test_what_has_ended_is_swept_away_with_the_next_upload(
    uploads: Uploads, clock: FastClock, tmp_path: Path
) -> None:
    gateway = Gateway()
    gateway.go.set()
    await uploads.copy(DIGEST, gateway.upload)
    clock.advance(80_001)
    await uploads.copy("e" * 64, gateway.upload)
    with sqlite3.connect(tmp_path / "easel.db") as connection:
        assert connection.execute("SELECT digest FROM uploads").fetchall() == [("e" * 64,)]
    connection.close()
