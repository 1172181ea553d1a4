"""The bot told to stop, whatever it is busy with: soon, with nothing left over, and gone on with at the next start."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.job import JobState, TaskState
from bot.sandbox.discord.people import Person, Upload
from bot.texts import Text
from tests.forms import PROMPT, opened
from tests.orders import NANO_BANANA_PRO
from tests.servers import raw_server
from tests.stage import CALLBACK, MESSAGES, ORIGINAL, Stage, open_stage
from tests.workshop import picture, until

SUBMIT = "/images/generations"
LOOK_UP = "/images/generations/{key}"
UPLOAD = "/uploads/images"
RESULT = "/generated/{name}"
LONGEST = 9.0  # seconds; a supervisor that kills after 10 finds it ended
STOPPING = str(Text("job.stopping"))


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What the bot is busy with when it is told to stop.

    Attributes:
        fault: what keeps it there, to be held or dropped for as long as the bot runs.
        states: of the job and of its tasks, before and after the stop.
        seconds: how long the gateway paints.
        more: what else the person chose.
        settings: those that differ.
    """

    states: tuple[JobState, *tuple[TaskState, ...]]
    fault: dict[str, Any] | None = None
    seconds: float = 0.0
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    settings: dict[str, Any] = field(default_factory=dict[str, Any])


REFERENCE = {"image1": Upload("red.png", picture("red"))}
PHASES = {
    "waiting for a turn": Phase(
        states=(JobState.PAINTING, TaskState.RUNNING, TaskState.PENDING),
        seconds=600.0,
        more={"model": NANO_BANANA_PRO, "count": 2},
        settings={"toapis_submits_per_minute": 6},
    ),
    "fetching a reference": Phase(
        states=(JobState.REHOSTING, TaskState.PENDING),
        fault={"route": "/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}", "service": "cdn"},
        more=REFERENCE,
    ),
    "uploading a reference": Phase(
        states=(JobState.REHOSTING, TaskState.PENDING), fault={"route": UPLOAD}, more=REFERENCE
    ),
    "submitting what the gateway did not take": Phase(
        states=(JobState.PAINTING, TaskState.SUBMITTING), fault={"route": SUBMIT, "drop": True}
    ),
    "submitting what the gateway took": Phase(
        states=(JobState.PAINTING, TaskState.SUBMITTING), fault={"route": SUBMIT, "moment": "after"}
    ),
    "painting": Phase(states=(JobState.PAINTING, TaskState.RUNNING), seconds=600.0),
    "fetching a result": Phase(states=(JobState.DELIVERING, TaskState.COMPLETED), fault={"route": RESULT}),
    "posting what Discord did not take": Phase(
        states=(JobState.DELIVERING, TaskState.COMPLETED), fault={"route": MESSAGES, "method": "POST", "drop": True}
    ),
    "posting what Discord took": Phase(
        states=(JobState.DELIVERING, TaskState.COMPLETED),
        fault={"route": MESSAGES, "method": "POST", "moment": "after"},
    ),
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_is_said_of_leftovers(caplog: pytest.LogCaptureFixture) -> Any:
    """The event loop and the libraries log what was forgotten; ResourceWarnings are errors anyway."""
    yield
    gc.collect()
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert not [words for words in told if "destroyed" in words or "never retrieved" in words or "Unclosed" in words]


class Leftovers:
    """What runs besides the stage itself."""

    def __init__(self) -> None:
        self._tasks, self._threads = asyncio.all_tasks(), set(threading.enumerate())

    async def must_be_gone(self) -> None:
        """All that came since has ended, but what stand-ins do, the loop's spare threads and the tests' darkroom."""
        await asyncio.sleep(1.5)  # a stand-in looks up now and then whether somebody still waits for its answer
        for thread in set(threading.enumerate()) - self._threads:
            if not thread.name.startswith(("asyncio_", "darkroom")):
                thread.join(5)
                assert not thread.is_alive(), thread.name
        assert [task for task in asyncio.all_tasks() - self._tasks if is_the_bots(task)] == []


def is_the_bots(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    path = Path(code.co_filename).as_posix() if code is not None else ""
    return "/aiohttp/web" not in path and "/sandbox/" not in path and "/tests/" not in path


async def stopped(stage: Stage) -> float:
    """Stop the bot; the seconds that it took."""
    begun = stage.clock.now()
    await stage.stop_bot()
    return stage.clock.now() - begun


async def states(stage: Stage) -> tuple[str, ...]:
    """Of the newest job, and of its tasks in order."""
    job = await stage.newest_job()
    return (job.state, *(task.state for task in job.tasks))


async def come_to(stage: Stage, *expected: str) -> None:
    """Wait until these are the first of the states."""
    async with asyncio.timeout(30):
        current = await states(stage)
        while current[: len(expected)] != expected:
            await asyncio.sleep(0.01)
            current = await states(stage)


async def busy_with(stage: Stage, phase: Phase, person: Person) -> None:
    """Have the bot begin a job and come as far as this."""
    if phase.seconds:
        stage.gateway.next_task(seconds=phase.seconds)
    if phase.fault is not None:
        stage.fault(**phase.fault, hold=asyncio.Event(), times=0)
    await (await person.command("imagine", prompt="a lighthouse", **phase.more)).answer()
    await come_to(stage, *phase.states)
    if phase.fault is not None:
        await asyncio.sleep(1)  # the call is on its way, and held


@pytest.mark.parametrize("phase", PHASES.values(), ids=PHASES.keys())
async def test_a_job_is_parked_as_it_is_written_and_ends_once_after_the_next_start(stage: Stage, phase: Phase) -> None:
    left = Leftovers()
    ada = stage.person()
    stage.settings = stage.settings.model_copy(update=phase.settings)
    await stage.start_bot()
    await busy_with(stage, phase, ada)
    assert await stopped(stage) <= LONGEST
    await left.must_be_gone()
    with stage.written() as rows:
        written = [
            state for (state,) in rows("SELECT state FROM jobs") + rows("SELECT state FROM tasks ORDER BY position")
        ]
    assert tuple(written) == phase.states

    stage.faults.clear()
    stage.clock.advance(phase.seconds)
    await stage.start_bot()
    result = await ada.waits_for(lambda message: message.files, timeout=150)  # settling takes 77 s
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress is gone")
    assert len(result.files) == phase.more.get("count", 1) == len(stage.gateway.tasks)
    assert stage.gateway.paid_twice == ()


async def test_a_submit_that_is_answered_in_time_is_settled_before_the_end(stage: Stage) -> None:
    ada = stage.person()
    await stage.start_bot()
    stage.fault(SUBMIT, moment="after", delay=4.0)
    await ada.command("imagine", prompt="a lighthouse")
    await until(lambda: stage.gateway.tasks)
    assert 2 < await stopped(stage) < LONGEST
    with stage.written() as rows:
        assert rows("SELECT state FROM tasks") == [("running",)]
        ((task_id,),) = rows("SELECT id FROM tasks")
    await stage.start_bot()
    await stage.result(ada)
    assert not [each for each in stage.record.matching("GET", LOOK_UP) if task_id in each.path], "nothing to settle"


async def test_while_a_submit_is_waited_for_nothing_new_is_taken_and_that_is_said_privately(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await stage.start_bot()
    before = await stage.painted(bob)
    form = await opened(bob)
    stage.fault(SUBMIT, moment="after", delay=5.0)
    await ada.command("imagine", prompt="a lighthouse")
    await until(lambda: len(stage.gateway.tasks) == 2)
    stopping = asyncio.create_task(stopped(stage))
    await asyncio.sleep(0.1)
    for asked in (
        await bob.command("imagine", prompt="a tower"),
        await bob.submits(form, {PROMPT: "a tower"}),
        await bob.press(before, "Again"),
    ):
        answer = await asked.answer()
        assert answer.content.startswith(STOPPING)
        assert answer.ephemeral
    assert await stopping <= LONGEST
    assert len(stage.gateway.tasks) == 2
    with stage.written() as rows:
        assert rows("SELECT count(*) FROM jobs") == [(2,)]


async def test_an_answer_that_discord_does_not_take_holds_nothing_up_and_its_job_goes_on(stage: Stage) -> None:
    left = Leftovers()
    ada = stage.person()
    await stage.start_bot()
    stage.fault(CALLBACK, hold=asyncio.Event())
    await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    assert await stopped(stage) <= LONGEST
    await left.must_be_gone()
    await stage.start_bot()
    assert (await stage.result(ada)).mentioned == (ada.user.id,)


async def test_a_cancelling_that_could_not_be_told_is_told_after_the_next_start(stage: Stage) -> None:
    left = Leftovers()
    ada = stage.person()
    await stage.start_bot()
    stage.gateway.next_task(seconds=30.0)
    shown = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    await stage.submitted()
    stage.fault(ORIGINAL, method="PATCH", hold=asyncio.Event(), times=0)
    await ada.press(shown, "Cancel")
    await come_to(stage, JobState.CANCELLED)
    assert await stopped(stage) <= LONGEST
    await left.must_be_gone()
    stage.faults.clear()
    await stage.start_bot()
    await ada.waits_until(lambda: "Cancelled" in ada.sees()[0].content, "it to say so")
    assert stage.asked("POST", MESSAGES) == ()


async def test_a_form_that_was_open_is_still_read_after_the_next_start(stage: Stage) -> None:
    left = Leftovers()
    ada = stage.person()
    await stage.start_bot()
    form = await opened(ada)
    assert await stopped(stage) <= LONGEST
    await left.must_be_gone()
    await stage.start_bot()
    await ada.submits(form, {PROMPT: "a lighthouse"})
    assert (await stage.result(ada)).files
    assert len(stage.gateway.tasks) == 1


async def test_a_discord_that_went_dumb_is_not_waited_for(stage: Stage) -> None:
    left = Leftovers()
    dumb = asyncio.Event()
    host, port = stage.settings.discord_gateway_url.removeprefix("ws://").partition("/")[0].split(":")

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not dumb.is_set():
                writer.write(data)
        writer.close()

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_connection(host, int(port))
        await asyncio.gather(forward(reader, ahead), forward(behind, writer))

    async with raw_server(between) as url:
        address = f"{url.replace('http', 'ws')}/gateway"
        stage.settings = stage.settings.model_copy(update={"discord_gateway_url": address})
        await stage.start_bot()
        dumb.set()
        assert await stopped(stage) <= LONGEST
        await left.must_be_gone()
