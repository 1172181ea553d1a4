"""The engine: takes orders, runs every job to its end, resumes after a start what was left, stops cleanly."""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.budget import ByteBudget
from bot.clock import Clock, finish
from bot.download import Downloader
from bot.errors import DatabaseFailed, Refusal
from bot.jobs.balance import Till
from bot.jobs.cancelling import Withdrawal
from bot.jobs.delivering import Deliverer
from bot.jobs.job import Job
from bot.jobs.order import Order, Place, Reference
from bot.jobs.painting import Painting
from bot.jobs.polling import Durations, Poller, PollPlan
from bot.jobs.ports import Delivery, Painter
from bot.jobs.references import Rehoster
from bot.jobs.results import Results
from bot.jobs.runner import Runner, Signals
from bot.jobs.store import Accepted, Store
from bot.jobs.submission import Submission
from bot.jobs.tokens import Tokens
from bot.jobs.uploads import Uploads
from bot.limits import Limits, Usage
from bot.media import Darkroom
from bot.texts import Text
from bot.toapis.catalog import BY_ID
from bot.toapis.check import check
from bot.toapis.schema import JSON, ImageRequest

_log = logging.getLogger(__name__)

_DATABASE_PAUSE = 15.0  # seconds until a database that failed is tried again
_FINISH_WITHIN = 6.0  # seconds that the end waits for what must not be left open


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the operator decides about jobs.

    Attributes:
        limits: the allowances.
        polling: the pauses between questions.
        job_timeout: seconds until a job that is still painting is given up.
        resubmit_after_404: whether a submit of which the gateway knows nothing may be made once more.
        reserved: parameters that are the operator's (`catalog.RESERVED`), for the models that take them.
    """

    limits: Limits
    polling: PollPlan
    job_timeout: float
    resubmit_after_404: bool
    reserved: Mapping[str, JSON] = field(default_factory=dict[str, JSON])


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What the engine works with."""

    store: Store
    uploads: Uploads
    tokens: Tokens
    gateway: Painter
    downloader: Downloader
    darkroom: Darkroom
    budget: ByteBudget
    clock: Clock


class Engine:
    """Runs jobs. It knows no Discord: what people see goes through the `Delivery` that `start` is given."""

    def __init__(self, tools: Tools, policy: Policy) -> None:
        self._tools = tools
        self._policy = policy
        self._durations = Durations()
        self._poller = Poller(tools.gateway, tools.clock, policy.polling, self._durations)
        self._till = Till(tools.gateway, tools.clock, self._tell_operator)
        self._delivery: Delivery | None = None
        self._runner: Runner | None = None
        self._submission: Submission | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._signals: dict[str, Signals] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._messages: set[asyncio.Task[None]] = set()  # to the operator, who is told once

    def start(self, delivery: Delivery) -> None:
        """Begin to work, with whatever was left unfinished. Returns at once."""
        tools = self._tools
        self._delivery = delivery
        submission = self._submission = Submission(
            gateway=tools.gateway,
            store=tools.store,
            uploads=tools.uploads,
            clock=tools.clock,
            till=self._till,
            resubmit_after_404=self._policy.resubmit_after_404,
            reserved=self._policy.reserved,
        )
        rehoster = Rehoster(
            gateway=tools.gateway,
            downloader=tools.downloader,
            darkroom=tools.darkroom,
            budget=tools.budget,
            store=tools.store,
            uploads=tools.uploads,
            clock=tools.clock,
        )
        results = Results(gateway=tools.gateway, darkroom=tools.darkroom, clock=tools.clock)
        deliverer = Deliverer(
            delivery=delivery, results=results, budget=tools.budget, store=tools.store, clock=tools.clock
        )
        painting = Painting(
            store=tools.store,
            clock=tools.clock,
            poller=self._poller,
            durations=self._durations,
            submission=submission,
            job_timeout=self._policy.job_timeout,
        )
        self._runner = Runner(
            store=tools.store,
            clock=tools.clock,
            durations=self._durations,
            submission=submission,
            painting=painting,
            rehoster=rehoster,
            deliverer=deliverer,
            delivery=delivery,
            job_timeout=self._policy.job_timeout,
        )
        self._start(self._poller.run(), "poller", among=self._background)
        self._start(self._till.run(), "till", among=self._background)
        self._start(self._resume(), "resume", among=self._background)
        self._start(tools.tokens.run(), "tokens", among=self._background)

    async def stop(self, until: float | None = None) -> None:
        """Take nothing more and stop working. Every job stays as it is written, and goes on after the next start.

        A paid call that is under way is waited for, since asking afterwards whether the gateway took it is a second
        best; at `until` (Unix seconds) it is broken off all the same.
        """
        self._runner = None
        clock = self._tools.clock
        until = clock.now() + _FINISH_WITHIN if until is None else until
        tasks = [*self._background, *self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while left := self._not_to_be_cut():
            await finish(left, clock, until)

    async def accept(self, order: Order) -> Accepted:
        """Check an order, commit it as a job, and begin to work on it.

        The same interaction is accepted once: a replayed event finds its job, with `created` False.

        Raises:
            Refusal: with every reason; nothing was spent.
        """
        if self._runner is None:
            raise Refusal(Text("job.stopping"))
        if problems := check(order.request, len(order.pictures), mask=order.mask is not None):
            raise Refusal(*problems)
        if (closed := self._till.closed) is not None:
            raise Refusal(closed)
        accepted = await self._tools.store.accept(order, split(order.request), self._policy.limits)
        if accepted.created:
            self._launch(accepted.job, resumed=False)
        return accepted

    async def again(self, job_id: str, place: Place, references: tuple[Reference, ...] | None = None) -> Accepted:
        """Accept the same request once more, for whoever asks from `place`.

        Args:
            job_id: what was asked for before.
            place: where it is asked for now.
            references: the same pictures, at other addresses; None: as the job has them.

        Raises:
            Refusal: as for `accept`, or the job is not known.
        """
        job = await self._tools.store.job(job_id)
        if job is None:
            raise Refusal(Text("job.unknown"))
        known = job.references if references is None else references
        return await self.accept(
            Order(place=place, request=job.request, references=known, parent=job.id, spoiler=job.spoiler)
        )

    async def cancel(self, job_id: str, withdrawal: Withdrawal) -> Job:
        """Cancel a job: nothing more is spent on it, and nothing of it is posted.

        What is written counts, so a restart changes nothing. The progress message then says what it has cost.

        Raises:
            Refusal: it is not theirs, not known, or it is too late.
        """
        job = await self._tools.store.cancel(job_id, withdrawal)
        if (signals := self._signals.get(job_id)) is not None:
            signals.cancelled.set()
        else:
            self._launch(job, resumed=True)
        return job

    async def acknowledged(self, job_id: str, message_id: int | None) -> None:
        """Say how the interaction of an accepted job was answered: by this message, or (None) not at all."""
        try:
            if message_id is not None and await self._tools.store.acknowledged(job_id, message_id):
                job = await self._tools.store.job(job_id)
                if job is not None:
                    self._launch(job, resumed=True)
        except DatabaseFailed:
            # A token leads there, too; and where there is none, the message can be looked for.
            _log.exception("the answer to job %s could not be written down; the job goes on", job_id)
        if (signals := self._signals.get(job_id)) is not None:
            signals.acknowledged.set()

    @property
    def closed(self) -> Text | None:
        """Why nothing is taken at present, in words for the user, or None."""
        return self._till.closed

    async def job(self, job_id: str) -> Job | None:
        """The job as it is written."""
        return await self._tools.store.job(job_id)

    async def job_of_message(self, message_id: int) -> Job | None:
        """The job whose outcome this message carries, or None."""
        return await self._tools.store.job_of_message(message_id)

    async def outcome_deleted(self, job_id: str) -> None:
        """Write down that a person took the posted outcome away."""
        await self._tools.store.deleted(job_id)

    async def usage(self, user_id: int) -> Usage:
        """What the person has used of the allowances."""
        return await self._tools.store.usage(self._policy.limits, user_id)

    async def untold(self, user_id: int, most: int) -> list[Job]:
        """The person's jobs whose outcome could not be shown, and who does not know it yet: the oldest, so many."""
        return await self._tools.store.untold(user_id, most)

    async def told(self, job_ids: Collection[str]) -> None:
        """Write down that the person knows it of these jobs."""
        await self._tools.store.told(job_ids)

    async def _resume(self) -> None:
        store = self._tools.store
        unfinished = await self._unfinished()
        _log.info("resuming %d jobs", len(unfinished))
        for job_id in unfinished:
            try:
                job = await store.job(job_id)
            except Exception:  # noqa: BLE001 - one job that cannot be read must not keep the others waiting
                _log.exception("job %s cannot be read and is left alone", job_id)
                continue
            if job is not None:
                self._launch(job, resumed=True)

    async def _unfinished(self) -> list[str]:
        """The ids of what was left, once the database can be read."""
        store, clock = self._tools.store, self._tools.clock
        while True:
            try:
                self._durations.learn(await store.durations())
                return await store.unfinished()
            except DatabaseFailed:
                _log.exception("what was left unfinished cannot be read; it is tried again")
                await clock.wait(None, clock.now() + _DATABASE_PAUSE)

    def _launch(self, job: Job, *, resumed: bool) -> None:
        if self._runner is None or job.id in self._running:
            return
        signals = self._signals[job.id] = Signals()
        if resumed:
            signals.acknowledged.set()  # what was not answered before the restart can no longer be answered
        task = asyncio.create_task(self._runner.run(job, signals), name=f"job {job.id}")
        self._running[job.id] = task
        task.add_done_callback(lambda _: self._forget(job.id))

    def _forget(self, job_id: str) -> None:
        self._running.pop(job_id, None)
        self._signals.pop(job_id, None)

    def _not_to_be_cut(self) -> set[asyncio.Task[Any]]:
        """What the end waits for, as long as it can."""
        calls = self._submission.calls if self._submission is not None else frozenset[asyncio.Task[Any]]()
        return {*self._messages, *calls}

    def _tell_operator(self, text: Text) -> None:
        """Tell them beside the work, which does not wait for it."""
        if self._delivery is not None:
            self._start(self._delivery.tell_operator(text), "tell the operator", among=self._messages)

    def _start(self, work: Coroutine[Any, Any, None], name: str, *, among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work, name=name)
        among.add(task)
        task.add_done_callback(among.discard)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the task %r ended by a defect", task.get_name(), exc_info=error)


def split(request: ImageRequest) -> tuple[int, ...]:
    """How many pictures each gateway task makes: one task if the model can, several where it makes fewer at a time."""
    most = BY_ID[request.model].max_n
    full, rest = divmod(request.count, most)
    return (most,) * full + ((rest,) if rest else ())
