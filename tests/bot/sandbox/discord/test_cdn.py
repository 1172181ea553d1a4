"""Files and their addresses."""

import io

import pytest
from PIL import Image

from bot.sandbox.discord.cdn import GONE
from bot.sandbox.discord.files import content_type_of, picture_size, stored_name
from bot.sandbox.discord.message_payloads import attachment_payload
from bot.sandbox.faults import Fault
from tests.bot.sandbox.discord.rest_client import Rest
from tests.pictures import png_claiming


def picture(kind: str) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(drawn, kind)
    return drawn.getvalue()


async def fetched(rest: Rest, url: str) -> tuple[int, str, bytes]:
    async with rest.session.get(url) as response:
        return response.status, response.headers["Content-Type"], await response.read()


async def test_a_file_is_served_to_whoever_has_its_address(rest: Rest) -> None:
    attachment = rest.world.upload(rest.channel, "cat.png", picture("PNG"), ephemeral=True)
    url = attachment_payload(rest.world, attachment)["url"]
    assert url.startswith(f"{rest.server.cdn_url}/ephemeral-attachments/{rest.channel.id}/{attachment.id}/cat.png?ex=")
    assert await fetched(rest, url) == (200, "image/png", attachment.content)
    exchange = rest.server.record.exchanges[-1]
    assert (exchange.service, exchange.route) == (
        "cdn",
        "/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}",
    )


async def test_an_address_expires_after_a_day(rest: Rest) -> None:
    attachment = rest.world.upload(rest.channel, "notes.txt", b"hello")
    url = attachment_payload(rest.world, attachment)["url"]
    rest.clock.advance(24 * 3600 - 1)
    assert (await fetched(rest, url))[0] == 200
    rest.clock.advance(2)
    assert (await fetched(rest, url))[::2] == (404, GONE.encode())
    assert (await fetched(rest, attachment_payload(rest.world, attachment)["url"]))[0] == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [("?ex=", "?ex=1"), ("&hm=", "&hm=0"), ("notes.txt", "other.txt"), ("/attachments/", "/ephemeral-attachments/")],
)
async def test_a_forged_address_leads_nowhere(rest: Rest, old: str, new: str) -> None:
    attachment = rest.world.upload(rest.channel, "notes.txt", b"hello")
    url = attachment_payload(rest.world, attachment)["url"]
    assert (await fetched(rest, url.replace(old, new)))[0] == 404


async def test_an_address_without_its_signature_leads_nowhere(rest: Rest) -> None:
    attachment = rest.world.upload(rest.channel, "notes.txt", b"hello")
    bare = attachment_payload(rest.world, attachment)["url"].partition("?")[0]
    assert (await fetched(rest, bare))[0] == 404


async def test_the_cdn_can_be_told_to_misbehave(rest: Rest) -> None:
    attachment = rest.world.upload(rest.channel, "notes.txt", b"hello")
    rest.server.faults.add(Fault(route="*", service="cdn", status=503))
    url = attachment_payload(rest.world, attachment)["url"]
    assert [(await fetched(rest, url))[0] for _ in range(2)] == [503, 200]


async def test_a_picture_tells_its_size_and_a_spoiler_that_it_is_one(rest: Rest) -> None:
    attachment = rest.world.upload(rest.channel, "SPOILER_cat.jpg", picture("JPEG"), description="a cat")
    payload = attachment_payload(rest.world, attachment)
    assert (payload["width"], payload["height"], payload["flags"]) == (30, 20, 1 << 3)
    assert (payload["content_type"], payload["description"]) == ("image/jpeg", "a cat")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("wrong.txt", picture("PNG"), "image/png"),
        ("a.gif", picture("GIF"), "image/gif"),
        ("a", picture("WEBP"), "image/webp"),
        ("notes.txt", b"hello", "text/plain; charset=utf-8"),
        ("a.unheardof", b"", "application/octet-stream"),
    ],
)
def test_the_content_type_is_read_from_a_picture_and_guessed_from_other_names(
    name: str, content: bytes, content_type: str
) -> None:
    assert content_type_of(name, content) == content_type


def test_damaged_pictures_have_no_size() -> None:
    assert picture_size(b"\x89PNG\r\n\x1a\nbroken") == (None, None)


@pytest.mark.parametrize(
    ("given", "stored"),
    [("my cat.png", "my_cat.png"), ("ü/..\\?.png", "...png"), ("日本", "unknown"), ("a-b_c.1", "a-b_c.1")],
)
def test_names_are_reduced_to_plain_characters(given: str, stored: str) -> None:
    assert stored_name(given) == stored


@pytest.mark.parametrize("side", [20_000, 40_000])
def test_the_size_of_a_picture_beyond_all_measure_is_not_told(side: int) -> None:
    assert picture_size(png_claiming(side, side)) == (None, None)
    assert picture_size(png_claiming(64, 48)) == (64, 48)
