import aiohttp
import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.toapis import Envelope
from tests.bot.sandbox.toapis.caller import Caller, picture

TYPE = {"success": False, "message": "Unsupported image type. Allowed: JPEG, PNG, WebP, GIF"}
SIZE = {"success": False, "message": "Image too large. Maximum size is 10MB"}
TEN_MEGABYTES = 10 * 1024 * 1024


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(b"plain text", "image/png"), (b"", "image/png"), (picture(), "text/plain"), (picture("BMP"), "image/bmp")],
)
async def test_what_is_not_a_known_picture_is_refused(caller: Caller, data: bytes, content_type: str) -> None:
    answer = await caller.upload(data, content_type=content_type)
    assert (answer.status, answer.json) == (400, TYPE)
    assert caller.gateway.uploads == ()


@pytest.mark.parametrize(("filename", "content_type"), [("a.heic", "image/heic"), ("a", "image/png")])
async def test_a_picture_that_does_not_say_what_it_is_is_refused(
    caller: Caller, filename: str, content_type: str
) -> None:
    answer = await caller.upload(picture(), filename, content_type)
    assert (answer.status, answer.json) == (400, TYPE)


async def test_a_picture_over_ten_megabytes_is_refused(caller: Caller) -> None:
    data = picture() + bytes(TEN_MEGABYTES)
    answer = await caller.upload(data)
    assert (answer.status, answer.json) == (400, SIZE)
    assert (await caller.upload(data[:TEN_MEGABYTES])).status == 200


async def test_a_body_over_the_proxys_limit_is_refused_as_a_page(caller: Caller) -> None:
    answer = await caller.upload(bytes(33 * 1024 * 1024))
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html; charset=utf-8")


@pytest.mark.parametrize(("field", "filename"), [("image", "a.png"), ("file", None)])
async def test_a_form_without_the_file_is_refused(caller: Caller, field: str, filename: str | None) -> None:
    answer = await caller.upload(picture(), filename, field=field)
    assert (answer.status, answer.json["success"]) == (400, False)


async def test_a_body_that_is_no_form_is_refused(caller: Caller) -> None:
    answer = await caller.ask("POST", "/uploads/images", json={"file": "x"})
    assert (answer.status, answer.json["success"]) == (400, False)


async def test_a_refused_key_is_worded_like_other_upload_errors(caller: Caller) -> None:
    answer = await caller.ask("POST", "/uploads/images", headers={})
    assert (answer.status, answer.json) == (401, {"success": False, "message": "Invalid API key"})


async def test_another_envelope_can_be_asked_for(caller: Caller) -> None:
    caller.gateway.envelope = Envelope.MESSAGE
    answer = await caller.upload(b"plain text")
    assert (answer.status, answer.json) == (400, {"message": "invalid_request"})


async def test_a_failure_can_come_with_status_200(caller: Caller) -> None:
    caller.gateway.faults.add(Fault(route="/uploads/images", body={"success": False, "message": "storage is down"}))
    answer = await caller.upload(picture())
    assert (answer.status, answer.json["success"]) == (200, False)


@pytest.mark.parametrize(
    ("kind", "extension", "mime_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("GIF", "gif", "image/gif"),
    ],
)
async def test_an_upload_is_kept_and_served_on_the_file_host(
    caller: Caller, kind: str, extension: str, mime_type: str
) -> None:
    data = picture(kind)
    answer = await caller.upload(data, f"a.{extension}", mime_type)
    kept = answer.json["data"]
    assert (answer.status, answer.json["success"]) == (200, True)
    assert (kept["mime_type"], kept["size"]) == (mime_type, len(data))
    assert kept["url"].startswith(f"{caller.gateway.files_url}/uploads/")
    assert kept["url"].endswith(f".{extension}")
    served = await caller.fetch(kept["url"])
    assert (served.status, served.headers["Content-Type"], served.raw) == (200, mime_type, data)
    assert [upload.id for upload in caller.gateway.uploads] == [kept["id"]]


async def test_an_upload_is_gone_after_a_day(caller: Caller) -> None:
    url = await caller.uploaded()
    caller.clock.advance(86_399)
    assert (await caller.fetch(url)).status == 200
    caller.clock.advance(1)
    assert (await caller.fetch(url)).status == 404


async def test_a_purpose_may_be_given(caller: Caller) -> None:
    form = aiohttp.FormData()
    form.add_field("purpose", "generation")
    form.add_field("file", picture(), filename="a.png", content_type="image/png")
    assert (await caller.ask("POST", "/uploads/images", data=form)).status == 200
