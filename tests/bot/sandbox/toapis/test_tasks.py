"""The life of a task, as look-ups show it."""

from typing import Any

import aiohttp
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Script, ToapisServer
from tests.bot.sandbox.toapis.caller import FLASH, PRO, Caller
from tests.clocks import FastClock

SUBMIT = "/images/generations"


async def test_an_unknown_task_is_not_found(caller: Caller) -> None:
    assert (await caller.look_up("task_img_nobody")).error == (404, "task_not_found")


async def test_a_task_can_stay_hidden_for_a_moment(caller: Caller) -> None:
    caller.gateway.next_task(hidden_for=3)
    task = await caller.submitted()
    caller.clock.advance(2)
    assert (await caller.look_up(task)).status == 404
    caller.clock.advance(1)
    assert (await caller.look_up(task)).status == 200


async def test_a_submit_can_be_accepted_without_its_answer_ever_arriving(caller: Caller) -> None:
    caller.gateway.faults.add(Fault(route=SUBMIT, method="POST", moment="after", drop=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await caller.submit(client_business_id="job-1")
    found = await caller.look_up("job-1")
    assert (found.status, found.json["id"]) == (200, caller.gateway.tasks[0].id)


async def test_a_submit_dropped_on_arrival_is_not_accepted(caller: Caller) -> None:
    caller.gateway.faults.add(Fault(route=SUBMIT, method="POST", drop=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await caller.submit(client_business_id="job-1")
    assert (await caller.look_up("job-1")).error == (404, "task_not_found")


async def test_a_failed_task_says_why_with_status_200(caller: Caller) -> None:
    caller.gateway.next_task(ending="failed", error={"code": "content_policy_violation", "message": "no"})
    task = await caller.submitted()
    caller.clock.advance(10)
    answer = await caller.look_up(task)
    assert (answer.status, answer.json["status"], answer.json["progress"]) == (200, "failed", 0)
    assert answer.json["error"] == {"code": "content_policy_violation", "message": "no"}
    assert "result" not in answer.json


async def test_a_failure_has_the_usual_words_unless_told_otherwise(caller: Caller) -> None:
    caller.gateway.next_task(ending="failed", seconds=0)
    answer = await caller.look_up(await caller.submitted())
    assert answer.json["error"]["code"] == "generation_failed"


async def test_a_task_that_never_ends_stays_in_progress(caller: Caller) -> None:
    caller.gateway.next_task(ending="never")
    task = await caller.submitted()
    caller.clock.advance(100_000)
    answer = await caller.look_up(task)
    assert (answer.json["status"], answer.json["progress"]) == ("in_progress", 99)


async def test_a_completed_task_can_name_no_url(caller: Caller) -> None:
    caller.gateway.next_task(urls="nowhere", seconds=0)
    body = (await caller.look_up(await caller.submitted())).json
    assert (body["status"], "result" in body, "url" in body) == ("completed", False, False)


async def test_a_completed_task_can_name_its_url_at_the_top_only(caller: Caller) -> None:
    caller.gateway.next_task(urls="top-level", seconds=0)
    body = (await caller.look_up(await caller.submitted())).json
    assert "result" not in body
    assert (await caller.fetch(body["url"])).status == 200


async def test_a_task_can_make_more_pictures_than_asked_for(caller: Caller) -> None:
    caller.gateway.next_task(pictures=3, seconds=0)
    urls = await caller.urls(await caller.submitted())
    assert len(set(urls)) == 3
    assert {(await caller.fetch(url)).status for url in urls} == {200}


async def test_statuses_can_go_backwards_and_be_unknown_before_the_truth_shows(caller: Caller) -> None:
    caller.gateway.next_task(statuses=("in_progress", "queued", "dreaming", "failed"), seconds=0)
    task = await caller.submitted()
    shown = [(await caller.look_up(task)).json["status"] for _ in range(5)]
    assert shown == ["in_progress", "queued", "dreaming", "failed", "completed"]


@pytest.mark.parametrize("waiting", ["pending", "submitted", "waiting-for-godot"])
async def test_a_task_can_wait_under_another_name(caller: Caller, waiting: str) -> None:
    caller.gateway.next_task(waiting=waiting)
    answer = await caller.submit()
    assert answer.json["status"] == waiting
    assert (await caller.look_up(answer.json["id"])).json["status"] == waiting


async def test_a_look_up_can_show_another_id(caller: Caller) -> None:
    caller.gateway.next_task(shown_id="img_other")
    task = await caller.submitted()
    assert (await caller.look_up(task)).json["id"] == "img_other"
    assert (await caller.look_up("img_other")).status == 404


async def test_a_submit_can_be_answered_with_the_finished_task(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0)
    body = (await caller.submit()).json
    assert body["status"] == "completed"
    assert (await caller.fetch(body["result"]["data"][0]["url"])).status == 200


async def test_a_task_waits_then_works_then_is_completed(caller: Caller) -> None:
    task = await caller.submitted(n=2)
    began = int(caller.clock.now())
    shown: list[tuple[str, int]] = []
    for _ in range(6):
        body = (await caller.look_up(task)).json
        shown.append((body["status"], body["progress"]))
        caller.clock.advance(2)
    assert shown == [
        ("queued", 0),
        ("in_progress", 5),
        ("in_progress", 29),
        ("in_progress", 52),
        ("in_progress", 76),
        ("completed", 100),
    ]
    body = (await caller.look_up(task)).json
    assert (body["completed_at"], body["expires_at"]) == (began + 10, began + 10 + 86_400)
    assert (body["result"]["type"], len(body["result"]["data"])) == ("image", 2)
    assert len(caller.gateway.tasks[0].asked_at) == 7


async def test_a_business_id_finds_the_newest_task_that_has_it(caller: Caller) -> None:
    await caller.submitted(client_business_id="job/1 ?")
    newest = await caller.submitted(client_business_id="job/1 ?")
    body = (await caller.look_up("job/1 ?")).json
    assert (body["id"], body["client_business_id"]) == (newest, "job/1 ?")


async def test_plans_are_for_the_requests_they_name_and_used_in_order(caller: Caller) -> None:
    caller.gateway.next_task(ending="failed", seconds=0, when=lambda request: request.model.id == PRO)
    caller.gateway.next_task(Script(seconds=0))
    caller.gateway.next_task(waiting="submitted")
    shown = [(await caller.submit(model)).json["status"] for model in (FLASH, PRO, FLASH, FLASH)]
    assert shown == ["completed", "failed", "submitted", "queued"]


async def test_a_request_that_is_refused_leaves_the_plan_for_the_next(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0)
    assert (await caller.submit(size="7:5")).status == 400
    assert (await caller.submit()).json["status"] == "completed"


async def test_every_task_can_turn_out_the_same(caller: Caller) -> None:
    caller.gateway.every_task(Script(ending="failed", seconds=0))
    caller.gateway.next_task(seconds=0)
    shown = [(await caller.submit()).json["status"] for _ in range(3)]
    assert shown == ["completed", "failed", "failed"]


async def durations(**settings: Any) -> list[float]:
    clock = FastClock()
    gateway = ToapisServer(seconds=20, now=clock.now, **settings)
    async with gateway, aiohttp.ClientSession() as session:
        caller = Caller(gateway, clock, session)
        for model in (FLASH, PRO, FLASH, PRO):
            await caller.submitted(model)
        return [task.seconds for task in gateway.tasks]


async def test_generations_vary_within_the_spread_and_the_seed_repeats_them() -> None:
    first = await durations(spread=0.5, seed=7)
    assert first == await durations(spread=0.5, seed=7)
    assert first != await durations(spread=0.5, seed=8)
    assert all(10 <= seconds <= 30 for seconds in first)
    assert len(set(first)) == 4


async def test_a_model_can_be_slower_than_another() -> None:
    assert await durations(spread=0, factors={PRO: 1.5}) == [20, 30, 20, 30]
