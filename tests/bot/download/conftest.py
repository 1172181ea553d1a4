"""Something that fetches, with and without access to the inside, and how it fails."""

from collections.abc import AsyncGenerator

import pytest

from bot.download import Downloader
from bot.errors import DownloadError
from tests.servers import HttpStub


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
