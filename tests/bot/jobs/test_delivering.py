"""The ladder of ways: what is tried when a way is closed, breaks off, or cannot tell."""

import io
import itertools
import random
import sqlite3
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image

from bot.errors import DeliveryInterrupted, DeliveryTooLarge
from bot.jobs.job import Job, JobState
from bot.jobs.order import Route
from bot.jobs.outcome import Outcome
from bot.sandbox.faults import Fault
from tests.orders import NANO_BANANA_PRO
from tests.pictures import chunk
from tests.workshop import Workshop, blocked, interrupted, open_workshop, until

CHANNEL, RESPONSE, DIRECT = Route.CHANNEL, Route.RESPONSE, Route.DIRECT


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(tmp_path, seconds=0.0, speed=600.0) as workshop:
        yield workshop


@pytest.mark.parametrize(
    ("place", "closed", "taken"),
    [
        ({}, (), CHANNEL),
        ({}, (CHANNEL,), RESPONSE),
        ({}, (CHANNEL, RESPONSE), DIRECT),
        ({"route": RESPONSE}, (), RESPONSE),
        ({"route": RESPONSE}, (RESPONSE,), DIRECT),
        ({"private": True}, (), RESPONSE),
        ({"private": True}, (RESPONSE,), DIRECT),
    ],
)
async def test_pictures_take_the_first_way_that_is_open(
    shop: Workshop, place: dict[str, object], closed: tuple[Route, ...], taken: Route
) -> None:
    for route in closed:
        shop.board.refuse(route, blocked())
    job = await shop.ended(await shop.accept(**place))
    assert job.state is JobState.DELIVERED
    assert shop.post_of(job).route is taken
    assert job.delivering_route is taken


@pytest.mark.parametrize(
    ("place", "closed", "taken"),
    [
        ({}, (), RESPONSE),
        ({}, (RESPONSE,), CHANNEL),
        ({}, (RESPONSE, CHANNEL), DIRECT),
        ({"private": True}, (RESPONSE,), DIRECT),
        ({"route": RESPONSE}, (RESPONSE,), DIRECT),
    ],
)
async def test_failures_are_told_by_the_first_way_that_is_open(
    shop: Workshop, place: dict[str, object], closed: tuple[Route, ...], taken: Route
) -> None:
    shop.gateway.next_task(ending="failed")
    for route in closed:
        shop.board.refuse(route, blocked())
    job = await shop.ended(await shop.accept(**place))
    assert job.state is JobState.FAILED
    assert shop.post_of(job).route is taken


async def test_what_fits_nowhere_is_undeliverable_given_back_and_tidied(shop: Workshop) -> None:
    for route in Route:
        shop.board.refuse(route, blocked())
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.UNDELIVERABLE
    assert shop.board.posts == []
    assert (await shop.services.engine.usage(1)).images == 0
    assert shop.board.tidied == [job.id]


async def test_a_broken_send_is_repeated_with_the_same_nonce_and_shows_once(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, interrupted(), interrupted(), after=True)
    job = await shop.ended(await shop.accept())
    assert shop.board.attempts == [CHANNEL] * 3
    assert len(shop.board.posts) == 1
    assert job.message_id == shop.board.posts[0].posted.message_id
    assert len(job.nonce) <= 25


async def test_discord_is_left_alone_for_as_long_as_it_asks(shop: Workshop) -> None:
    tried: list[float] = []
    shop.board.before_post = lambda _job, _outcome: tried.append(shop.clock.now())
    shop.board.refuse(CHANNEL, DeliveryInterrupted("429", retry_after=500.0), DeliveryInterrupted("429"))
    await shop.ended(await shop.accept())
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert pauses[0] >= 500.0
    assert pauses[1] < 60.0


async def test_a_way_that_asks_for_an_hour_is_tried_once_more(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, *[DeliveryInterrupted("429", retry_after=3600.0) for _ in range(2)])
    began = shop.clock.now()
    job = await shop.ended(await shop.accept())
    assert shop.board.attempts == [CHANNEL, CHANNEL, RESPONSE]
    assert 3600.0 <= shop.clock.now() - began < 7200.0
    assert job.state is JobState.DELIVERED


async def test_after_the_nonces_window_the_history_is_asked_before_another_send(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)])
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert CHANNEL in shop.board.looked
    assert len(shop.board.posts) == 1


async def test_a_history_that_shows_the_message_ends_the_delivery(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)], after=True)
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert shop.board.looked == [CHANNEL]
    assert len(shop.board.posts) == 1


@pytest.mark.parametrize("got_through", [True, False])
async def test_when_fetching_outlasts_the_nonce_the_history_is_asked_before_the_send(
    shop: Workshop, *, got_through: bool
) -> None:
    shop.board.refuse(CHANNEL, interrupted(), after=got_through)
    shop.gateway.faults.add(Fault(route="/generated/{name}", nth=2, delay=180 / shop.clock.speed))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert shop.board.looked == [CHANNEL]
    assert shop.board.attempts == [CHANNEL] * (1 if got_through else 2)
    assert shop.post_of(job).posted.message_id == job.message_id


async def test_where_the_history_cannot_tell_only_an_edit_is_safe(shop: Workshop) -> None:
    shop.board.blind = True
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)])
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.DELIVERED
    assert shop.post_of(job).route is RESPONSE


async def test_what_was_never_sent_is_surely_not_there(shop: Workshop) -> None:
    shop.board.blind = True
    waiting_in_line = [interrupted() for _ in range(12)]
    for error in waiting_in_line:
        error.begun = False
    shop.board.refuse(CHANNEL, *waiting_in_line)
    job = await shop.ended(await shop.accept())
    assert shop.board.attempts == [CHANNEL] * 13
    assert (job.state, job.uncertain) == (JobState.DELIVERED, False)


async def test_where_neither_can_tell_nothing_is_posted_a_second_time(shop: Workshop) -> None:
    shop.board.blind = True
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)], after=True)
    shop.board.refuse(RESPONSE, blocked())
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.UNDELIVERABLE
    assert DIRECT not in shop.board.attempts


async def test_that_an_earlier_way_is_uncertain_survives_a_restart(shop: Workshop) -> None:
    shop.board.blind = True
    shop.board.refuse(CHANNEL, *[interrupted() for _ in range(12)], after=True)
    shop.board.refuse(RESPONSE, interrupted(), interrupted(), interrupted(), blocked())
    job = await shop.accept()
    await until(lambda: RESPONSE in shop.board.attempts)
    await shop.restart()
    job = await shop.ended(job)
    assert job.state is JobState.UNDELIVERABLE
    assert DIRECT not in shop.board.attempts


async def test_a_way_that_closes_after_a_broken_send_is_uncertain(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, interrupted(), after=True)
    shop.board.refuse(CHANNEL, blocked())
    shop.board.refuse(RESPONSE, blocked())
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.UNDELIVERABLE
    assert DIRECT not in shop.board.attempts


async def test_a_way_that_never_answers_is_given_up_after_an_hour(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, seconds=0.0, speed=6000.0) as shop:
        shop.board.refuse(CHANNEL, *[interrupted() for _ in range(200)])
        began = shop.clock.now()
        job = await shop.ended(await shop.accept())
        assert shop.post_of(job).route is RESPONSE
        assert shop.clock.now() - began > 3000


async def test_files_that_are_too_large_after_all_are_made_smaller(shop: Workshop) -> None:
    sizes: list[int] = []
    shop.board.before_post = lambda _job, outcome: sizes.append(len(outcome.pictures[0].data))
    shop.board.refuse(CHANNEL, *[DeliveryTooLarge("413") for _ in range(2)])
    shop.gateway.next_task(picture="grainy")
    job = await shop.ended(await shop.accept())
    assert shop.post_of(job).route is CHANNEL
    assert shop.board.attempts == [CHANNEL] * 3
    assert sizes[0] > sizes[1] > sizes[2], "what was refused does not go out again"


async def test_a_way_that_refuses_even_small_files_is_closed(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, *[DeliveryTooLarge("413") for _ in range(50)])
    job = await shop.ended(await shop.accept())
    assert shop.post_of(job).route is RESPONSE
    assert shop.board.attempts == [CHANNEL, RESPONSE], "the same file is not sent there again"


async def test_a_result_over_the_limit_is_fitted(shop: Workshop) -> None:
    shop.gateway.next_task(picture="huge")
    job = await shop.ended(await shop.accept())
    (painted,) = shop.post_of(job).outcome.pictures
    assert len(painted.data) <= shop.board.limit
    assert painted.filename == f"easel-{job.id}-1-fitted.webp"
    assert not painted.reduced, "a careless PNG can be stored better without loss"


@pytest.mark.parametrize("trouble", ["gone", "text"])
async def test_a_file_s_number_is_that_of_its_original_though_another_one_is_missing(
    shop: Workshop, trouble: Literal["gone", "text"]
) -> None:
    shop.gateway.next_task(picture=trouble, when=lambda request: (request.business_id or "").endswith("-2"))
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=3))
    assert job.state is JobState.DELIVERED
    outcome = shop.post_of(job).outcome
    assert [file.filename for file in outcome.pictures] == [f"easel-{job.id}-1.png", f"easel-{job.id}-3.png"]
    assert len(job.originals) == 3
    assert job.originals[2].url == job.tasks[2].result_urls[0]
    assert outcome.missing == 1


async def test_a_large_result_that_turns_out_damaged_is_missing_and_the_others_keep_their_numbers(
    shop: Workshop,
) -> None:
    # Every chunk's checksum is right, so only decoding tells; what fits the limit is not decoded.
    header = struct.pack(">IIBBBBB", 3_000, 3_000, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", bytes(11 * 2**20)) + chunk(b"IEND", b"")
    damaged = b"\x89PNG\r\n\x1a\n" + chunks
    shop.gateway.next_task(picture=damaged, when=lambda request: (request.business_id or "").endswith("-1"))
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=2))
    outcome = shop.post_of(job).outcome
    assert [file.filename for file in outcome.pictures] == [f"easel-{job.id}-2.png"]
    assert outcome.missing == 1
    assert outcome.failure is not None
    assert outcome.failure.key == "job.result_unusable"
    assert (await shop.services.engine.usage(1)).images == 1


async def test_numbers_count_only_what_the_gateway_made(shop: Workshop) -> None:
    shop.gateway.next_task(ending="failed", when=lambda request: (request.business_id or "").endswith("-1"))
    job = await shop.ended(await shop.accept(model=NANO_BANANA_PRO, count=2))
    assert [file.filename for file in shop.post_of(job).outcome.pictures] == [f"easel-{job.id}-1.png"]
    assert [original.url for original in job.originals] == list(job.tasks[1].result_urls)


async def test_a_failure_is_told_by_any_way_though_the_pictures_had_begun_another(shop: Workshop) -> None:
    shop.board.refuse(CHANNEL, blocked(), blocked())
    shop.board.refuse(DIRECT, blocked())
    shop.gateway.faults.add(Fault(route="/generated/{name}", nth=2, times=0, status=404))
    job = await shop.ended(await shop.accept())
    assert job.state is JobState.FAILED
    assert shop.post_of(job).route is RESPONSE


async def test_the_intention_is_written_before_the_act(shop: Workshop) -> None:
    written: list[tuple[str, str]] = []

    def look(_job: Job, _outcome: Outcome) -> None:
        with sqlite3.connect(shop.folder / "easel.db") as connection:
            written.append(connection.execute("SELECT state, delivering_route FROM jobs").fetchone())
        connection.close()

    shop.board.before_post = look
    await shop.ended(await shop.accept())
    assert written == [("delivering", "channel")]


async def test_a_picture_that_compresses_badly_is_scaled_until_it_fits(shop: Workshop) -> None:
    shop.board.limit = 400 * 1024
    shop.gateway.next_task(picture=noise())
    job = await shop.ended(await shop.accept())
    (painted,) = shop.post_of(job).outcome.pictures
    assert len(painted.data) <= shop.board.limit


def noise() -> bytes:
    """A picture that no encoder makes small."""
    data = io.BytesIO()
    Image.frombytes("RGB", (700, 700), random.Random(1).randbytes(700 * 700 * 3)).save(data, "PNG")  # noqa: S311
    return data.getvalue()
