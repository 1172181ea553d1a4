"""Every question about jobs that changes nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.clock import Clock
from bot.database import Database
from bot.jobs.job import ACTIVE_JOBS, Job, JobState, TaskState
from bot.jobs.rows import load_jobs
from bot.limits import Limits, Usage, counted, usage

_HISTORY = 500  # finished tasks from which durations are learned


@dataclass(frozen=True, kw_only=True)
class Duration:
    """How long the gateway took for one task, in seconds."""

    model: str
    resolution: str | None
    seconds: float
    references: int = 0


class Event(StrEnum):
    """What the gateway did, as far as its account goes."""

    ACCEPTED = "accepted"  # it took a task, and charges for it
    REFUNDED = "refunded"  # it said itself that a task had failed
    UNCLEAR = "unclear"  # nobody can tell whether it took a task


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A line of the second book: what the gateway did with a task of so many pictures."""

    at: float
    event: Event
    pictures: int


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The jobs that one goes on from.

    Attributes:
        ancestors: oldest first, the job itself not among them.
        complete: whether the first of them is the beginning.
    """

    ancestors: tuple[Job, ...]
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Past:
    """A page of what a person has asked for: jobs, the newest first, and how many there are on either side."""

    jobs: tuple[Job, ...]
    newer: int
    older: int


class Records:
    """Jobs in the database, to be read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def job(self, job_id: str) -> Job | None:
        """The job, whole, or None."""
        found = await self._database.read(lambda connection: load_jobs(connection, [job_id]))
        return found[0] if found else None

    async def job_of_message(self, message_id: int) -> Job | None:
        """The job whose outcome this message carries, or None."""
        found = await self._jobs(select(tables.jobs.c.id).where(tables.jobs.c.message_id == message_id))
        return found[0] if found else None

    async def job_answered_by(self, message_id: int) -> Job | None:
        """The job whose progress this message shows, or showed before it was cancelled, or None."""
        found = await self._jobs(select(tables.jobs.c.id).where(tables.jobs.c.response_message_id == message_id))
        return found[0] if found else None

    async def unfinished(self) -> list[str]:
        """The ids of jobs with something left to do: in flight, or ended and not yet tidied. Oldest first."""
        left = tables.jobs.c.state.in_(ACTIVE_JOBS) | tables.jobs.c.tidied.is_(False)
        statement = select(tables.jobs.c.id).where(left).order_by(tables.jobs.c.id)

        async def work(connection: AsyncConnection) -> list[str]:
            return list((await connection.execute(statement)).scalars())

        return await self._database.read(work)

    async def usage(self, limits: Limits, user_id: int) -> Usage:
        """What the person has used of the allowances."""
        now = self._clock.now()
        return await self._database.read(lambda connection: usage(connection, limits, user_id=user_id, now=now))

    async def untold(self, user_id: int, most: int) -> list[Job]:
        """The person's undeliverable jobs of which they have not been told, oldest first, at most so many."""
        jobs = tables.jobs.c
        return await self._jobs(
            select(jobs.id)
            .where(jobs.user_id == user_id, jobs.state == JobState.UNDELIVERABLE, jobs.told_at.is_(None))
            .order_by(jobs.id)
            .limit(most)
        )

    async def past(self, user_id: int, most: int, *, upto: str = "", before: str = "", after: str = "") -> Past:
        """What the person has asked for and not deleted, so many: the newest, or those that one bound names.

        Args:
            user_id: whose.
            most: how many.
            upto: this job and those before it.
            before: those before this job.
            after: those after this job, the nearest of them; the newest, where fewer are left.
        """
        jobs = tables.jobs.c
        own = select(jobs.id).where(jobs.user_id == user_id, jobs.deleted_at.is_(None))
        newest = own.order_by(jobs.id.desc()).limit(most)

        async def work(connection: AsyncConnection) -> Past:
            async def ids(statement: Select[tuple[Any]]) -> list[str]:
                return list((await connection.execute(statement)).scalars())

            async def count(*conditions: ColumnElement[bool]) -> int:
                return await connection.scalar(select(func.count()).select_from(own.where(*conditions).subquery())) or 0

            if after:
                found = await ids(own.where(jobs.id > after).order_by(jobs.id).limit(most))
                found = found if len(found) == most else []
            elif upto or before:
                found = await ids(newest.where(jobs.id <= upto if upto else jobs.id < before))
            else:
                found = []
            if not (found or (found := await ids(newest))):
                return Past(jobs=(), newer=0, older=0)
            return Past(
                jobs=tuple(reversed(await load_jobs(connection, found))),
                newer=await count(jobs.id > max(found)),
                older=await count(jobs.id < min(found)),
            )

        return await self._database.read(work)

    async def lineage(self, job: Job, most: int) -> Lineage:
        """The jobs that this one goes on from, as far as they are known, the nearest `most` of them."""

        async def work(connection: AsyncConnection) -> Lineage:
            nearest_first: list[str] = []
            at = job.parent
            while at is not None and at != job.id and at not in nearest_first and len(nearest_first) < most:
                nearest_first.append(at)
                at = await connection.scalar(select(tables.jobs.c.parent).where(tables.jobs.c.id == at))
            known = {ancestor.id: ancestor for ancestor in await load_jobs(connection, nearest_first)}
            ancestors = tuple(known[each] for each in reversed(nearest_first) if each in known)
            return Lineage(ancestors=ancestors, complete=at is None)

        return await self._database.read(work)

    async def charges(self, job: Job) -> list[Charge]:
        """What the gateway did with the job's tasks, in the order in which it happened."""
        charge = tables.charges.c
        statement = (
            select(charge.at, charge.event, charge.pictures)
            .where(charge.task_id.in_([task.id for task in job.tasks]))
            .order_by(charge.id)
        )

        async def work(connection: AsyncConnection) -> list[Charge]:
            rows = (await connection.execute(statement)).all()
            return [Charge(at=row.at, event=Event(row.event), pictures=row.pictures) for row in rows]

        return await self._database.read(work)

    async def counted(self, job: Job) -> int:
        """How many of the job's pictures count against its owner's allowance, as long as they are in its window."""
        statement = (
            select(func.coalesce(func.sum(tables.tasks.c.pictures), 0))
            .join_from(tables.tasks, tables.jobs, tables.tasks.c.job_id == tables.jobs.c.id)
            .where(tables.jobs.c.id == job.id, counted())
        )
        return int(await self._database.read(lambda connection: connection.scalar(statement)) or 0)

    async def durations(self) -> list[Duration]:
        """How long the latest finished tasks took at the gateway, oldest first."""
        task = tables.tasks.c
        of_job = tables.references.c.job_id == task.job_id
        references = select(func.count()).select_from(tables.references).where(of_job).scalar_subquery()
        statement = (
            select(task.model, task.resolution, task.seconds, references.label("references"))
            .where(task.state == TaskState.COMPLETED, task.seconds.is_not(None))
            .order_by(task.id.desc())
            .limit(_HISTORY)
        )

        async def work(connection: AsyncConnection) -> list[Duration]:
            rows = (await connection.execute(statement)).all()
            return [Duration(**row._asdict()) for row in reversed(rows)]

        return await self._database.read(work)

    async def _jobs(self, ids: Select[tuple[Any]]) -> list[Job]:
        """The jobs whose ids a statement selects, oldest first."""

        async def work(connection: AsyncConnection) -> list[Job]:
            return await load_jobs(connection, (await connection.execute(ids)).scalars())

        return await self._database.read(work)
