"""What the file host serves for the results of tasks."""

import asyncio
from typing import Any

import aiohttp
import pytest
from PIL import Image, ImageChops

from bot.sandbox.faults import Fault
from bot.sandbox.toapis import ToapisServer
from tests.bot.sandbox.toapis.caller import FLASH, OLD, PRO, VERTEX, Caller, picture
from tests.clocks import FastClock

RESULT = "/generated/{name}"


async def result_url(caller: Caller, **script: Any) -> str:
    caller.gateway.next_task(seconds=0, **script)
    return (await caller.urls(await caller.submitted()))[0]


async def test_a_name_nobody_was_told_is_not_found(caller: Caller) -> None:
    assert (await caller.fetch(f"{caller.gateway.files_url}/generated/1_deadbeef.jpg")).status == 404


async def test_a_result_is_not_there_before_the_task_is_done(caller: Caller) -> None:
    await caller.submitted()
    url = f"{caller.gateway.files_url}/generated/{caller.gateway.tasks[0].picture_names[0]}"
    assert (await caller.fetch(url)).status == 404
    caller.clock.advance(10)
    assert (await caller.fetch(url)).status == 200


async def test_a_result_is_gone_after_its_day(caller: Caller) -> None:
    url = await result_url(caller)
    caller.clock.advance(86_399)
    assert (await caller.fetch(url)).status == 200
    caller.clock.advance(1)
    assert (await caller.fetch(url)).status == 404


async def test_a_result_can_live_shorter_and_be_missing(caller: Caller) -> None:
    short, gone = await result_url(caller, lifetime=5), await result_url(caller, picture="gone")
    assert (await caller.fetch(gone)).status == 404
    caller.clock.advance(5)
    assert (await caller.fetch(short)).status == 404


async def test_a_truncated_result_ends_early_as_if_it_were_whole(caller: Caller) -> None:
    answer = await caller.fetch(await result_url(caller, picture="truncated"))
    assert answer.status == 200
    with pytest.raises(OSError, match=r"truncated|Truncated"):
        _ = answer.image


@pytest.mark.parametrize(
    ("served", "content_type"), [("text", "text/plain; charset=utf-8"), ("html", "text/html; charset=utf-8")]
)
async def test_a_result_can_be_something_else_than_a_picture(caller: Caller, served: str, content_type: str) -> None:
    answer = await caller.fetch(await result_url(caller, picture=served))
    assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
    with pytest.raises(Image.UnidentifiedImageError):
        _ = answer.image


async def test_a_result_can_be_any_bytes(caller: Caller) -> None:
    gif = picture("GIF")
    assert (await caller.fetch(await result_url(caller, picture=gif))).raw == gif


async def test_a_huge_result_is_a_good_picture_of_25_megabytes(caller: Caller) -> None:
    answer = await caller.fetch(await result_url(caller, picture="huge"))
    assert len(answer.raw) >= 25_000_000
    width, height = answer.image.size
    assert width == height


@pytest.mark.exhaustive
async def test_a_grainy_result_of_4k_has_all_its_pixels_and_is_as_large_as_those_of_real_models(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0, picture="grainy")
    answer = await caller.fetch((await caller.urls(await caller.submitted(metadata={"resolution": "4K"})))[0])
    assert (answer.image.size, answer.image.format) == ((4096, 4096), "PNG")
    assert 12e6 < len(answer.raw) < 20e6


async def test_an_interrupted_result_promises_more_than_it_sends(caller: Caller) -> None:
    url = await result_url(caller, picture="interrupted")
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.fetch(url)


async def test_a_stalled_result_stops_half_way_until_the_client_leaves(caller: Caller) -> None:
    url = await result_url(caller, picture="stalled")
    async with caller.session.get(url) as answer:
        assert answer.content_length is not None
        await answer.content.readexactly(answer.content_length // 2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await answer.content.readany()
        answer.close()
    exchange = await caller.gateway.record.wait_for(lambda exchange: exchange.route == RESULT, 5)
    assert exchange.acted


async def test_the_file_host_can_be_made_to_misbehave(caller: Caller) -> None:
    url = await result_url(caller)
    caller.gateway.faults.add(Fault(route=RESULT, service="files", status=503))
    assert [(await caller.fetch(url)).status for _ in range(2)] == [503, 200]


@pytest.mark.parametrize("way", ["header", "other header", "query"])
async def test_a_key_that_reaches_the_file_host_is_noticed(caller: Caller, way: str) -> None:
    url = await result_url(caller)
    await caller.fetch(url)
    assert not caller.gateway.key_reached_file_host
    headers = {"header": {"Authorization": "Bearer sk-sandbox"}, "other header": {"X-Key": "sk-sandbox"}}.get(way)
    await caller.fetch(f"{url}?key=sk-sandbox" if way == "query" else url, headers=headers)
    assert caller.gateway.key_reached_file_host


async def test_the_file_host_is_another_address_than_the_api(caller: Caller) -> None:
    url = await result_url(caller)
    assert url.startswith(f"{caller.gateway.files_url}/")
    assert caller.gateway.files_url != caller.gateway.base_url


async def test_a_fetched_picture_is_counted_and_painted_alike_again(caller: Caller) -> None:
    first = await caller.painted()
    for _ in range(25):
        await caller.painted()  # enough to push the first one out of what is kept
    url = f"{caller.gateway.files_url}/generated/{caller.gateway.tasks[0].picture_names[0]}"
    assert (await caller.fetch(url)).raw == first.raw
    assert len(caller.gateway.tasks[0].fetched_at) == 2


async def test_the_pictures_of_one_request_differ(caller: Caller) -> None:
    caller.gateway.next_task(seconds=0)
    one, two = [await caller.fetch(url) for url in await caller.urls(await caller.submitted(n=2))]
    assert one.raw != two.raw


async def test_a_reference_shows_in_the_picture(caller: Caller) -> None:
    url = await caller.uploaded(picture(colour="lime"))
    plain, with_reference = await caller.painted(), await caller.painted(image_urls=[url])
    assert ImageChops.difference(plain.image.convert("RGB"), with_reference.image.convert("RGB")).getbbox() is not None


@pytest.mark.parametrize(
    ("output", "format"),
    [
        ({}, "PNG"),
        ({"mimeType": "image/jpeg", "compressionQuality": 10}, "JPEG"),
        ({"mimeType": "image/webp"}, "WEBP"),
        ({"mimeType": "image/png"}, "PNG"),
    ],
)
async def test_a_picture_has_the_format_that_was_asked_for(
    caller: Caller,
    output: dict[str, object],
    format: str,  # noqa: A002 - Pillow's own name for it
) -> None:
    answer = await caller.painted(VERTEX, metadata={"imageOutputOptions": output})
    assert answer.image.format == format
    assert answer.headers["Content-Type"] == f"image/{format.lower()}"


@pytest.mark.parametrize(
    ("model", "ratio", "resolution", "size", "format"),
    [
        (OLD, "4:3", None, (1365, 1024), "PNG"),
        (OLD, "16:9", "1K", (1792, 1024), "PNG"),
        (FLASH, "1:1", "0.5K", (512, 512), "PNG"),
        (PRO, "1:1", None, (1024, 1024), "PNG"),
        (VERTEX, "4:5", None, (916, 1145), "PNG"),
        (PRO, "16:9", "2K", (2736, 1539), "JPEG"),
        (FLASH, "1:8", "1K", (362, 2896), "PNG"),
    ],
)
async def test_a_picture_has_the_pixels_of_its_ratio_and_resolution(
    model: str,
    ratio: str,
    resolution: str | None,
    size: tuple[int, int],
    format: str,  # noqa: A002 - as above
) -> None:
    clock = FastClock()
    gateway = ToapisServer(now=clock.now)
    async with gateway, aiohttp.ClientSession() as session:
        metadata = {} if resolution is None else {"resolution": resolution}
        answer = await Caller(gateway, clock, session).painted(model, size=ratio, metadata=metadata)
    assert (answer.image.size, answer.image.format) == (size, format)
