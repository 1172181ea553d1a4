"""What Discord says where a delivery fails, in the words of the engine."""

import pytest

from bot.errors import DeliveryBlocked, DeliveryInterrupted, DeliveryTooLarge
from bot.jobs.order import Route
from tests.bot.ui.deliveries import delivered, outcome, revived
from tests.stage import MESSAGES, ORIGINAL, Stage


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}}, DeliveryBlocked),
        ({"status": 404, "body": {"code": 10003, "message": "Unknown Channel"}}, DeliveryBlocked),
        ({"status": 400, "body": {"code": 50083, "message": "Thread is archived"}}, DeliveryBlocked),
        ({"status": 401, "body": {"code": 0, "message": "401: Unauthorized"}}, DeliveryBlocked),
        ({"status": 413, "body": "<html>too large</html>"}, DeliveryTooLarge),
        ({"status": 400, "body": {"code": 40005, "message": "Request entity too large"}}, DeliveryTooLarge),
        ({"status": 429, "body": "<html>banned</html>"}, DeliveryInterrupted),
        ({"status": 503, "body": "<html>unavailable</html>"}, DeliveryInterrupted),
        ({"drop": True}, DeliveryInterrupted),
        ({"status": 200, "body": "<html>a proxy's page</html>"}, DeliveryInterrupted),
        ({"status": 200, "body": b"{}", "headers": {"Content-Type": ""}}, DeliveryInterrupted),
    ],
)
async def test_what_discord_says_is_translated_once(
    stage: Stage, answer: dict[str, object], error: type[Exception]
) -> None:
    job = revived(await delivered(stage, stage.person()), stage, id="01abcdefghjkmnpqrstv")
    stage.fault(MESSAGES, method="POST", **answer)
    with pytest.raises(error):
        await stage.bot.delivery.post(job, outcome(), Route.CHANNEL)


VIA = {"Via": "1.1 google"}  # says that Discord itself answers


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (
            {"status": 429, "headers": VIA, "body": {"message": "slower", "retry_after": 1800.5, "global": False}},
            1800.5,
        ),
        ({"status": 429, "headers": {"Retry-After": "86400"}, "body": "<html>banned</html>"}, 3600.0),
        ({"status": 429, "headers": {**VIA, "Retry-After": "40"}, "body": "<html>busy</html>"}, 40.0),
        ({"status": 503, "headers": {"Retry-After": "Wed, 21 Oct 2037 07:28:00 GMT"}, "body": ""}, 0.0),
        ({"drop": True}, 0.0),
    ],
)
async def test_how_long_discord_asks_to_wait_is_known(stage: Stage, answer: dict[str, object], seconds: float) -> None:
    job = revived(await delivered(stage, stage.person()), stage, id="01abcdefghjkmnpqrstv")
    stage.fault(MESSAGES, method="POST", **answer)
    with pytest.raises(DeliveryInterrupted) as interrupted:
        await stage.bot.delivery.post(job, outcome(), Route.CHANNEL)
    assert interrupted.value.retry_after == seconds


async def test_a_page_where_json_was_expected_is_one_more_broken_connection_for_the_answer_too(stage: Stage) -> None:
    ada = stage.person()
    job = revived(await delivered(stage, ada, private=True), stage)
    for answer in ({"status": 200}, {"status": 429, "headers": VIA}):
        stage.fault(ORIGINAL, method="PATCH", body="<html>a proxy's page</html>", **answer)
        with pytest.raises(DeliveryInterrupted):
            await stage.bot.delivery.post(job, outcome(), Route.RESPONSE)


async def test_direct_messages_that_are_closed_are_a_closed_way(stage: Stage) -> None:
    ada = stage.person()
    job = revived(await delivered(stage, ada), stage)
    ada.user.accepts_direct_messages = False
    with pytest.raises(DeliveryBlocked):
        await stage.bot.delivery.post(job, outcome(), Route.DIRECT)
