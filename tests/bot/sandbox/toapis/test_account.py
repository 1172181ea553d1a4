"""What the account may spend, and how often it may ask."""

import pytest

from bot.sandbox.toapis import REAL_LIMITS, Refusal, Window
from tests.bot.sandbox.toapis.caller import FLASH, OLD, PRO, VERTEX, Caller


async def test_a_submit_that_cannot_be_paid_is_refused(caller: Caller) -> None:
    caller.gateway.balance.credit = 0.1
    assert (await caller.submit(n=2)).status == 200
    assert (await caller.submit()).error == (402, "insufficient_quota")
    assert len(caller.gateway.tasks) == 1


async def test_an_empty_account_can_be_refused_in_other_words(caller: Caller) -> None:
    caller.gateway.balance.credit = 0
    caller.gateway.balance.refusal = Refusal(403, "insufficient_user_quota", "top up")
    assert (await caller.submit()).error == (403, "insufficient_user_quota")


async def test_the_balance_can_fail_with_status_200(caller: Caller) -> None:
    caller.gateway.balance.failing = True
    answer = await caller.ask("GET", "/balance")
    assert (answer.status, answer.json["success"]) == (200, False)


async def test_an_unlimited_account_says_minus_one_and_never_runs_dry(caller: Caller) -> None:
    caller.gateway.balance.credit = None
    await caller.submitted(n=4)
    assert (await caller.ask("GET", "/balance")).json == {
        "success": True,
        "remain_balance": -1,
        "used_balance": 0.16,
        "unlimited_quota": True,
    }


async def test_every_picture_costs_and_a_failed_one_is_refunded_when_it_fails(caller: Caller) -> None:
    async def remaining() -> float:
        answer = await caller.ask("GET", "/balance")
        left: float = answer.json["remain_balance"]
        assert left + answer.json["used_balance"] == pytest.approx(1000)
        return left

    caller.gateway.next_task(ending="failed")
    await caller.submitted(n=3)
    await caller.submitted()
    assert await remaining() == pytest.approx(999.84)
    caller.clock.advance(10)
    assert await remaining() == pytest.approx(999.96)


async def test_a_burst_of_submits_is_limited_and_told_when_to_return(caller: Caller) -> None:
    statuses = [(await caller.submit()).status for _ in range(50)]
    assert set(statuses) == {200}
    caller.clock.advance(4)
    refused = await caller.submit()
    assert refused.error == (429, "rate_limit_exceeded")
    assert refused.headers["Retry-After"] == "6"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert len(caller.gateway.tasks) == 50
    caller.clock.advance(6)
    assert (await caller.submit()).status == 200


async def test_look_ups_are_limited_apart_from_submits(caller: Caller) -> None:
    caller.gateway.limiter.set({"async_query": (Window(2, 10),)})
    task = await caller.submitted()
    answers = [await caller.look_up(task) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert (await caller.submit()).status == 200


async def test_every_counted_answer_carries_the_limits_headers(caller: Caller) -> None:
    submit = await caller.submit(size="7:5")
    query = await caller.look_up("unknown")
    now = int(caller.clock.now())
    shown = {name: value for name, value in submit.headers.items() if name.startswith("X-RateLimit")}
    assert shown == {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": str(now + 10),
        "X-RateLimit-Category": "async_submit",
    }
    assert query.headers["X-RateLimit-Category"] == "async_query"
    assert query.headers["X-RateLimit-Remaining"] == "499"


async def test_the_minute_limits_what_the_bursts_allow(caller: Caller) -> None:
    assert REAL_LIMITS["async_submit"] == (Window(300, 60), Window(50, 10))
    caller.gateway.limiter.set({"async_submit": (Window(5, 60), Window(2, 10))})
    statuses: list[int] = []
    for _ in range(3):
        statuses += [(await caller.submit()).status for _ in range(2)]
        caller.clock.advance(10)
    assert statuses == [200, 200, 200, 200, 200, 429]
    assert (await caller.submit()).headers["Retry-After"] == "30"


async def test_a_limiter_that_is_down_refuses_submits_and_look_ups(caller: Caller) -> None:
    task = await caller.submitted()
    caller.gateway.limiter.down = True
    assert (await caller.submit()).error == (503, "rate_limit_unavailable")
    assert (await caller.look_up(task)).error == (503, "rate_limit_unavailable")
    caller.gateway.limiter.down = False
    assert (await caller.look_up(task)).status == 200


async def test_without_limits_nothing_is_counted(caller: Caller) -> None:
    caller.gateway.limiter.set({})
    answers = [await caller.submit() for _ in range(51)]
    assert {answer.status for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


async def test_image_models_are_listed_only_when_asked_for(caller: Caller) -> None:
    images = (await caller.ask("GET", "/models?type=image")).json
    texts = (await caller.ask("GET", "/models")).json
    assert (images["success"], images["object"]) == (True, "list")
    assert {model["id"] for model in images["data"]} == {FLASH, PRO, OLD, VERTEX}
    assert not {model["id"] for model in texts["data"]} & {FLASH, PRO, OLD, VERTEX}


async def test_a_model_that_is_out_of_order_is_not_listed(caller: Caller) -> None:
    caller.gateway.unavailable.add(PRO)
    assert PRO not in {model["id"] for model in (await caller.ask("GET", "/models?type=image")).json["data"]}
