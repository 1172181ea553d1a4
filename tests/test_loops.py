"""Time in tests: it passes where everybody waits for it, and only there."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import aiosqlite
import pytest

from tests.loops import PatientLoop


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_what_nobody_works_meanwhile_takes_no_time() -> None:
    begun, really = now(), time.monotonic()
    await asyncio.sleep(3600)
    assert now() - begun == pytest.approx(3600)
    assert time.monotonic() - really < 60


async def test_work_in_the_loop_takes_no_time_of_the_loop_s() -> None:
    begun = now()
    for _ in range(10):
        time.sleep(0.002)  # noqa: ASYNC251 - stands for work
        await asyncio.sleep(0)
    assert now() == begun


async def test_timers_run_in_their_order_and_at_their_time() -> None:
    begun = now()
    seen: list[tuple[str, float]] = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((f"{seconds:g}", now() - begun))

    await asyncio.gather(wait(300), wait(0.001), wait(5))
    assert [name for name, _ in seen] == ["0.001", "5", "300"]
    assert [at for _, at in seen] == pytest.approx([0.001, 5, 300])


async def test_a_timeout_waits_for_what_is_on_its_way_over_a_socket() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        begun = now()
        async with asyncio.timeout(0.0001):
            for _ in range(100):
                writer.write(b"a line\n")
                await reader.readline()
        assert now() == begun
        writer.close()
        await writer.wait_closed()


async def test_a_timeout_waits_for_a_thread() -> None:
    begun = now()
    async with asyncio.timeout(0.0001):
        await asyncio.to_thread(time.sleep, 0.02)
    assert now() == begun


async def test_a_timeout_waits_for_the_database(tmp_path: Path) -> None:
    async with asyncio.timeout(0.0001), aiosqlite.connect(tmp_path / "a.db") as database:
        await database.execute("CREATE TABLE a (b)")
        async with database.execute("SELECT count(*) FROM a") as found:
            assert await found.fetchone() == (0,)


async def test_a_thread_that_itself_waits_is_not_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE a (b)")
    other.execute("BEGIN IMMEDIATE")
    async with aiosqlite.connect(path, timeout=30) as database:
        writing = asyncio.ensure_future(database.execute("INSERT INTO a VALUES (1)"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.shield(writing)
        other.rollback()
        other.close()
        await writing


async def test_a_thread_that_calls_back_is_heard_while_nothing_else_happens() -> None:
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    thread = threading.Timer(0.02, loop.call_soon_threadsafe, [heard.set])
    thread.start()
    await heard.wait()
    thread.join()


def test_threads_at_work_are_counted_to_their_end() -> None:
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, PatientLoop)

        async def cancelled() -> None:
            working = asyncio.ensure_future(asyncio.to_thread(time.sleep, 0.01))
            await asyncio.sleep(0)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

        runner.run(cancelled())
        assert loop.errands == 0
