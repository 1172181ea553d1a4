"""What people are told of the gateway's errors, and when it may be asked again."""

from typing import Any

import pytest

from bot.toapis.client import ToapisClient
from bot.toapis.translate import Answer, Call, translate_answer
from tests.bot.toapis.conftest import KEY
from tests.bot.toapis.failures import failure
from tests.servers import HttpStub, Reply


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"error": {"message": "size is wrong"}}, "did not accept this request and says: “size is wrong”"),
        (400, {"error": {"message": 'bad: {"message": "n must be\\n an integer"}'}}, "says: “n must be an integer"),
        (400, {"error": {"message": "<b>no</b>"}}, "gave no reason"),
        (400, {"error": {"message": '{"broken'}}, "gave no reason"),
        (400, b"Bad\x00 Request\r\n", "says: “Bad Request"),
        (400, {"error": {"message": f"key {KEY} and Bearer abc.def"}}, "says: “key [filtered] and …"),
        (413, "<html>413</html>", "too large"),
        (301, b"", "leads elsewhere"),
        (422, {"error": {"message": "x"}}, "content rules"),
        (401, {"error": {"message": "x"}}, "not set up correctly"),
        (403, {"error": {"message": "x"}}, "out of credit"),
        (403, "<html>Forbidden</html>", "gave no reason"),
        (503, {"error": {"code": "model_not_found"}}, "Nano Banana 2 is not available"),
        (
            503,
            {"error": {"code": "model_not_found"}},
            "another model: Nano Banana Pro, Nano Banana, Nano Banana (Vertex",
        ),
        (429, b"", "busy"),
        (502, "<html>", "cannot be reached"),
        (200, b"what?", "makes no sense"),
    ],
)
async def test_what_the_user_reads(client: ToapisClient, stub: HttpStub, status: int, body: Any, words: str) -> None:
    stub.will(Reply(status, body))

    error = await failure(client, "submit")

    assert words in str(error.text)
    assert KEY not in str(error) + str(error.text)


async def test_a_reason_is_shortened(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(400, {"error": {"message": "no " * 5000}}))

    assert len(str((await failure(client, "submit")).text)) < 500


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("86400", 300.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),  # the test clock starts at 22:13:20
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("nan", None),
        ("inf", 300.0),
        ("soon", None),
        ("", None),
        ("Tue, 99 Nov 2023 22:13:50 GMT", None),
    ],
)
async def test_retry_after_is_read_in_seconds_and_as_a_date(
    client: ToapisClient, stub: HttpStub, header: str, seconds: float | None
) -> None:
    stub.will(Reply(429, b"", {"Retry-After": header}))

    error = await failure(client, "status")

    assert error.retry_after == seconds


async def test_a_reason_is_not_dug_for_without_end(client: ToapisClient, stub: HttpStub) -> None:
    body: Any = {"message": "the core"}
    for _ in range(50):
        body = {"error": body}
    stub.will(Reply(400, body))

    assert "gave no reason" in str((await failure(client, "status")).text)


def test_a_model_that_is_not_in_the_catalogue_has_no_others_to_name() -> None:
    answer = Answer(status=503, body=b'{"error": {"code": "model_not_found", "message": "no channel"}}')
    text = translate_answer(Call.SUBMIT, answer, now=0.0, model="gemini-9").text
    assert (text.key, text.values) == ("gateway.model_unavailable", {"model": "gemini-9"})
