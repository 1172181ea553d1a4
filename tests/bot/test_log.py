import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, Literal

import aiohttp
import pytest
import structlog

from bot import log

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.mnopqrstuvwxyz-0123456789_ABCDEFGHIJK"
KEY = "sk-live/one+two=three"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OnRva2Vu"
SIGNATURE = "7a14a1bb2ffbb0ac6d1ff7b3c7dbe08b2bd5b4c2"

Configure = Callable[..., StringIO]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def configure() -> Iterator[Configure]:
    """Sets the logs up to write into a `StringIO`, and everything back afterwards."""
    root = logging.getLogger()
    handlers, level_before = root.handlers.copy(), root.level

    def configure_into_memory(
        form: Literal["auto", "console", "json"] = "json", *, level: str = "DEBUG", terminal: bool = False
    ) -> StringIO:
        stream = Terminal() if terminal else StringIO()
        log.configure(level=level, form=form, secrets=(TOKEN, KEY), stream=stream)
        return stream

    yield configure_into_memory
    root.handlers[:] = handlers
    root.setLevel(level_before)
    for library in ("aiosqlite", "PIL", "asyncio"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


LEAKS: dict[str, tuple[str, str]] = {
    "a known secret": (f"logging in with {TOKEN}", TOKEN),
    "a known secret inside a word": (f"x{KEY}x", KEY),
    "a known secret, quoted for a URL": ("GET /?k=sk-live%2Fone%2Btwo%3Dthree", "sk-live%2Fone"),
    "an authorization header": ("headers={'Authorization': 'Bot short'}", "short"),
    "a bearer header of another key": ("Bearer abcdefghijklmnopqrstuvwxyz", "abcdefghij"),
    "another key of the gateway": ("key sk-abcdefghijklmnopqrstu refused", "abcdefghij"),
    "an interaction's callback": (
        f"POST https://discord.com/api/v10/interactions/123456/{INTERACTION_TOKEN}/callback",
        INTERACTION_TOKEN,
    ),
    "a webhook": (
        f"PATCH https://discord.com/api/v10/webhooks/123456/{INTERACTION_TOKEN}/messages/@original",
        INTERACTION_TOKEN,
    ),
    "a webhook at the end of a line": (f"/webhooks/123456/{INTERACTION_TOKEN}", INTERACTION_TOKEN),
    "an object that is printed": (f"Place(user_id=1, token='{INTERACTION_TOKEN}')", INTERACTION_TOKEN),
    "a gateway event": (f"WebSocket Event: {{'id': '1', 'token': '{INTERACTION_TOKEN}'}}", INTERACTION_TOKEN),
    "a gateway event as JSON": (json.dumps({"d": {"token": INTERACTION_TOKEN}}), INTERACTION_TOKEN),
    "a signed attachment": (
        f"https://cdn.discordapp.com/attachments/1/2/a.png?ex=6650abcd&is=664f5a4d&hm={SIGNATURE}&",
        SIGNATURE,
    ),
    "the expiry of a signed attachment": ("https://cdn.discordapp.com/a.png?ex=6650abcd&is=664f5a4d", "6650abcd"),
    "the issue time of a signed attachment": ("https://cdn.discordapp.com/a.png?ex=6650abcd&is=664f5a4d", "664f5a4d"),
    "another host's signature": (f"https://files.example/a.jpg?X-Amz-Signature={SIGNATURE}", SIGNATURE),
}


@pytest.fixture(params=["json", "console", "coloured"])
def stream(request: pytest.FixtureRequest, configure: Configure) -> StringIO:
    if request.param == "json":
        return configure("json")
    return configure("console", terminal=request.param == "coloured")


@pytest.mark.parametrize(("text", "secret"), LEAKS.values(), ids=LEAKS.keys())
class TestASecretIsFiltered:
    def test_in_a_message_of_a_library(self, stream: StringIO, text: str, secret: str) -> None:
        logging.getLogger("discord.http").debug("sent %s", text)
        assert secret not in stream.getvalue()
        assert log.FILTERED in stream.getvalue()

    def test_in_a_value_of_ours(self, stream: StringIO, text: str, secret: str) -> None:
        structlog.get_logger("bot").info("asked", details={"nested": [text]}, plain=text)
        assert secret not in stream.getvalue()
        assert log.FILTERED in stream.getvalue()

    def test_in_an_exception_and_its_traceback(self, stream: StringIO, text: str, secret: str) -> None:
        def fail() -> None:
            try:
                int(text)
            except ValueError as error:
                raise RuntimeError(f"while at it: {text}") from error

        try:
            fail()
        except RuntimeError:
            structlog.get_logger("bot").exception("failed")
            logging.getLogger("aiohttp.client").exception("failed too")
        assert secret not in stream.getvalue()
        assert stream.getvalue().count("RuntimeError: while at it") == 2
        assert stream.getvalue().count("direct cause") == 2


@pytest.mark.parametrize("name", ["token", "interaction_token", "Authorization", "api_key", "password"])
def test_a_value_under_a_telling_name_is_filtered(stream: StringIO, name: str) -> None:
    structlog.get_logger("bot").info("asked", **{name: "s3cr3t"})
    assert "s3cr3t" not in stream.getvalue()


def test_a_secret_in_the_context_is_filtered(stream: StringIO) -> None:
    with structlog.contextvars.bound_contextvars(who=KEY):
        structlog.get_logger("bot").info("asked")
    assert KEY not in stream.getvalue()


def test_local_variables_are_not_in_a_traceback(stream: StringIO) -> None:
    def fail() -> None:
        prompt = "private " + "words"
        raise KeyError(len(prompt))

    try:
        fail()
    except KeyError:
        structlog.get_logger("bot").exception("failed")
    assert "KeyError: 13" in stream.getvalue()
    assert "private words" not in stream.getvalue()


@pytest.mark.parametrize(
    "harmless",
    [
        "Bot started, Bearer of good news",
        "GET /api/v10/webhooks/{webhook_id}/{webhook_token}",
        "https://cdn.discordapp.com/attachments/1/2/a.png?width=100&format=webp",
        "task_img_abc123def456 is running",
        "the token is valid",
    ],
)
def test_what_is_no_secret_stays(configure: Configure, harmless: str) -> None:
    stream = configure()
    structlog.get_logger("bot").info(harmless)
    assert lines(stream)[0]["event"] == harmless


def test_filtered_lines_are_still_json(configure: Configure) -> None:
    stream = configure()
    for text, _ in LEAKS.values():
        structlog.get_logger("bot").info(text, again=text, token=text)
    assert len(lines(stream)) == len(LEAKS)


def test_a_secret_that_json_writes_differently_is_filtered() -> None:
    secret = 'quo"ted\\secret'
    line = json.dumps({"event": f"with {secret}"})
    assert log.SecretFilter([secret]).filter(line) == '{"event": "with [filtered]"}'


def test_the_longer_of_two_secrets_is_filtered_whole() -> None:
    assert log.SecretFilter(["abc", "abcdef", ""]).filter("abcdef abc") == "[filtered] [filtered]"


def test_libraries_and_we_write_the_same_fields(configure: Configure) -> None:
    stream = configure()
    structlog.get_logger("bot.jobs").warning("slow", seconds=3)
    logging.getLogger("discord.client").warning("slow: %s", 3)
    ours, theirs = lines(stream)
    assert (ours["logger"], ours["level"], ours["event"], ours["seconds"]) == ("bot.jobs", "warning", "slow", 3)
    assert (theirs["logger"], theirs["level"], theirs["event"]) == ("discord.client", "warning", "slow: 3")
    assert ours["timestamp"].endswith("Z")
    assert theirs["timestamp"] >= ours["timestamp"]


async def test_the_job_is_on_every_line_of_its_tasks_and_on_no_other(configure: Configure) -> None:
    stream = configure()

    async def work(job_id: str) -> None:
        with log.job_context(job_id):
            structlog.get_logger("bot").info("begun")
            await asyncio.sleep(0)
            await asyncio.gather(asyncio.to_thread(logging.getLogger("PIL").info, "in a thread"))
            logging.getLogger("aiohttp").info("by a library")

    await asyncio.gather(work("one"), work("two"))
    structlog.get_logger("bot").info("afterwards")
    *inside, afterwards = lines(stream)
    assert sorted((line["job"], line["event"]) for line in inside) == [
        (job, event) for job in ("one", "two") for event in ("begun", "by a library", "in a thread")
    ]
    assert "job" not in afterwards


def test_the_level_holds_for_us_and_for_libraries(configure: Configure) -> None:
    stream = configure(level="WARNING")
    structlog.get_logger("bot").info("ours")
    logging.getLogger("discord").info("theirs")
    structlog.get_logger("bot").error("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_debug_leaves_out_the_noisiest_libraries(configure: Configure) -> None:
    stream = configure(level="DEBUG")
    logging.getLogger("aiosqlite").debug("executing <function …>")
    logging.getLogger("aiosqlite").info("heard")
    assert [line["event"] for line in lines(stream)] == ["heard"]


def test_a_connection_that_fails_is_one_line_and_a_defect_is_told_with_its_traceback(configure: Configure) -> None:
    stream = configure()
    library = logging.getLogger("discord.shard")
    for error in (ConnectionRefusedError(111, "refused, 100%"), aiohttp.ClientPayloadError("cut off"), KeyError("op")):
        library.error("Failed to connect for shard_id: %s. Retrying...", 0, exc_info=error)
    refused, cut_off, defect = lines(stream)
    told = "Failed to connect for shard_id: 0. Retrying..."
    assert refused["event"] == f"{told} (ConnectionRefusedError: [Errno 111] refused, 100%)"
    assert cut_off["event"] == f"{told} (ClientPayloadError: cut off)"
    assert "exception" not in refused.keys() | cut_off.keys()
    assert (defect["event"], defect["exception"]) == (told, "KeyError: 'op'")


def test_configuring_again_replaces_the_stream(configure: Configure) -> None:
    first, second = configure(), configure()
    logging.getLogger("bot").info("once")
    assert first.getvalue() == ""
    assert len(lines(second)) == 1


@pytest.mark.parametrize(("terminal", "is_json"), [(True, False), (False, True)])
def test_auto_is_for_people_on_a_terminal_and_json_elsewhere(
    configure: Configure, *, terminal: bool, is_json: bool
) -> None:
    stream = configure("auto", terminal=terminal)
    structlog.get_logger("bot").info("hello")
    assert stream.getvalue().startswith("{") is is_json


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Runs `program` in a process of its own that logs JSON and knows the token."""
    prelude = (
        f"import asyncio, logging, structlog\nfrom bot import log\nlog.configure(form='json', secrets=['{TOKEN}'])\n"
    )
    return subprocess.run([sys.executable, "-c", prelude + program], capture_output=True, text=True, check=True)


def test_a_process_writes_to_standard_error_and_nothing_to_standard_output() -> None:
    done = run(f"structlog.get_logger('bot').info('hello', used='{TOKEN}')")
    assert done.stdout == ""
    assert json.loads(done.stderr)["used"] == log.FILTERED


def test_an_exception_nobody_awaited_goes_through_the_filter() -> None:
    done = run(
        f"async def fail(): raise RuntimeError('with {TOKEN}')\n"
        "async def main():\n"
        "    task = asyncio.create_task(fail()); await asyncio.sleep(0); del task\n"
        "asyncio.run(main())\n"
    )
    event = json.loads(done.stderr)
    assert event["event"].startswith("Task exception was never retrieved")
    assert "RuntimeError: with [filtered]" in event["exception"]
    assert TOKEN not in done.stderr


def test_a_thread_and_a_finalizer_that_fail_go_through_the_filter() -> None:
    done = run(
        "import threading\n"
        "log.catch_the_uncaught()\n"
        f"def fail(*_): raise RuntimeError('with {TOKEN}')\n"
        "class Finalized: __del__ = fail\n"
        "thread = threading.Thread(target=fail, name='worker'); thread.start(); thread.join()\n"
        "Finalized()\n"
    )
    thread, finalizer = (json.loads(line) for line in done.stderr.splitlines())
    assert thread["event"] == "a defect ended the thread worker"
    assert "RuntimeError: with [filtered]" in thread["exception"]
    assert "RuntimeError: with [filtered]" in finalizer["exception"]
    assert TOKEN not in done.stderr


def test_a_line_that_cannot_be_formatted_does_not_print_its_arguments() -> None:
    done = run(f"logging.getLogger('careless').warning('%d', '{TOKEN}')")
    assert done.stderr == "A log line of careless (<string>:4) could not be written.\n"
