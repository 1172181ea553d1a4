import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from bot.errors import ImageError
from bot.media import hands
from bot.media.hands import Allowance, Hands
from bot.media.worker import serve
from tests.hostile import decoders

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(sys.platform != "linux", reason="what the limits do elsewhere is the system's"),
]

MIB = 2**20
TIGHT = Allowance(memory=400 * MIB, processor_seconds=1, seconds=30.0)


@pytest.fixture(scope="module")
def pair() -> Iterator[Hands]:
    """Two processes with little memory and time."""
    with closing(Hands(2, TIGHT)) as pair:
        yield pair


async def refused(pair: Hands, work: Callable[[], object]) -> str:
    """Why the person's picture is refused, by its name; the next one is done."""
    with pytest.raises(ImageError) as caught:
        await pair.do(work, "image2")
    assert caught.value.text.key == "image.too_heavy"
    assert str(caught.value.text).startswith("image2: ")
    assert await pair.do(partial(decoders.echo, b"next"), "image1") == b"next"
    return str(caught.value)


class TestADecoder:
    @pytest.mark.exhaustive
    async def test_that_runs_for_ever_is_stopped_by_its_processor_time(self, pair: Hands) -> None:
        assert "limit of processor time" in await refused(pair, decoders.for_ever)

    @pytest.mark.exhaustive
    async def test_that_sleeps_for_ever_is_stopped_by_the_clock_while_others_work(self) -> None:
        impatient = Allowance(memory=TIGHT.memory, processor_seconds=60, seconds=1.5)
        with closing(Hands(2, impatient)) as pair:
            sleeping = asyncio.create_task(refused(pair, decoders.asleep))
            assert await pair.do(partial(decoders.echo, b"meanwhile"), "image1") == b"meanwhile"
            assert not sleeping.done()
            assert "was stopped after 1.5 s" in await sleeping

    async def test_that_eats_memory_is_stopped(self, pair: Hands) -> None:
        assert "limit of memory" in await refused(pair, partial(decoders.greedy, TIGHT.memory))
        assert await pair.do(partial(decoders.greedy, 10 * MIB), "image1") == 20 * MIB

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
    async def test_that_dies_every_time_is_given_up(self, pair: Hands, number: signal.Signals) -> None:
        assert f"has died with exit code -{number}" in await refused(pair, partial(decoders.by_signal, number))

    async def test_that_was_killed_for_others_is_asked_again(self, pair: Hands, tmp_path: Path) -> None:
        assert await pair.do(partial(decoders.killed_once, tmp_path / "mark"), "image1") == "done"

    async def test_that_prints_does_not_confuse_the_answers(self, pair: Hands) -> None:
        assert [await pair.do(decoders.chatty, "x") for _ in range(2)] == ["done", "done"]

    async def test_is_not_ended_by_whoever_ends_the_bot(self, pair: Hands) -> None:
        assert await pair.do(partial(decoders.deaf_to, [signal.SIGTERM, signal.SIGINT]), "x") == "done"

    async def test_knows_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISCORD_TOKEN", "secret")
        with closing(Hands(1, TIGHT)) as fresh:
            assert "secret" not in (await fresh.do(decoders.environment, "x")).values()


class TestHands:
    async def test_keep_one_process_warm(self, pair: Hands) -> None:
        numbers = {await pair.do(decoders.number, "x") for _ in range(3)}
        assert len(numbers) == 1
        assert os.getpid() not in numbers

    async def test_that_keep_none_give_back_what_it_held(self) -> None:
        with closing(Hands(1, TIGHT, keep=False)) as single:
            first, second = [await single.do(decoders.number, "x") for _ in range(2)]
            assert first != second
            with pytest.raises(ProcessLookupError):
                os.kill(first, 0)

    async def test_replace_a_process_that_died_while_it_waited(self, pair: Hands) -> None:
        number = await pair.do(decoders.number, "x")
        os.kill(number, signal.SIGKILL)
        assert await pair.do(decoders.number, "x") != number

    async def test_carry_large_files_both_ways(self, pair: Hands) -> None:
        data = os.urandom(25 * MIB)
        assert await pair.do(partial(decoders.echo, data), "x") == data

    async def test_pass_refusals_and_defects_on(self, pair: Hands) -> None:
        number = await pair.do(decoders.number, "x")
        with pytest.raises(ImageError, match="as the person is to read it"):
            await pair.do(decoders.refusing, "x")
        with pytest.raises(RuntimeError, match=r"in defect\n.*\nKeyError: 'a defect'"):
            await pair.do(decoders.defect, "x")
        assert await pair.do(decoders.number, "x") == number

    @pytest.mark.parametrize("hostile", [decoders.taken_over, decoders.taken_over_within])
    async def test_carry_out_nothing_that_an_answer_asks_for(
        self, pair: Hands, tmp_path: Path, hostile: Callable[[Path], object]
    ) -> None:
        why = await refused(pair, partial(hostile, tmp_path / "mark"))
        assert "gave an answer that is not among ours (posix.mkdir)" in why
        assert not (tmp_path / "mark").exists()

    async def test_that_cannot_start_anything_refuse_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        with closing(Hands(1, TIGHT)) as none, pytest.raises(ImageError, match="could not be started") as caught:
            await none.do(decoders.number, "image3")
        assert str(caught.value.text).startswith("image3: ")

    async def test_end_in_the_middle_of_something_at_once_and_leave_nothing(self) -> None:
        pair = Hands(2, TIGHT)
        idle = await pair.do(decoders.number, "x")
        waiting = [asyncio.create_task(pair.do(decoders.asleep, "x")) for _ in range(3)]
        await asyncio.sleep(0.05)
        await asyncio.to_thread(pair.close)
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in ended[:2]] == [ImageError, ImageError]
        assert isinstance(ended[2], asyncio.CancelledError)
        with pytest.raises(ProcessLookupError):
            os.kill(idle, 0)
        gc.collect()  # a pipe left open would warn


def test_a_worker_ends_with_its_input() -> None:
    asked, answered = BytesIO(), BytesIO()
    hands.pickle.dump(partial(decoders.echo, b"one"), asked)
    asked.seek(0)
    serve(asked, answered, 10_000)
    assert hands.pickle.loads(answered.getvalue()) == b"one"
