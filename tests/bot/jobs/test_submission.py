"""The paid step among other requests: waiting in line, the till; what a call can meet is in `tests/faults/`."""

import asyncio
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


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, speed=300.0) as workshop:
        yield workshop


def submits(shop: Workshop) -> int:
    return len(shop.gateway.record.matching(method="POST", route=SUBMIT))


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


async def test_an_account_that_looks_solvent_and_is_refused_again_and_again_is_told_once(shop: Workshop) -> None:
    for _ in range(4):
        shop.gateway.refuse_next(SUBMIT, no_credit())
        await shop.ended(await shop.accept())
        await until(lambda: shop.services.engine.closed is None)
    assert [text.key for text in shop.board.operator] == ["operator.out_of_balance"]


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
