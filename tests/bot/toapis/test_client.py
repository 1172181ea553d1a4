"""What the client sends, and to whom it gives its key."""

import pytest
from pydantic import SecretStr

from bot import errors
from bot.errors import GatewayError
from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.client import ToapisClient
from bot.toapis.schema import RemoteState, TaskStatus, Uploaded
from tests.bot.toapis.calls import QUEUED, UPLOADED, submit, upload
from tests.bot.toapis.conftest import KEY, Open
from tests.clocks import JumpClock
from tests.servers import HttpStub, Reply

# The key.


async def test_the_key_goes_to_the_gateway_and_never_to_the_file_host(client: ToapisClient, stub: HttpStub) -> None:
    async with HttpStub().serving() as files, HttpStub().serving() as others:
        files.will(Reply(302, headers={"Location": f"{others.url}/2.png"}))
        others.will(Reply(200, b"picture"))
        stub.will(Reply(200, QUEUED))
        await submit(client)

        assert await client.download(f"{files.url}/1.png", limit=100, name="picture 1") == b"picture"

        assert stub.asked[0].headers["Authorization"] == f"Bearer {KEY}"
        for asked in files.asked + others.asked:
            assert "Authorization" not in asked.headers
            assert KEY not in str(asked)


async def test_a_redirect_of_the_gateway_does_not_carry_the_key_away(client: ToapisClient, stub: HttpStub) -> None:
    async with HttpStub().serving() as elsewhere:
        stub.will(Reply(307, headers={"Location": elsewhere.url}))
        for act in (submit(client), upload(client), client.status("x"), client.balance(), client.models()):
            with pytest.raises(GatewayError):
                await act
        assert elsewhere.asked == []


async def test_results_at_private_addresses_are_refused_unless_allowed(stub: HttpStub) -> None:
    async with ToapisClient(base_url=stub.url, api_key=SecretStr(KEY), clock=JumpClock()) as client:
        with pytest.raises(errors.DownloadForbidden):
            await client.download(f"{stub.url}/1.png", limit=100, name="picture 1")
    assert stub.asked == []


# What goes over the wire.


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", " "])
async def test_a_base_address_is_taken_with_and_without_its_version(
    stub: HttpStub, open_client: Open, ending: str
) -> None:
    stub.will(Reply(200, {"success": True, "remain_balance": 1}))
    async with open_client(stub.url + ending) as client:
        await client.balance()

    assert stub.asked[0].path == "/v1/balance"


async def test_a_submit_sends_json_once(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, QUEUED))

    status = await submit(client)

    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/v1/images/generations")
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json == {
        "model": NANO_BANANA_2.id,
        "prompt": "a fox 🦊",
        "n": 2,
        "size": "16:9",
        "image_urls": ["https://files.example/1.png"],
        "metadata": {"resolution": "2K"},
        "client_business_id": "b/1 ü",
    }
    assert status == TaskStatus(id="task_1", state=RemoteState.QUEUED, progress=0, created_at=1703884800.0)


async def test_an_upload_is_a_form_with_a_named_and_typed_file(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, UPLOADED))
    data = bytes(range(256)) * 4096 * 3  # more than aiohttp likes to send from one bytes object

    uploaded = await client.upload(data, filename="image1.png", content_type="image/png")

    assert uploaded == Uploaded(url="https://files.example/1.png", id="upload_1", content_type="image/png", size=3)
    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/v1/uploads/images")
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="purpose"' in asked.body
    assert b'name="file"; filename="image1.png"' in asked.body
    assert b"Content-Type: image/png\r\n" in asked.body
    assert data in asked.body


async def test_ids_are_quoted_in_paths(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"status": "in_progress"}))

    status = await client.status("a/b?c#d e/../ü%41")

    assert stub.asked[0].path == "/v1/images/generations/a%2Fb%3Fc%23d%20e%2F..%2F%C3%BC%2541"
    assert status.id == "a/b?c#d e/../ü%41"


async def test_image_models_are_asked_for_by_type(client: ToapisClient, stub: HttpStub) -> None:
    stub.will(Reply(200, {"success": True, "object": "list", "data": [{"id": "m1"}, {"id": "m2", "x": 1}, 3, {}]}))

    assert await client.models() == ("m1", "m2")
    assert stub.asked[0].path == "/v1/models?type=image"
