"""Jobs that the same failure struck do not come back all at once, and none of them sooner than it was told to."""

import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import DeliveryInterrupted
from bot.jobs.job import Job, JobState
from bot.sandbox.faults import Fault
from tests.workshop import Workshop, open_workshop, picture

_FETCH, _UPLOAD, _SUBMIT = "GET /{name}", "POST /uploads/images", "POST /images/generations"
_MOMENT = 1e-5  # seconds; times are large numbers, and lose what is smaller


@pytest.mark.parametrize("told", [None, 7])
async def test_two_jobs_that_failed_together_come_back_apart(told: int | None, tmp_path: Path) -> None:
    random.seed(1)  # or else, once in a thousand runs, two pauses come out the same
    async with open_workshop(tmp_path, seconds=1.0, speed=1.0) as shop:
        headers = {} if told is None else {"Retry-After": str(told)}
        body = {"error": {"code": "rate_limit_exceeded", "message": "Too many requests"}}
        for way in (_FETCH, _UPLOAD, _SUBMIT):
            method, _, route = way.partition(" ")
            shop.gateway.faults.add(Fault(method=method, route=route, status=429, headers=headers, body=body, times=2))
        posts: defaultdict[str, list[float]] = defaultdict(list)
        tidying: defaultdict[str, list[float]] = defaultdict(list)
        fail_post, shop.board.before_tidy = _first_fails(shop, told, posts), _first_fails(shop, told, tidying)
        shop.board.before_post = lambda job, _outcome: fail_post(job)
        accepted = [
            await shop.accept(references=(shop.files.reference(1, picture(colour)),)) for colour in ("teal", "navy")
        ]

        assert [(await shop.ended(job)).state for job in accepted] == [JobState.DELIVERED] * 2

        ways = {way: _requests(shop, way) for way in (_FETCH, _UPLOAD, _SUBMIT)} | {"post": posts, "tidy": tidying}
        for way, moments in ways.items():
            one, other = (later - earlier for earlier, later in moments.values())
            assert min(one, other) >= (told or 1.0), way
            assert abs(one - other) > _MOMENT, way


def _first_fails(shop: Workshop, told: int | None, moments: defaultdict[str, list[float]]) -> Callable[[Job], None]:
    """Notes when each job calls, and lets its first call fail."""

    def called(job: Job) -> None:
        moments[job.id].append(shop.clock.now())
        if len(moments[job.id]) == 1:
            raise DeliveryInterrupted("429", retry_after=float(told or 0))

    return called


def _requests(shop: Workshop, way: str) -> defaultdict[str, list[float]]:
    """When each job asked."""
    moments: defaultdict[str, list[float]] = defaultdict(list)
    for exchange in shop.gateway.record.exchanges:
        if f"{exchange.method} {exchange.route}" == way and exchange.service in {"cdn", "toapis"}:
            whose = exchange.body["client_business_id"] if exchange.body else exchange.path
            moments[exchange.files[0].sha256 if exchange.files else whose].append(exchange.at)
    return moments
