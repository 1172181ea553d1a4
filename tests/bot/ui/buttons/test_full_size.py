from dataclasses import replace

import aiohttp
import pytest

from bot.jobs.job import Job, Task, TaskState
from bot.texts import Text
from bot.ui.buttons.full_size import full_size
from bot.ui.inert import length
from bot.ui.render import MAX_CONTENT
from tests.bot.ui.buttons.scene import failed, painted
from tests.clocks import START
from tests.samples import job
from tests.stage import Stage


def done(*urls: str, until: float | None = START + 3600, resolution: str = "1K") -> Job:
    plain = job(count=max(1, len(urls)), resolution=resolution)
    task = Task(
        id=f"{plain.id}-1",
        job_id=plain.id,
        position=1,
        state=TaskState.COMPLETED,
        wanted=len(urls),
        pictures=len(urls),
        finished_at=START,
        result_urls=urls,
        result_expires_at=until,
    )
    return replace(plain, tasks=(task,))


async def test_full_size_leads_privately_to_every_original_and_says_how_long(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    result = await painted(stage, ada, count=2)
    answer = await (await bob.press(result, "Full size")).answer()
    assert answer.ephemeral
    originals = (await stage.job_of(result)).originals
    assert len(originals) == 2
    for number, original in enumerate(originals, start=1):
        assert f"- [Picture {number}](<{original.url}>)" in answer.content
        assert f"<t:{int(original.until)}:R>" in answer.content
        async with aiohttp.ClientSession() as http, http.get(original.url) as got:
            assert got.status == 200


async def test_full_size_that_has_ended_says_so_and_what_to_do_after_a_restart_too(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    (original,) = (await stage.job_of(result)).originals
    await stage.stop_bot()
    stage.clock.advance(25 * 3600)
    await stage.start_bot()
    answer = await (await ada.press(result, "Full size")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("full_size.ended_upscale", {"until": int(original.until)}))


async def test_full_size_works_below_a_private_result_in_direct_messages_and_where_the_bot_is_not(stage: Stage) -> None:
    for person in (stage.person("a"), stage.stranger("b"), stage.guest("c")):
        result = await painted(stage, person, private=True)
        answer = await (await person.press(result, "Full size")).answer()
        assert answer.ephemeral
        assert "[Picture 1]" in answer.content


async def test_a_failure_has_no_full_size(stage: Stage) -> None:
    assert (await failed(stage, stage.person())).button("Full size") is None


def test_a_request_without_originals_says_so() -> None:
    assert full_size(job(), START) == str(Text("full_size.none"))


@pytest.mark.parametrize(("resolution", "key"), [("1K", "full_size.ended_upscale"), ("4K", "full_size.ended")])
def test_an_ended_original_can_be_painted_larger_only_where_there_is_larger(resolution: str, key: str) -> None:
    ended = done("https://x.example/1.png", until=START, resolution=resolution)
    assert full_size(ended, START) == str(Text(key, {"until": int(START)}))


def test_where_the_gateway_names_no_end_a_day_is_reckoned() -> None:
    told = full_size(done("https://x.example/1.png", until=None), START)
    assert f"<t:{int(START + 86_400)}:R>" in told


def test_of_several_the_ended_ones_are_told_apart() -> None:
    early, late = done("https://x.example/1.png", until=START - 1), done("https://x.example/2.png")
    both = replace(early, tasks=(*early.tasks, *late.tasks))
    lines = full_size(both, START).splitlines()
    assert lines[1] == str(Text("full_size.link_ended", {"number": 1, "until": int(START - 1)}))
    assert lines[2].startswith("- [Picture 2](<https://x.example/2.png>)")


@pytest.mark.parametrize("end", [">", ")", " ", "\n", "]", '"', "`"])
def test_an_address_cannot_end_its_link(end: str) -> None:
    told = full_size(done(f"https://x.example/a{end}<@7> **b**"), START).splitlines()
    assert len(told) == 2
    address = told[1].partition("](<")[2].partition(">)")[0]
    assert address.startswith("https://x.example/a%")
    assert "%3C@7%3E%20**b**" in address


def test_addresses_beyond_measure_are_left_out() -> None:
    told = full_size(done(*(f"https://x.example/{'a' * 900}{n}" for n in range(4))), START)
    assert length(told) <= MAX_CONTENT
    assert "[Picture 1]" in told
