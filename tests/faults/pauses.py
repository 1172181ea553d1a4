"""Whoever asks the same again waits as long as told, no shorter than before while it fails, and not in step."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bot.pauses import SHARE
from bot.sandbox.record import Exchange
from bot.toapis.envelope import as_mapping

_JITTER = 1 / (1 + SHARE)  # a pause may be shorter than the one before it by this factor
_EXACTLY = 1e-5  # seconds; times are large numbers, and lose what is smaller


def about_pauses(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """What is wrong with the pauses between these, which stand in order."""
    for run in _runs(exchanges):
        yield from _about_one(run)
        yield from _about_the_spread(run)


def _runs(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """The requests that are repetitions of one another; a submit begins the questions about it anew."""
    runs: defaultdict[tuple[object, ...], list[Exchange]] = defaultdict(list)
    submits: defaultdict[object, int] = defaultdict(int)
    for exchange in exchanges:
        business_id: Any = as_mapping(exchange.body).get("client_business_id")
        if business_id:
            submits[business_id] += 1
        digests = tuple(file.sha256 for file in exchange.files)
        asked_about = exchange.path.rpartition("/")[2]
        runs[exchange.method, exchange.path, business_id, digests, submits[asked_about]].append(exchange)
    return list(runs.values())


def _about_one(run: Sequence[Exchange]) -> Iterator[str]:
    before: dict[int | None, float] = {}  # the last pause, by the answer that it came after
    for earlier, later in _repetitions(run):
        pause, told = later.at - earlier.at, _told_to_wait(earlier)
        where = f"{later.method} {later.path} ({earlier.status})"
        if pause < told:
            yield f"{where}: asked again after {pause:.2f} s, told to wait {told:.0f} s"
        if not _failed(earlier):
            before.clear()
        elif not told:
            last = before.get(earlier.status, 0.0)
            if pause < last * _JITTER:
                yield f"{where}: asked again after {pause:.2f} s, and before that after {last:.2f} s"
            before[earlier.status] = pause


def _about_the_spread(run: Sequence[Exchange]) -> Iterator[str]:
    """Pauses that are all whole seconds, as they stand in tables, are those of everybody else; one may be by chance."""
    pauses = [later.at - earlier.at for earlier, later in _repetitions(run) if _failed(earlier)]
    if len(pauses) > 1 and all(abs(pause - round(pause)) < _EXACTLY for pause in pauses):
        listed = ", ".join(f"{pause:.0f}" for pause in pauses)
        yield f"{run[0].method} {run[0].path}: asked again after exactly {listed} s, as others are"


def _repetitions(run: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    for earlier, later in itertools.pairwise(run):
        if later.at == earlier.at and earlier.status is None and later.method == "GET":
            continue  # aiohttp itself asks once more if a connection that was kept turns out to be closed
        yield earlier, later


def _failed(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status >= HTTPStatus.BAD_REQUEST


def _told_to_wait(exchange: Exchange) -> float:
    """Seconds, given as such or as a date."""
    told = exchange.retry_after or "0"
    return float(told) if told.isdigit() else parsedate_to_datetime(told).timestamp() - exchange.at
