"""Every statement that changes jobs. A move that the state machine does not know is an `IllegalMove`, and not made."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.errors import EaselError, Overtaken
from bot.jobs.cancelling import Withdrawal, cancel
from bot.jobs.job import JOB_MOVES, TASK_MOVES, Job, JobState, Task, TaskState, new_job_id
from bot.jobs.order import Copy, Order, Origin, Route
from bot.jobs.outcome import Posted
from bot.jobs.records import Event, Records
from bot.jobs.rows import job_row, load_jobs, reference_rows, task_of, task_rows
from bot.limits import Demand, Limits, take
from bot.texts import Text

_log = logging.getLogger(__name__)

# Every job needs these, so they are made once. What an UPDATE sets comes with its parameters.
_WHICH: BindParameter[str] = bindparam("which")
_ACCEPTED = select(tables.jobs.c.id).where(tables.jobs.c.interaction_id == bindparam("interaction_id"))
_STATE = select(tables.jobs.c.state).where(tables.jobs.c.id == _WHICH)
_CHANGE_JOB = update(tables.jobs).where(tables.jobs.c.id == _WHICH)
_TASK = select(tables.tasks).where(tables.tasks.c.id == _WHICH)
_CHANGE_TASK = update(tables.tasks).where(tables.tasks.c.id == _WHICH)
_CHANGED_TASK = _CHANGE_TASK.returning(tables.tasks)
_TOO_LATE = (
    update(tables.jobs)
    .where(tables.jobs.c.id == _WHICH, tables.jobs.c.origin == Origin.MESSAGE, tables.jobs.c.tidied)
    .values(tidied=False)
)


class IllegalMove(EaselError):
    """A state was to follow another that it must not follow: a defect, found before it could do harm."""


class JobCancelled(IllegalMove, Overtaken):
    """The person has cancelled the job meanwhile: whoever works on it stops, and spends nothing more on it."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A job for an order; `created` is False where the same interaction had been accepted before."""

    job: Job
    created: bool


class Store(Records):
    """Jobs in the database, to be read and moved."""

    async def accept(self, order: Order, split: tuple[int, ...], limits: Limits) -> Accepted:
        """Insert a job for `order` with one task for each number of pictures in `split`, if the allowances permit.

        Raises:
            Refusal: an allowance is used up; nothing was inserted.
        """
        now = self._clock.now()

        async def work(connection: AsyncConnection) -> Accepted:
            known = await connection.scalar(_ACCEPTED, {"interaction_id": order.place.interaction_id})
            if known is not None:
                return Accepted(job=await _job(connection, known), created=False)
            demand = Demand(user_id=order.place.user_id, images=sum(split), tasks=len(split))
            await take(connection, limits, demand, now)
            job_id = new_job_id(now)
            await connection.execute(insert(tables.jobs), job_row(job_id, order, now))
            if order.references:
                await connection.execute(insert(tables.references), reference_rows(job_id, order))
            await connection.execute(insert(tables.tasks), task_rows(job_id, order, split))
            return Accepted(job=await _job(connection, job_id), created=True)

        accepted = await self._database.transaction(work)
        if accepted.created:
            request = order.request
            _log.info("job %s: accepted, %d × %s", accepted.job.id, request.count, request.model)
        return accepted

    async def told(self, job_ids: Collection[str]) -> None:
        """The person was told that the outcomes of these jobs could not be shown."""
        statement = update(tables.jobs).where(tables.jobs.c.id.in_(job_ids)).values(told_at=self._clock.now())
        await self._database.transaction(lambda connection: connection.execute(statement))

    # Moves of a job

    async def move(self, job_id: str, state: JobState, *, failure: Text | None = None) -> Job:
        """Write the job's next state."""
        values: dict[str, Any] = {} if failure is None else {"failure": failure.to_json()}
        return await self._move_job(job_id, state, values)

    async def acknowledged(self, job_id: str, message_id: int) -> bool:
        """Remember the message that answered the request.

        Returns:
            Whether it came when the job was over, so that it is left to be tidied: that to a request in words is found
            by nothing else.
        """

        async def work(connection: AsyncConnection) -> bool:
            await connection.execute(_CHANGE_JOB, {"which": job_id, "response_message_id": message_id})
            return (await connection.execute(_TOO_LATE, {"which": job_id})).rowcount > 0

        return await self._database.transaction(work)

    async def uploaded(self, job_id: str, position: int, copy: Copy) -> None:
        """Remember what the gateway has of a reference."""
        statement = (
            update(tables.references)
            .where(tables.references.c.job_id == job_id, tables.references.c.position == position)
            .values(
                uploaded_url=copy.url,
                uploaded_until=copy.until,
                width=copy.width,
                height=copy.height,
                reduced=copy.reduced,
            )
        )
        await self._database.transaction(lambda connection: connection.execute(statement))

    async def copies_forgotten(self, job_id: str) -> None:
        """The gateway may be unable to read the copies of the job's references: whoever asks again uploads anew."""
        statement = (
            update(tables.references)
            .where(tables.references.c.job_id == job_id)
            .values(uploaded_url=None, uploaded_until=None)
        )
        await self._database.transaction(lambda connection: connection.execute(statement))

    async def cancel(self, job_id: str, withdrawal: Withdrawal) -> Job:
        """Cancel the job; see `bot.jobs.cancelling.cancel`. Raises `Refusal`."""
        now = self._clock.now()
        cancelled = await self._database.transaction(lambda connection: cancel(connection, job_id, withdrawal, now))
        _log.info("job %s: %s", job_id, cancelled.state)
        return cancelled

    async def delivering(self, job: Job, route: Route, failure: Text | None) -> Job:
        """Write down, before the act, what is now going out on this way: pictures, or `failure`.

        `job.uncertain` is written with it: whether an earlier way may have got through after all.
        """
        now = self._clock.now()
        await self._update_job(
            job.id,
            delivering_route=route,
            delivering_at=now,
            uncertain=job.uncertain,
            failure=failure.to_json() if failure is not None else None,
        )
        return replace(job, delivering_route=route, delivering_at=now, failure=failure)

    async def end(  # noqa: PLR0913 - all that is written at the end, by name
        self,
        job_id: str,
        state: JobState,
        *,
        posted: Posted | None = None,
        failure: Text | None = None,
        pictures: Mapping[str, int] | None = None,
        uncertain: bool = False,
    ) -> Job:
        """Write the outcome after the act.

        Args:
            job_id: whose.
            state: a final state.
            posted: where the outcome can be seen.
            failure: why there is no picture.
            pictures: for each task's id, how many of its pictures were posted; the others are given back.
            uncertain: the outcome may be there all the same.
        """
        values: dict[str, Any] = {"finished_at": self._clock.now(), "uncertain": uncertain}
        if posted is not None:
            values |= {"message_id": posted.message_id, "message_channel_id": posted.channel_id}
        if failure is not None:
            values["failure"] = failure.to_json()

        async def work(connection: AsyncConnection) -> Job:
            for task_id, number in (pictures or {}).items():
                await connection.execute(_CHANGE_TASK, {"which": task_id, "pictures": number})
            return await _move_job(connection, job_id, state, values)

        ended = await self._database.transaction(work)
        _log.info("job %s: %s", job_id, state)
        return ended

    async def tidied(self, job_id: str) -> None:
        """Nothing is left to do for this job: forget its interaction token."""
        await self._update_job(job_id, tidied=True, token=None)

    async def deleted(self, job_id: str) -> None:
        """The person took the posted outcome away."""
        await self._update_job(job_id, deleted_at=self._clock.now())

    async def _update_job(self, job_id: str, **values: Any) -> None:
        changes = {"which": job_id, **values}
        await self._database.transaction(lambda connection: connection.execute(_CHANGE_JOB, changes))

    async def _move_job(self, job_id: str, state: JobState, values: dict[str, Any]) -> Job:
        moved = await self._database.transaction(lambda connection: _move_job(connection, job_id, state, values))
        _log.info("job %s: %s", job_id, state)
        return moved

    async def task(self, task_id: str) -> Task:
        """The task as it is written; it must exist."""
        return await self._database.read(lambda connection: _task(connection, task_id))

    # Moves of a task

    async def submitting(self, task_id: str) -> Task:
        """The intention, before the paid call. Raises `JobCancelled`."""
        return await self._move_task(task_id, TaskState.SUBMITTING, {"submitting_at": self._clock.now()}, submits=+1)

    async def not_submitted(self, task_id: str) -> Task:
        """The paid call was certainly not accepted: as if it had not been made."""
        return await self._move_task(task_id, TaskState.PENDING, {}, submits=-1)

    async def running(self, task_id: str, ask_id: str) -> Task:
        """The gateway has it; `ask_id` is what to ask with."""
        values = {"ask_id": ask_id, "submitted_at": self._clock.now()}
        return await self._move_task(task_id, TaskState.RUNNING, values, charge=Event.ACCEPTED)

    async def completed(
        self, task_id: str, urls: tuple[str, ...], expires_at: float | None, seconds: float | None
    ) -> Task:
        """The gateway is done, after so many seconds if that is known; the pictures are at `urls`."""
        values = {
            "result_urls": list(urls),
            "result_expires_at": expires_at,
            "pictures": len(urls),
            "seconds": seconds,
            "finished_at": self._clock.now(),
        }
        return await self._move_task(task_id, TaskState.COMPLETED, values)

    async def task_failed(self, task_id: str, failure: Text, *, refunded: bool = False) -> Task:
        """There will be no picture. `refunded`: the gateway accepted the task and said itself that it failed."""
        values = {"failure": failure.to_json(), "finished_at": self._clock.now()}
        return await self._move_task(task_id, TaskState.FAILED, values, charge=Event.REFUNDED if refunded else None)

    async def unclear(self, task_id: str, failure: Text) -> Task:
        """Nobody can tell whether the gateway has it: given back to the user, written down for the operator."""
        values = {"failure": failure.to_json(), "finished_at": self._clock.now()}
        return await self._move_task(task_id, TaskState.UNCLEAR, values, charge=Event.UNCLEAR)

    async def _move_task(
        self,
        task_id: str,
        state: TaskState,
        values: dict[str, Any],
        *,
        submits: int = 0,
        charge: Event | None = None,
    ) -> Task:
        """Write the task's next state: `values`, and so many submits more."""
        now = self._clock.now()

        async def work(connection: AsyncConnection) -> Task:
            task = await _task(connection, task_id)
            if state is TaskState.SUBMITTING:
                await _require_wanted(connection, task.job_id)
            if state not in TASK_MOVES.get(task.state, ()):
                await _require_wanted(connection, task.job_id)
                raise IllegalMove(f"task {task_id}: {task.state} -> {state}")
            changes = {"which": task_id, "state": state, "submits": task.submits + submits, **values}
            moved = task_of((await connection.execute(_CHANGED_TASK, changes)).mappings().one())
            if charge is not None:
                charged = {"at": now, "event": charge, "pictures": task.wanted, "gateway_id": moved.ask_id}
                await connection.execute(insert(tables.charges), {"task_id": task_id, **charged})
            return moved

        moved = await self._database.transaction(work)
        _log.info("task %s: %s", task_id, state)
        return moved

    # What is remembered

    async def remembered(self, key: str) -> str | None:
        """A note, or None."""
        statement = select(tables.notes.c.value).where(tables.notes.c.key == key)
        return await self._database.read(lambda connection: connection.scalar(statement))

    async def remember(self, key: str, value: str) -> None:
        """Keep a note over restarts."""

        async def work(connection: AsyncConnection) -> None:
            changed = await connection.execute(
                update(tables.notes).where(tables.notes.c.key == key).values(value=value)
            )
            if changed.rowcount == 0:
                await connection.execute(insert(tables.notes).values(key=key, value=value))

        await self._database.transaction(work)


async def _job(connection: AsyncConnection, job_id: str) -> Job:
    (job,) = await load_jobs(connection, [job_id])
    return job


async def _task(connection: AsyncConnection, task_id: str) -> Task:
    return task_of((await connection.execute(_TASK, {"which": task_id})).mappings().one())


async def _require_wanted(connection: AsyncConnection, job_id: str) -> JobState:
    """The state of the job, unless it is cancelled."""
    state = JobState((await connection.execute(_STATE, {"which": job_id})).scalar_one())
    if state is JobState.CANCELLED:
        raise JobCancelled(f"job {job_id} is cancelled")
    return state


async def _move_job(connection: AsyncConnection, job_id: str, state: JobState, values: dict[str, Any]) -> Job:
    before = await _require_wanted(connection, job_id)
    if state not in JOB_MOVES.get(before, ()):
        raise IllegalMove(f"job {job_id}: {before} -> {state}")
    await connection.execute(_CHANGE_JOB, {"which": job_id, "state": state, **values})
    return await _job(connection, job_id)
