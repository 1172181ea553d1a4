"""`.ci/audit`, against a service of advisories that says what it is told to."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import HttpStub, Reply

AUDIT = Path(__file__).parents[1] / ".ci" / "audit"
PROJECT = """
[project]
name = "a-bot"
version = "0"
requires-python = ">=3.11"
dependencies = ["aiohttp", "yarl"]
[dependency-groups]
dev = ["pytest"]
"""
LOCK = """
version = 1
requires-python = ">=3.11"
[[package]]
name = "a-bot"
version = "0"
source = { virtual = "." }
dependencies = [{ name = "aiohttp" }, { name = "yarl" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "aiohttp"
version = "3.0.0"
source = { registry = "https://example.invalid/simple" }
[[package]]
name = "yarl"
version = "1.0.0"
source = { registry = "https://example.invalid/simple" }
[[package]]
name = "pytest"
version = "9.0.0"
source = { registry = "https://example.invalid/simple" }
"""
KNOWN = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "modified": "2024-01-01T00:00:00Z",
    "published": "2024-01-01T00:00:00Z",
    "summary": "it can be smuggled",
    "affected": [
        {
            "package": {"name": "aiohttp", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.0"}]}],
        }
    ],
}
NOTHING = Reply(200, {"results": [{}, {}]})
SOMETHING = Reply(200, {"results": [{"vulns": [{"id": KNOWN["id"], "modified": KNOWN["modified"]}]}, {}]})

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.real_time,
    pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv, which `.ci/run` brings along"),
]


@dataclass(frozen=True)
class Audited:
    code: int | None
    said: str


@pytest.fixture
async def service() -> AsyncIterator[HttpStub]:
    async with HttpStub().serving() as running:
        yield running


async def audited(folder: Path, url: str, lock: str = LOCK) -> Audited:
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "uv.lock").write_text(lock)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(AUDIT), "--project", str(folder), "--service-url", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return Audited(process.returncode, said.decode())


async def test_a_known_vulnerability_fails_by_name(service: HttpStub, tmp_path: Path) -> None:
    service.will(SOMETHING, Reply(200, KNOWN))
    done = await audited(tmp_path, service.url)
    assert done.code == 1
    assert "VULNERABLE: aiohttp 3.0.0: it can be smuggled (https://osv.dev/" in done.said
    assert "fixed in 3.1.0" in done.said


async def test_where_nothing_is_known_it_says_of_how_much_and_only_what_ships_counts(
    service: HttpStub, tmp_path: Path
) -> None:
    service.will(NOTHING)
    assert await audited(tmp_path, service.url) == Audited(0, "no known vulnerability in 2 packages\n")
    assert [query["package"]["name"] for query in service.asked[0].json["queries"]] == ["aiohttp", "yarl"]


@pytest.mark.parametrize(
    "answer", [Reply(503), Reply(403, "<html>a proxy</html>"), Reply(200, "<html>a portal</html>")]
)
async def test_a_service_that_is_not_there_is_said_aloud_and_fails_nothing(
    service: HttpStub, tmp_path: Path, answer: Reply
) -> None:
    service.will(answer)
    done = await audited(tmp_path, service.url)
    assert done.code == 0
    assert done.said.startswith("SKIPPED: the advisories cannot be reached")


async def test_a_service_whose_name_is_not_known_is_skipped_too(tmp_path: Path) -> None:
    done = await audited(tmp_path, "http://advisories.invalid")
    assert (done.code, done.said.partition(":")[0]) == (0, "SKIPPED")


async def test_what_cannot_be_looked_at_is_no_success(service: HttpStub, tmp_path: Path) -> None:
    done = await audited(tmp_path, service.url, lock="this is no lock")
    assert done.code == 1
    assert "gave no report" in done.said
