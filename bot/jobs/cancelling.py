"""Cancelling a job: written in one transaction, so that no paid call and no delivery can begin behind its back.

What was never submitted ends with it. What was submitted goes on at the gateway, which has no way to stop it: it is
watched to its end, so that a failure there gives the allowance back, but its pictures are not posted.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.errors import Refusal
from bot.jobs.job import JOB_MOVES, Job, JobState, TaskState
from bot.jobs.rows import load_jobs
from bot.texts import Text


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """Somebody's wish to cancel a job, and what leads to the message in which it is answered.

    Attributes:
        token: of the interaction that expresses it; it reaches the message below which that was done, even where the
            job's own token is over. None: it was not acknowledged, or there is none.
        token_expires_at: Unix seconds.
        message_id: that message.
    """

    user_id: int
    token: str | None = field(default=None, repr=False)
    token_expires_at: float = 0.0
    message_id: int | None = None


def can_be_cancelled(job: Job) -> bool:
    """Whether it is not too late for it."""
    return JobState.CANCELLED in JOB_MOVES.get(job.state, ())


async def cancel(connection: AsyncConnection, job_id: str, withdrawal: Withdrawal, now: float) -> Job:
    """Cancel the job and whatever of it was not submitted yet.

    Raises:
        Refusal: it is not known, not theirs, cancelled already, or too far; nothing was changed.
    """
    found = await load_jobs(connection, [job_id])
    if reason := _obstacle(found[0] if found else None, withdrawal):
        raise Refusal(reason)
    (job,) = found
    if withdrawal.message_id is not None and await _belongs_to_another(connection, job_id, withdrawal.message_id):
        raise Refusal(Text("button.elsewhere"))
    message_id = job.response_message_id or withdrawal.message_id
    values: dict[str, Any] = {
        "state": JobState.CANCELLED,
        "finished_at": now,
        "response_message_id": message_id,
        "message_id": message_id,
        "message_channel_id": job.place.channel_id if message_id is not None else None,
    }
    if withdrawal.token is not None:
        values |= {"token": withdrawal.token, "token_expires_at": withdrawal.token_expires_at}
    await connection.execute(update(tables.jobs).where(tables.jobs.c.id == job_id).values(values))
    await connection.execute(
        update(tables.tasks)
        .where(tables.tasks.c.job_id == job_id, tables.tasks.c.state == TaskState.PENDING)
        .values(state=TaskState.FAILED, failure=Text("job.cancelled").to_json(), finished_at=now)
    )
    return (await load_jobs(connection, [job_id]))[0]


async def _belongs_to_another(connection: AsyncConnection, job_id: str, message_id: int) -> bool:
    """Whether the message answers or shows another job: whoever made such a button up would write over it."""
    jobs = tables.jobs.c
    others = select(jobs.id).where(
        jobs.id != job_id, or_(jobs.message_id == message_id, jobs.response_message_id == message_id)
    )
    return await connection.scalar(others.limit(1)) is not None


def _obstacle(job: Job | None, withdrawal: Withdrawal) -> Text | None:
    """Why the job cannot be cancelled, in words for the person, or None."""
    if job is None:
        return Text("job.unknown")
    if job.place.user_id != withdrawal.user_id:
        return Text("cancel.not_yours")
    if job.response_message_id is not None and withdrawal.message_id not in {None, job.response_message_id}:
        return Text("button.elsewhere")
    if job.state is JobState.CANCELLED:
        return Text("cancel.already")
    if job.state is JobState.DELIVERING:
        return Text("cancel.too_late")
    return None if can_be_cancelled(job) else Text("cancel.ended")
