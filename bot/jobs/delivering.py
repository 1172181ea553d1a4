"""The last step: exactly one visible outcome, by the first way that is open.

An ordinary message carries the job's nonce, which Discord enforces for a few minutes: within two of them the same send
is made again; later, and after a restart, it is looked for first. Where nobody can look, another way might show the
outcome twice, so only an edit of the interaction's response is still tried; failing that, the outcome is
*undeliverable*.
"""

import itertools
import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial

from bot.budget import ByteBudget
from bot.clock import Clock
from bot.errors import DeliveryBlocked, DeliveryInterrupted, DeliveryTooLarge, EaselError
from bot.jobs.job import Job, JobState, TaskState
from bot.jobs.order import Route
from bot.jobs.outcome import Outcome, Posted
from bot.jobs.ports import Delivery
from bot.jobs.results import Fetched, NotYet, Results, expected_bytes, why_nothing, why_some_are_missing
from bot.jobs.store import Store
from bot.pauses import spread
from bot.texts import Text

_log = logging.getLogger(__name__)

_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # seconds at least between tries; the last repeats
_PATIENCE = 3600.0  # seconds of tries on one way, then it counts as closed
_SHRINK = 0.7  # of the size limit, each time Discord refuses what should have fitted
_SMALLEST = 256 * 1024  # bytes; a way that refuses even this is closed

_NOTHING = Fetched(results=(), failure=None)


class _Uncertain(Exception):
    """The outcome may be there, and nobody can look."""


class _NoPicture(Exception):
    """None of the results can be shown after all."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Deliverer:
    """Brings jobs from delivering to delivered, failed or undeliverable."""

    delivery: Delivery
    results: Results
    budget: ByteBudget
    store: Store
    clock: Clock

    async def deliver(self, job: Job, failure: Text | None = None) -> Job:
        """Show the outcome and write it down.

        Args:
            job: as it is written, delivering.
            failure: show this instead of the pictures, whatever there is.

        Returns:
            The job as it is written then.
        """
        if failure is None and all(task.state is not TaskState.COMPLETED for task in job.tasks):
            failure = why_nothing(job, _NOTHING)
        return await _Course(self, job, failure).run()


class _Course:
    """One delivery under way. `job` is always as it is written; `failure` is None while pictures are to be shown."""

    def __init__(self, tools: Deliverer, job: Job, failure: Text | None) -> None:
        self._delivery = tools.delivery
        self._results = tools.results
        self._budget = tools.budget
        self._store = tools.store
        self._clock = tools.clock
        self._job = job
        self._failure = failure
        self._may_be_there = job.delivering_route is not None
        self._largest = 0  # bytes of a file in the latest try
        self._room = expected_bytes(job)  # bytes that the pictures take

    async def run(self) -> Job:
        try:
            posted = await self._by_any_way()
        except _NoPicture as error:
            self._failure = error.reason
            posted = await self._by_any_way()
        job = self._job
        if posted is None:
            _log.error("the outcome could not be shown on any way")
            return await self._store.end(job.id, JobState.UNDELIVERABLE, failure=self._failure, uncertain=job.uncertain)
        # What is there counts, not what was sent the last time: an earlier try may have got through, with pictures that
        # could not be fetched again, or without some that could.
        if posted.numbers:
            pictures = _by_task(job, posted.numbers)
            return await self._store.end(job.id, JobState.DELIVERED, posted=posted, pictures=pictures)
        failure = self._failure or job.failure or EaselError.text
        return await self._store.end(job.id, JobState.FAILED, posted=posted, failure=failure)

    async def _by_any_way(self) -> Posted | None:
        begun = self._job.delivering_route if self._may_be_there else None
        for route in _ladder(self._job, begun, failed=self._failure is not None):
            if self._job.uncertain and route is not Route.RESPONSE:
                continue
            try:
                return await self._by(route)
            except DeliveryBlocked as error:
                _log.info("the way %s is closed: %s", route, error)
            except _Uncertain as error:
                _log.warning("whether the outcome is there cannot be told: %s", error)
                self._job = replace(self._job, uncertain=True)
            self._may_be_there = False
        return None

    async def _by(self, route: Route) -> Posted:
        """Show the outcome on one way, however long Discord takes."""
        look_first = self._may_be_there
        give_up = self._clock.now() + _PATIENCE
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            try:
                if look_first or (self._may_be_there and self._nonce_is_over(route)):
                    if (posted := await self._look(route)) is not None:
                        return posted
                    look_first = False
                return await self._post(route)
            except DeliveryBlocked as error:
                if self._may_be_there:
                    raise _Uncertain(str(error)) from error
                raise
            except NotYet as error:
                wait = spread(max(pause, error.retry_after or 0.0))
                _log.warning("a result cannot be fetched, again in %.1f s: %s", wait, error)
                give_up = max(give_up, self._clock.now() + _PATIENCE)  # the links themselves have an end
            except DeliveryInterrupted as error:
                self._may_be_there = self._may_be_there or error.begun
                least = max(pause, error.retry_after)
                wait = spread(least)
                _log.warning("the delivery on %s broke off, again in %.1f s: %s", route, wait, error)
                if self._clock.now() + least > give_up:
                    if not self._may_be_there:
                        raise DeliveryBlocked(str(error)) from error
                    raise _Uncertain(str(error)) from error
            await self._clock.wait(None, self._clock.now() + wait)
        raise AssertionError("the pauses never end")

    def _nonce_is_over(self, route: Route) -> bool:
        """Whether another send might show a second message. An edit never does."""
        return route is not Route.RESPONSE and self._clock.now() > self._job.nonce_until

    async def _look(self, route: Route) -> Posted | None:
        """Where an earlier try can be seen; None: it surely did not get through, or may safely be made again."""
        try:
            posted = await self._delivery.find(self._job, route)
        except DeliveryBlocked:
            if self._nonce_is_over(route):
                raise
            return None  # the same nonce, or an edit
        if posted is None:
            self._may_be_there = False
        return posted

    async def _post(self, route: Route) -> Posted:
        """Fetch, fit, write the intention, and send. Nothing is held in memory between two tries."""
        limit = self._delivery.size_limit(self._job, route)
        while limit >= _SMALLEST:
            try:
                if self._failure is not None:
                    return await self._send(route, _NOTHING, limit)
                return await self._budget.spend(self._room, partial(self._send_pictures, route, limit))
            except DeliveryTooLarge:
                limit = _step_down(limit, self._largest)
                self._may_be_there = False  # it was refused
        raise DeliveryBlocked("even small files are too large")

    async def _send_pictures(self, route: Route, limit: int, room: int) -> Posted:
        self._room = room
        return await self._send(route, await self._results.fetch(self._job, room, limit), limit)

    async def _send(self, route: Route, fetched: Fetched, limit: int) -> Posted:
        fitted = await self._results.fit(self._job, fetched, limit)
        if self._failure is None and not fitted.pictures:
            raise _NoPicture(why_nothing(self._job, fitted.fetched))
        # Waiting for room, fetching and fitting take their time; what was sent before may have outlived its nonce.
        if self._may_be_there and self._nonce_is_over(route) and (there := await self._look(route)) is not None:
            return there
        if not self._may_be_there:
            self._job = await self._store.delivering(self._job, route, self._failure)
        missing = sum(task.wanted for task in self._job.tasks) - len(fitted.pictures)
        outcome = Outcome(
            pictures=fitted.pictures,
            missing=max(0, missing),
            failure=self._failure or (why_some_are_missing(self._job, fitted.fetched) if missing > 0 else None),
            seconds=self._clock.now() - self._job.created_at,
        )
        self._largest = max((len(picture.data) for picture in fitted.pictures), default=0)
        return await self._delivery.post(self._job, outcome, route)


def _by_task(job: Job, numbers: Collection[int]) -> dict[str, int]:
    """For each completed task of the job, how many of the pictures with these numbers are its."""
    counts = {task.id: 0 for task in job.tasks if task.state is TaskState.COMPLETED}
    owners = (task.id for task in job.tasks if task.state is TaskState.COMPLETED for _ in task.result_urls)
    for number, owner in enumerate(owners, start=1):
        counts[owner] += number in numbers
    return counts


def _step_down(limit: int, refused: int) -> int:
    """The next limit under which a file of `refused` bytes is not sent again as it is."""
    limit = int(limit * _SHRINK)
    while limit >= max(refused, _SMALLEST):
        limit = int(limit * _SHRINK)
    return limit


def _ladder(job: Job, begun: Route | None, *, failed: bool) -> tuple[Route, ...]:
    """The ways to try, in order. What was `begun` on one way, and may be there, goes on there."""
    ways: tuple[Route, ...]
    if job.place.private or job.place.route is Route.RESPONSE:
        ways = (Route.RESPONSE, Route.DIRECT)
    elif failed:
        ways = (Route.RESPONSE, Route.CHANNEL, Route.DIRECT)
    else:
        ways = (Route.CHANNEL, Route.RESPONSE, Route.DIRECT)
    return ways[ways.index(begun) :] if begun in ways else ways
