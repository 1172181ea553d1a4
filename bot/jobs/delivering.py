"""The last step: exactly one visible outcome, by the first way that is open.

An ordinary message carries the job's nonce, which Discord enforces for a few minutes: within two of them the same send
is made again; later, the channel's history tells whether it is there. Where that cannot tell, editing the interaction's
response is still safe; where that is closed too, the outcome is *undeliverable* rather than shown twice.
"""

import itertools
import logging
from dataclasses import dataclass, replace

from bot.budget import ByteBudget
from bot.clock import Clock
from bot.errors import DeliveryBlocked, DeliveryInterrupted, DeliveryTooLarge, ImageError
from bot.jobs.job import Job, JobState, Outcome, Posted, Route
from bot.jobs.ports import Delivery
from bot.jobs.results import Fetched, Results, expected_bytes, why_nothing
from bot.jobs.store import Store
from bot.texts import Text

_log = logging.getLogger(__name__)

_NONCE_WINDOW = 120.0  # seconds in which Discord certainly still knows a nonce
_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # seconds between tries; the last repeats
_PATIENCE = 3600.0  # seconds of tries on one way, then it counts as closed
_SHRINK = 0.7  # of the size limit, each time Discord refuses what should have fitted
_SMALLEST = 256 * 1024  # bytes; a way that refuses even this is closed


class _Uncertain(Exception):
    """The message may be there, and nobody can look."""


@dataclass(frozen=True, kw_only=True)
class _Content:
    """What is to be shown; `failure` is set exactly if there is no picture."""

    fetched: Fetched
    failure: Text | None


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """Where it can be seen; `found`: an earlier try had got through."""

    posted: Posted
    found: bool = False


@dataclass(frozen=True, kw_only=True)
class Deliverer:
    """Brings jobs from delivering to delivered, failed or undeliverable."""

    delivery: Delivery
    results: Results
    budget: ByteBudget
    store: Store
    clock: Clock

    async def deliver(self, job: Job) -> Job:
        """Show the outcome and write it down. Returns the job as it is written then."""
        async with self.budget.hold(expected_bytes(job)):
            fetched = await self.results.fetch(job)
            content = _Content(fetched=fetched, failure=None if fetched.results else why_nothing(job, fetched))
            shown = await self._by_any_way(job, content)
        if shown is None:
            _log.error("the outcome could not be shown on any way")
            return await self.store.end(job.id, JobState.UNDELIVERABLE, failure=content.failure)
        if shown.found:
            # What is there is what was written before it was sent, whatever could be fetched now.
            state = JobState.DELIVERED if job.failure is None else JobState.FAILED
            return await self.store.end(job.id, state, posted=shown.posted)
        if content.failure is not None:
            return await self.store.end(job.id, JobState.FAILED, posted=shown.posted, failure=content.failure)
        pictures = fetched.pictures_by_task(job)
        return await self.store.end(job.id, JobState.DELIVERED, posted=shown.posted, pictures=pictures)

    async def _by_any_way(self, job: Job, content: _Content) -> _Shown | None:
        for route in _ladder(job, failed=content.failure is not None):
            if job.uncertain and route is not Route.RESPONSE:
                continue
            try:
                return await self._by(job, route, content)
            except DeliveryBlocked as error:
                _log.info("the way %s is closed: %s", route, error)
            except _Uncertain as error:
                _log.warning("whether the message is there cannot be told: %s", error)
                job = replace(job, uncertain=True)
        return None

    async def _by(self, job: Job, route: Route, content: _Content) -> _Shown:
        """Show the outcome on one way, however long Discord takes."""
        may_be_there = job.delivering_route is route
        if not may_be_there:
            job = await self.store.delivering(job, route, content.failure)
        give_up = self.clock.now() + _PATIENCE
        for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
            try:
                if may_be_there and self._must_look(job, route):
                    if (posted := await self.delivery.find(job, route)) is not None:
                        return _Shown(posted=posted, found=True)
                    job = await self.store.delivering(job, route, content.failure)
                    may_be_there = False
                return _Shown(posted=await self._post(job, route, content))
            except DeliveryBlocked as error:
                if may_be_there and route is not Route.RESPONSE:
                    raise _Uncertain(str(error)) from error
                raise
            except DeliveryInterrupted as error:
                _log.warning("the delivery on %s broke off, again in %s s: %s", route, pause, error)
                may_be_there = True
                if self.clock.now() + pause > give_up:
                    raise _Uncertain(str(error)) from error
            await self.clock.wait(None, self.clock.now() + pause)
        raise AssertionError("the pauses never end")

    def _must_look(self, job: Job, route: Route) -> bool:
        """Whether the nonce no longer makes another send safe. An edit always is."""
        return route is not Route.RESPONSE and self.clock.now() > (job.delivering_at or 0.0) + _NONCE_WINDOW

    async def _post(self, job: Job, route: Route, content: _Content) -> Posted:
        limit = self.delivery.size_limit(job, route)
        while limit >= _SMALLEST:
            try:
                return await self.delivery.post(job, await self._outcome(job, content, limit), route)
            except DeliveryTooLarge:
                limit = int(limit * _SHRINK)
        raise DeliveryBlocked("even small files are too large")

    async def _outcome(self, job: Job, content: _Content, limit: int) -> Outcome:
        missing = sum(task.wanted for task in job.tasks) - len(content.fetched.results)
        reason = why_nothing(job, content.fetched) if missing > 0 else None
        try:
            pictures = await self.results.fit(job, content.fetched, limit)
        except ImageError as error:
            raise DeliveryBlocked(f"a picture does not fit {limit} bytes: {error}") from error
        seconds = self.clock.now() - job.created_at
        return Outcome(pictures=pictures, missing=max(0, missing), failure=reason, seconds=seconds)


def _ladder(job: Job, *, failed: bool) -> tuple[Route, ...]:
    """The ways to try, in order. What was begun on one way goes on there."""
    ways: tuple[Route, ...]
    if job.place.private or job.place.route is Route.RESPONSE:
        ways = (Route.RESPONSE, Route.DIRECT)
    elif failed:
        ways = (Route.RESPONSE, Route.CHANNEL, Route.DIRECT)
    else:
        ways = (Route.CHANNEL, Route.RESPONSE, Route.DIRECT)
    begun = job.delivering_route
    return ways[ways.index(begun) :] if begun in ways else ways
