"""A process that is told to stop and cannot, or not soon: what its signals do to it then."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.stopping import _SIGNALS, stop_on_signals

PRELUDE = """
import asyncio, logging, sys, time
from bot.stopping import stop_on_signals

async def main():
    logging.basicConfig(level="INFO")
    with stop_on_signals(within={within}) as stop:
        print("ready", flush=True)
        await stop.wait()
        print("told", flush=True)
        {then}

asyncio.run(main())
"""
# Not one long sleep: a signal just before that begins would be heard when it is over.
STUCK = "while True: time.sleep(0.05)"
STUCK_IN_A_THREAD = "asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)"
NOT_STUCK = "pass"
LONG = 60.0  # seconds


def process(then: str, within: float) -> subprocess.Popen[str]:
    """A process that waits for a signal, and then does something; it is ready."""
    program = PRELUDE.format(then=then, within=within)
    started = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def told(started: subprocess.Popen[str], how: signal.Signals) -> None:
    """Send the first signal, and wait until it has arrived."""
    started.send_signal(how)
    assert started.stdout is not None
    assert started.stdout.readline() == "told\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_is_a_wish(how: signal.Signals) -> None:
    with process(NOT_STUCK, LONG) as started:
        told(started, how)
        assert started.wait(LONG) == 0
        assert started.stderr is not None
        assert started.stderr.read().count(f"stopping, because of {how.name}") == 1


@pytest.mark.parametrize(
    ("first", "second", "code"), [(signal.SIGTERM, signal.SIGINT, 130), (signal.SIGINT, signal.SIGTERM, 143)]
)
def test_a_second_signal_ends_even_a_loop_that_is_stuck_with_its_own_code(
    first: signal.Signals, second: signal.Signals, code: int
) -> None:
    with process(STUCK, LONG) as started:
        told(started, first)
        started.send_signal(second)
        assert started.wait(LONG) == code


@pytest.mark.parametrize("then", [STUCK, STUCK_IN_A_THREAD], ids=["a loop", "a thread"])
def test_what_cannot_be_ended_does_not_keep_the_process_for_ever(then: str) -> None:
    with process(then, 0.3) as started:
        told(started, signal.SIGTERM)
        begun = time.monotonic()
        assert started.wait(LONG) == 0
        assert time.monotonic() - begun < 30
        assert started.stderr is not None
        assert "not everything could be ended within 0.3 s" in started.stderr.read()


# It never looks up again from where it is when the signal comes, and holds what a log and a new thread need.
STUCK_BEFORE = """
import asyncio, logging, os, sys, threading, time
from bot.stopping import stop_on_signals

def fill_the_log():
    logging.basicConfig()
    while True:
        logging.warning("x" * 1000)

async def main():
    with stop_on_signals(within=0.3):
        print("ready", flush=True)
        {then}

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "then",
    [
        "time.sleep(60)",
        "fill_the_log()",
        "threading.Thread(target=fill_the_log, daemon=True).start(); await asyncio.sleep(60)",
        "threading._active_limbo_lock.acquire(); time.sleep(60)",
    ],
    ids=["a loop", "a log that nobody reads", "a log that a thread fills", "the start of a thread"],
)
def test_one_signal_is_enough_for_a_process_that_is_stuck_already(then: str) -> None:
    program = STUCK_BEFORE.format(then=then)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == b"ready\n"
            time.sleep(0.2)  # a pipe is full after that
            begun = time.monotonic()
            started.send_signal(signal.SIGTERM)
            assert started.wait(LONG) == 0
            assert time.monotonic() - begun < 10
        finally:
            started.kill()


# As when a signal comes just before the loop goes to sleep: nothing wakes the main thread up.
DEAF = """
import asyncio, signal
from bot.stopping import stop_on_signals

async def main():
    with stop_on_signals() as stop:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
        print("ready", flush=True)
        await stop.wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs signals for one thread")
def test_a_signal_is_heard_though_it_wakes_nobody_up() -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == b"ready\n"
            started.send_signal(signal.SIGTERM)
            assert started.wait(LONG) == 0
        finally:
            started.kill()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of what is open")
async def test_nothing_is_left_where_no_signal_came() -> None:
    def held() -> tuple[set[threading.Thread], set[Path]]:
        return set(threading.enumerate()), set(Path("/proc/self/fd").iterdir())

    before = held()
    with stop_on_signals():
        assert held() != before
    assert held() == before


async def test_signals_are_as_before_where_none_came() -> None:
    before = [signal.getsignal(number) for number in _SIGNALS]
    with stop_on_signals() as stop:
        assert [signal.getsignal(number) for number in _SIGNALS] != before
        assert not stop.is_set()
    assert [signal.getsignal(number) for number in _SIGNALS] == before
