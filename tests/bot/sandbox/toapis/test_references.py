"""How the gateway stand-in gets at references: it fetches them by URL from its own file host."""

import hashlib

import pytest

from bot.sandbox.faults import Fault
from tests.bot.sandbox.toapis.caller import Caller, picture

INVALID = (400, "invalid_request")
UPLOAD = "/uploads/{account}/{name}"


async def test_an_address_it_did_not_hand_out_is_refused_when_strict(caller: Caller) -> None:
    stranger = f"{caller.gateway.files_url}/uploads/123/1_deadbeef.png"
    assert (await caller.submit(image_urls=[stranger])).error == INVALID
    assert caller.gateway.record.matching(service="files") == ()


async def test_an_upload_under_another_host_is_refused_when_strict(caller: Caller) -> None:
    url = (await caller.uploaded()).replace("127.0.0.1", "localhost")
    assert (await caller.submit(image_urls=[url])).error == INVALID


async def test_a_result_can_be_referred_to_until_it_expires(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0)
    done = await caller.submit()
    (result,) = done.json["result"]["data"]
    again = await caller.submit(image_urls=[result["url"]])
    assert again.status == 200
    assert caller.gateway.tasks[-1].references[0].url == result["url"]
    assert (await caller.submit(image_urls=[result["url"].replace("127.0.0.1", "localhost")])).error == INVALID
    caller.clock.advance(86_400)
    assert (await caller.submit(image_urls=[result["url"]])).error == INVALID


async def test_a_result_that_is_larger_than_a_reference_may_be_is_refused(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0, picture="huge")
    (result,) = (await caller.submit()).json["result"]["data"]
    assert (await caller.submit(image_urls=[result["url"]])).error == INVALID


async def test_a_reference_nobody_serves_is_refused_even_when_lenient(caller: Caller) -> None:
    caller.gateway.references.strict = False
    for url in (f"{caller.gateway.files_url}/uploads/123/gone.png", "http://127.0.0.1:1/refused.png"):
        assert (await caller.submit(image_urls=[url])).error == INVALID


async def test_an_address_of_somebody_else_is_fetched_when_lenient(caller: Caller) -> None:
    caller.gateway.references.strict = False
    url = (await caller.uploaded()).replace("127.0.0.1", "localhost")
    assert (await caller.submit(image_urls=[url])).status == 200


async def test_an_upload_that_has_expired_is_refused(caller: Caller) -> None:
    url = await caller.uploaded()
    caller.clock.advance(86_400)
    assert (await caller.submit(image_urls=[url])).error == INVALID


@pytest.mark.parametrize("fault", [Fault(route=UPLOAD, status=503), Fault(route=UPLOAD, drop=True, times=0)])
async def test_a_file_host_that_fails_makes_the_reference_unreachable(caller: Caller, fault: Fault) -> None:
    url = await caller.uploaded()
    caller.gateway.faults.add(fault)
    assert (await caller.submit(image_urls=[url])).error == INVALID
    assert caller.gateway.tasks == ()


async def test_a_gif_can_be_uploaded_and_not_referred_to(caller: Caller) -> None:
    answer = await caller.upload(picture("GIF"), "a.gif", "image/gif")
    assert (await caller.submit(image_urls=[answer.json["data"]["url"]])).error == INVALID


async def test_a_damaged_picture_is_refused(caller: Caller) -> None:
    url = await caller.uploaded(picture("PNG")[:40])
    assert (await caller.submit(image_urls=[url])).error == INVALID


async def test_a_reference_over_ten_megabytes_is_refused(caller: Caller) -> None:
    url = await caller.uploaded()
    large = picture() + bytes(10 * 1024 * 1024)
    caller.gateway.faults.add(Fault(route=UPLOAD, moment="after", body=large))
    assert (await caller.submit(image_urls=[url])).error == INVALID


async def test_references_are_fetched_by_url_without_the_key(caller: Caller) -> None:
    pictures = [picture("PNG", colour="red"), picture("JPEG", colour="blue"), picture("WEBP", colour="green")]
    urls = [await caller.uploaded(data) for data in pictures]
    await caller.submit(image_urls=urls)
    fetched = caller.gateway.record.matching("GET", UPLOAD, "files")
    assert [exchange.authorization for exchange in fetched] == [None, None, None]
    references = caller.gateway.tasks[0].references
    assert [reference.url for reference in references] == urls
    assert [reference.sha256 for reference in references] == [hashlib.sha256(data).hexdigest() for data in pictures]
    assert [reference.mime_type for reference in references] == ["image/png", "image/jpeg", "image/webp"]
    assert not caller.gateway.key_reached_file_host
