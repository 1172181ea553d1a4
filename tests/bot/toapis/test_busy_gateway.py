"""A gateway that wants pauses: by its answers, and by the limits that it tells in headers."""

import pytest

from bot import errors
from bot.errors import Repeat
from bot.toapis.client import ATTEMPTS, ToapisClient
from tests.bot.toapis.calls import BUSY, QUEUED, REQUEST, UPLOADED, submit, upload
from tests.clocks import START, JumpClock
from tests.servers import HttpStub, Reply


async def test_a_busy_gateway_is_asked_again_after_the_pause_it_wants(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(BUSY, BUSY, Reply(200, UPLOADED))

    await upload(client)

    assert len(stub.asked) == 3
    assert START + 14 <= clock.now() <= START + 14 * 1.5


async def test_a_submit_is_sent_once_even_to_a_busy_gateway_since_its_person_may_withdraw_it(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(BUSY)

    with pytest.raises(errors.GatewayBusy) as caught:
        await submit(client)

    assert (caught.value.repeat, caught.value.retry_after) == (Repeat.SAFE, 7)
    assert (len(stub.asked), clock.waits) == (1, [])


async def test_a_submit_whose_turn_has_come_is_sent_at_once(
    client: ToapisClient, stub: HttpStub, clock: JumpClock
) -> None:
    stub.will(Reply(200, QUEUED))
    turn = client.line_up()
    await turn.come()

    await client.submit(REQUEST, count=1, image_urls=(), business_id="b1", turn=turn)

    assert (len(stub.asked), clock.waits) == (1, [])


async def test_a_pause_that_the_gateway_asks_for_is_seen_by_those_who_line_up(
    client: ToapisClient, stub: HttpStub
) -> None:
    stub.will(BUSY, Reply(200, QUEUED))
    turn = client.line_up()
    assert not turn.paused
    with pytest.raises(errors.GatewayBusy):
        await submit(client)

    assert turn.paused
    await client.submit(REQUEST, count=1, image_urls=(), business_id="b1", turn=turn)
    assert not turn.paused


async def test_a_gateway_that_stays_busy_is_given_up_with_its_last_word(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(BUSY)

    with pytest.raises(errors.GatewayBusy) as caught:
        await upload(client)

    assert len(stub.asked) == ATTEMPTS
    assert caught.value.retry_after == 7
    assert caught.value.code == "rate_limit_exceeded"


async def test_a_pause_beyond_our_patience_is_passed_on_at_once(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(429, b"", {"Retry-After": "120"}))

    with pytest.raises(errors.GatewayBusy) as caught:
        await upload(client)

    assert caught.value.retry_after == 120
    assert len(stub.asked) == 1


async def test_a_busy_answer_holds_back_the_others_too(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    stub.will(Reply(429, b"", {"Retry-After": "120"}), Reply(200, QUEUED))
    with pytest.raises(errors.GatewayBusy):
        await client.status("task_1")

    await client.status("task_2")
    assert clock.now() == START + 120

    await submit(client)  # another budget
    assert clock.now() == START + 120


async def test_the_limits_told_in_headers_are_kept(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    told = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "30"}
    stub.will(Reply(200, QUEUED, told), Reply(200, QUEUED))

    await submit(client)
    await submit(client)
    assert clock.now() == START
    await submit(client)

    assert clock.now() == START + 30


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "30"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "nan"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "86400"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(START - 5)},
    ],
)
async def test_limits_that_make_no_sense_are_ignored(
    client: ToapisClient, stub: HttpStub, clock: JumpClock, headers: dict[str, str]
) -> None:
    stub.will(Reply(200, QUEUED, headers))

    await submit(client)
    await submit(client)

    assert clock.now() == START


async def test_a_limit_told_as_a_moment_is_understood(client: ToapisClient, stub: HttpStub, clock: JumpClock) -> None:
    stub.will(Reply(200, QUEUED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START) + 20)}))

    await submit(client)
    await submit(client)

    assert clock.now() == START + 20
