"""The paid step, each branch against a gateway that really took the task, or really did not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.jobs.job import JobState, TaskState
from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Refusal as GatewayRefusal
from tests.orders import NANO_BANANA_PRO
from tests.workshop import Workshop, open_workshop, until

SUBMIT = "/images/generations"
LOOK_UP = "/images/generations/{key}"
UNKNOWN = {"error": {"code": "task_not_found", "message": "The task does not exist"}}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=300.0, toapis_request_timeout=2) as workshop:
        yield workshop


def submits(shop: Workshop) -> int:
    return len(shop.gateway.record.matching(method="POST", route=SUBMIT))


async def test_an_answer_that_never_came_is_settled_by_asking_and_nothing_is_paid_twice(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", drop=True))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert submits(shop) == 1
    assert len(shop.gateway.tasks) == 1
    assert job.tasks[0].ask_id == job.tasks[0].id


@pytest.mark.parametrize("status", [500, 502, 504, 524])
async def test_a_server_error_after_acceptance_is_settled_by_asking(shop: Workshop, status: int) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", status=status, body="<html>error</html>"))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert (submits(shop), len(shop.gateway.tasks)) == (1, 1)


async def test_an_unreadable_answer_is_settled_by_asking(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", status=200, body=b'{"id": "task_img_'))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert len(shop.gateway.tasks) == 1


async def test_what_the_gateway_never_heard_of_is_submitted_once_more_under_the_same_id(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    first, second = shop.gateway.record.matching(method="POST", route=SUBMIT)
    assert first.body["client_business_id"] == second.body["client_business_id"] == job.tasks[0].id
    assert len(shop.gateway.record.matching(method="GET", route=LOOK_UP)) >= 6
    assert len(shop.gateway.tasks) == 1


async def test_what_is_unknown_and_too_late_is_not_submitted_again(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0, job_timeout_seconds=30) as shop:
        shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
        job = await shop.ended(await shop.accept())
        assert job.tasks[0].state is TaskState.FAILED
        assert submits(shop) == 1


async def test_a_task_that_shows_up_late_is_found_and_not_submitted_again(shop: Workshop) -> None:
    shop.gateway.next_task(hidden_for=20.0)
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", status=524, body="<html>a timeout occurred</html>"))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert (submits(shop), len(shop.gateway.tasks)) == (1, 1)


async def test_ambiguous_twice_and_never_found_is_unclear_and_given_back(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True, times=0))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    (task,) = job.tasks
    assert (task.state, task.submits) == (TaskState.UNCLEAR, 2)
    assert submits(shop) == 2, "never a third time"
    assert job.failure is not None
    assert job.failure.key == "job.unclear"
    assert (await shop.services.engine.usage(1)).images == 0
    (told,) = shop.board.operator
    assert task.id in str(told)
    with sqlite3.connect(shop.folder / "easel.db") as connection:
        assert connection.execute("SELECT task_id, event, pictures FROM charges").fetchall() == [
            (task.id, "unclear", 1)
        ]
    connection.close()


async def test_ambiguous_twice_but_found_goes_on(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", drop=True, nth=2))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert (submits(shop), len(shop.gateway.tasks)) == (2, 1)


async def test_a_look_up_that_fails_otherwise_proves_nothing_so_nothing_is_submitted_again(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
    shop.gateway.faults.add(Fault(route=LOOK_UP, status=502, body="<html>bad gateway</html>", nth=3))
    job = await shop.ended(await shop.accept())
    assert job.tasks[0].state is TaskState.UNCLEAR
    assert submits(shop) == 1


async def test_a_look_up_that_recovers_finds_the_task(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route=SUBMIT, moment="after", drop=True))
    shop.gateway.faults.add(Fault(route=LOOK_UP, status=500, body={"error": {"code": "internal_error"}}, times=4))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert submits(shop) == 1


async def test_without_the_ruling_unknown_proves_nothing(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=300.0, resubmit_after_404=False) as shop:
        shop.gateway.faults.add(Fault(route=SUBMIT, drop=True))
        job = await shop.ended(await shop.accept())
        assert job.tasks[0].state is TaskState.UNCLEAR
        assert submits(shop) == 1


async def test_a_busy_gateway_is_waited_for(shop: Workshop) -> None:
    body = {"error": {"code": "rate_limit_exceeded", "message": "slow down"}}
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "3"}, body=body, times=6))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert job.tasks[0].submits == 1, "what was certainly refused does not count"
    assert len(shop.gateway.tasks) == 1


async def test_a_gateway_that_is_busy_until_the_deadline_is_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=600.0, job_timeout_seconds=60) as shop:
        body = {"error": {"code": "rate_limit_unavailable", "message": "limiter down"}}
        shop.gateway.faults.add(Fault(route=SUBMIT, status=503, body=body, times=0))
        job = await shop.ended(await shop.accept())
        assert job.failure is not None
        assert job.failure.key == "gateway.busy"
        assert shop.gateway.tasks == ()


async def test_what_waits_in_line_beyond_the_deadline_is_not_submitted(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, speed=1.0, toapis_submits_per_minute=6, job_timeout_seconds=60) as shop:
        await shop.written(await shop.accept(), lambda current: current.tasks[0].submits == 1)
        late = await shop.accept()
        await until(lambda: shop.services.gateway._submits._line)
        shop.clock.advance(61)
        late = await shop.ended(late)
        assert late.failure is not None
        assert late.failure.key == "gateway.busy"
        assert (late.tasks[0].submits, submits(shop)) == (0, 1)


async def test_a_gateway_that_is_down_is_waited_for(shop: Workshop) -> None:
    await shop.gateway.stop()
    job = await shop.accept()
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    await shop.written(job, lambda current: current.tasks[0].state is TaskState.PENDING)
    await shop.gateway.start()
    assert (await shop.ended(job)).state is JobState.DELIVERED
    assert submits(shop) == 1


async def test_no_credit_closes_the_till_and_tells_the_operator_once(shop: Workshop) -> None:
    shop.gateway.balance.credit = 0.0
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=3))
    assert job.failure is not None
    assert job.failure.key == "gateway.out_of_balance"
    assert [text.key for text in shop.board.operator] == ["operator.out_of_balance"]
    assert (await shop.services.engine.usage(1)).images == 0


def no_credit() -> GatewayRefusal:
    return GatewayRefusal(402, "insufficient_quota", "insufficient quota")


async def test_a_closed_till_refuses_at_once_and_opens_by_itself(shop: Workshop) -> None:
    shop.gateway.balance.credit = 0.0
    await shop.ended(await shop.accept())
    with pytest.raises(Refusal) as refused:
        await shop.accept()
    assert refused.value.text.key == "gateway.out_of_balance"
    shop.gateway.balance.credit = 10.0
    await until(lambda: shop.services.engine.closed is None)
    assert (await shop.ended(await shop.accept())).state is JobState.DELIVERED
    await until(lambda: [text.key for text in shop.board.operator] == OUTAGE)


OUTAGE = ["operator.out_of_balance", "operator.works_again"]


async def test_a_balance_that_cannot_be_read_keeps_the_till_closed(shop: Workshop) -> None:
    shop.gateway.faults.add(Fault(route="/balance", status=500, body="<html>error</html>", times=3))
    shop.gateway.refuse_next(SUBMIT, no_credit())
    await shop.ended(await shop.accept())
    await until(lambda: shop.services.engine.closed is None)
    assert len(shop.gateway.record.matching(route="/balance")) == 4


async def test_an_account_that_looks_solvent_and_is_refused_again_and_again_is_told_once(shop: Workshop) -> None:
    for _ in range(4):
        shop.gateway.refuse_next(SUBMIT, no_credit())
        await shop.ended(await shop.accept())
        await until(lambda: shop.services.engine.closed is None)
    assert [text.key for text in shop.board.operator] == ["operator.out_of_balance"]


async def test_a_refused_key_is_told_to_people_and_to_the_operator(shop: Workshop) -> None:
    shop.gateway.refuse_next(SUBMIT, GatewayRefusal(401, "unauthorized", "Invalid API key"))
    job = await shop.ended(await shop.accept())
    assert "not set up correctly" in str(job.failure)
    assert shop.board.operator[0].key == "operator.unauthorized"


async def test_each_outage_is_news_again(shop: Workshop) -> None:
    for _ in range(2):
        shop.gateway.refuse_next(SUBMIT, no_credit())
        await shop.ended(await shop.accept())
        await until(lambda: shop.services.engine.closed is None)
        await shop.ended(await shop.accept())
    await until(lambda: [text.key for text in shop.board.operator] == OUTAGE * 2)


async def test_what_waits_for_a_busy_gateway_is_not_submitted_to_a_closed_till(shop: Workshop) -> None:
    shop.gateway.balance.credit = 0.0
    hold = asyncio.Event()
    shop.gateway.faults.add(Fault(route=SUBMIT, hold=hold))
    body = {"error": {"code": "rate_limit_exceeded"}}
    shop.gateway.faults.add(Fault(route=SUBMIT, status=429, headers={"Retry-After": "300"}, body=body, nth=2))
    refused = await shop.accept()
    await shop.written(refused, lambda current: current.tasks[0].state is TaskState.SUBMITTING)
    waiting = await shop.accept()
    await until(lambda: submits(shop) == 1)
    await shop.written(waiting, lambda current: current.tasks[0].state is TaskState.PENDING)
    hold.set()
    await shop.ended(refused)
    waiting = await shop.ended(waiting)
    assert waiting.failure is not None
    assert waiting.failure.key == "gateway.out_of_balance"
    assert submits(shop) == 2
