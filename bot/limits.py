"""Allowances: who may ask for how much, and when it is possible again.

The ledger is the limiter. Nothing is booked: what is used is counted from the rows of jobs and tasks, in the
transaction that inserts the next job, so it survives restarts and can never disagree with the history. Pictures in
flight, delivered, and cancelled after submission count; failed, unclear and undeliverable ones are thereby given back.
"""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Refusal
from bot.tables import jobs, subjects, tasks
from bot.texts import Text

Ts = TypeVarTuple("Ts")

DAY = 86_400.0

_ACTIVE = ("accepted", "rehosting", "painting", "delivering")
_AT_WORK = (*_ACTIVE, "cancelled")  # the gateway goes on with what it has, whoever no longer wants it
_OPEN = ("pending", "submitting", "running")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The rule.

    Attributes:
        user_images: pictures one person may have in any `window_seconds`.
        user_jobs: jobs one person may have in flight.
        bot_images_per_day: pictures of everyone in any 24 hours.
        bot_tasks_in_flight: gateway tasks of everyone at one time.
    """

    user_images: int
    window_seconds: float
    user_jobs: int
    bot_images_per_day: int
    bot_tasks_in_flight: int


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one person has used of the rule.

    Attributes:
        images: pictures in the current window.
        jobs: jobs in flight.
        next_at: when the oldest of the pictures leaves the window (Unix seconds), or None.
        all_at: when the newest of them does, or None.
        room: whether one more picture fits into what everyone together may have.
    """

    limits: Limits
    images: int
    jobs: int
    next_at: float | None
    all_at: float | None
    room: bool

    @property
    def left(self) -> int:
        """Pictures that the person may still have in the current window."""
        return max(0, self.limits.user_images - self.images)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What one more job would take: pictures, made by so many gateway tasks."""

    user_id: int
    images: int
    tasks: int


async def take(connection: AsyncConnection, limits: Limits, demand: Demand, now: float) -> None:
    """Check that one more job fits. Call it in the transaction that inserts the job.

    Raises:
        Refusal: with every limit that is in the way, when each gives way, and how much there is room for now.
    """
    await _lock(connection, "bot", f"user:{demand.user_id}")
    user = await _user_window(limits, demand.user_id).spending(connection, now, demand.images)
    everyone = await _bot_window(limits).spending(connection, now, demand.images)
    jobs_refusal = await _jobs_refusal(connection, limits, demand.user_id)
    tasks_refusal = await _tasks_refusal(connection, limits, demand.tasks)
    # Nothing is promised of one limit that another one does not keep.
    room = 0 if jobs_refusal or tasks_refusal else min(user.room, everyone.room)
    refusals = [
        _window_refusal(user, demand.images, room),
        jobs_refusal,
        _window_refusal(everyone, demand.images, room),
        tasks_refusal,
    ]
    if texts := [text for text in refusals if text is not None]:
        raise Refusal(*texts)


async def usage(connection: AsyncConnection, limits: Limits, *, user_id: int, now: float) -> Usage:
    """What the person has used of the rule, and whether the bot as a whole has room."""
    user = await _user_window(limits, user_id).spending(connection, now)
    everyone = await _bot_window(limits).spending(connection, now, 1)
    return Usage(
        limits=limits,
        images=user.used,
        jobs=await _jobs_in_flight(connection, user_id),
        next_at=user.spent[0][0] + limits.window_seconds if user.spent else None,
        all_at=user.spent[-1][0] + limits.window_seconds if user.spent else None,
        room=everyone.room > 0 and not await _tasks_refusal(connection, limits, 1),
    )


def counted() -> ColumnElement[bool]:
    """Which rows of tasks ⋈ jobs count against an allowance."""
    return and_(
        jobs.c.state.not_in(("failed", "undeliverable")),
        tasks.c.state.not_in(("failed", "unclear")),
        or_(jobs.c.state != "cancelled", tasks.c.submits > 0),
    )


# Every request needs the statements below, so they are made once.
_SINCE: BindParameter[float] = bindparam("since")
_USER_ID: BindParameter[int] = bindparam("user_id")


def _counting(statement: Select[*Ts]) -> Select[*Ts]:
    """The statement about the tasks that count."""
    statement = statement.join_from(tasks, jobs, tasks.c.job_id == jobs.c.id)
    return statement.where(jobs.c.created_at > _SINCE, counted())


_USED = _counting(select(func.sum(tasks.c.pictures)))
_SPENT = (
    _counting(select(jobs.c.created_at, func.sum(tasks.c.pictures)))
    .group_by(jobs.c.created_at)  # and not by job: SQLite would walk through all jobs in that order
    .having(func.sum(tasks.c.pictures) > 0)
    .order_by(jobs.c.created_at)
)
_USED_BY = _USED.where(jobs.c.user_id == _USER_ID)
_SPENT_BY = _SPENT.where(jobs.c.user_id == _USER_ID)
_JOBS_IN_FLIGHT = select(func.count()).where(jobs.c.user_id == _USER_ID, jobs.c.state.in_(_ACTIVE))
_TASKS_IN_FLIGHT = (
    select(func.count())
    .join_from(tasks, jobs, tasks.c.job_id == jobs.c.id)
    .where(jobs.c.state.in_(_AT_WORK), tasks.c.state.in_(_OPEN))
)
_LOCK = select(subjects.c.name).where(subjects.c.name == bindparam("name")).with_for_update()


@dataclass(frozen=True)
class _Window:
    """A number of pictures in a stretch of time, for one person or (`whose` is None) for all."""

    whose: int | None
    limit: int
    seconds: float
    text_key: str

    async def spending(self, connection: AsyncConnection, now: float, images: int | None = None) -> "_Spending":
        """What counts in the window that ends now.

        Args:
            connection: of a transaction.
            now: Unix seconds.
            images: how many more are asked for; if they fit, nobody needs to know when each of the others was.
        """
        values: dict[str, int | float] = {"since": now - self.seconds}
        used, spent = _USED, _SPENT
        if self.whose is not None:
            values["user_id"] = self.whose
            used, spent = _USED_BY, _SPENT_BY
        if images is not None:
            number = await connection.scalar(used, values) or 0
            if number + images <= self.limit:
                return _Spending(self, number)
        each = [(row[0], int(row[1])) for row in await connection.execute(spent, values)]
        return _Spending(self, sum(pictures for _, pictures in each), each)


@dataclass(frozen=True)
class _Spending:
    """What counts in a window: how many pictures; and, where it is asked for, (time, pictures), oldest first."""

    window: _Window
    used: int
    spent: Sequence[tuple[float, int]] = ()

    @property
    def room(self) -> int:
        return max(0, self.window.limit - self.used)


def _user_window(limits: Limits, user_id: int) -> _Window:
    return _Window(user_id, limits.user_images, limits.window_seconds, "limits.user")


def _bot_window(limits: Limits) -> _Window:
    return _Window(None, limits.bot_images_per_day, DAY, "limits.bot")


def _window_refusal(spending: _Spending, images: int, room: int) -> Text | None:
    """Why the window does not hold so many more pictures, if so; `room` is how many can be had now."""
    window = spending.window
    hours = f"{round(window.seconds / 3600, 1):g}"
    if images > window.limit:
        return Text(f"{window.text_key}_never", {"limit": window.limit, "hours": hours, "count": images})
    excess = spending.used + images - window.limit
    if excess <= 0:
        return None
    freed = list(itertools.accumulate(pictures for _, pictures in spending.spent))
    again_at = spending.spent[bisect.bisect_left(freed, excess)][0] + window.seconds
    values: dict[str, str | int | float] = {
        "used": spending.used,
        "limit": window.limit,
        "hours": hours,
        "again_at": int(again_at) + 1,
        "count": images,
    }
    if not room:
        return Text(window.text_key, values)
    return Text(f"{window.text_key}_room_{'one' if room == 1 else 'several'}", {**values, "room": room})


async def _jobs_refusal(connection: AsyncConnection, limits: Limits, user_id: int) -> Text | None:
    in_flight = await _jobs_in_flight(connection, user_id)
    return Text("limits.user_jobs", {"count": in_flight}) if in_flight >= limits.user_jobs else None


async def _jobs_in_flight(connection: AsyncConnection, user_id: int) -> int:
    return int((await connection.execute(_JOBS_IN_FLIGHT, {"user_id": user_id})).scalar_one())


async def _tasks_refusal(connection: AsyncConnection, limits: Limits, wanted: int) -> Text | None:
    if wanted > limits.bot_tasks_in_flight:
        return Text("limits.bot_tasks_never", {"limit": limits.bot_tasks_in_flight})
    in_flight = int((await connection.execute(_TASKS_IN_FLIGHT)).scalar_one())
    return Text("limits.bot_tasks") if in_flight + wanted > limits.bot_tasks_in_flight else None


async def _lock(connection: AsyncConnection, *names: str) -> None:
    """Hold the limited subjects until the transaction ends, always in the same order.

    On SQLite BEGIN IMMEDIATE has done that already; elsewhere counting and inserting is exact only behind this lock.
    """
    for name in names:  # one after the other: what the next finds may have been written while this one was waited for
        if await connection.scalar(_LOCK, {"name": name}) is None:
            await connection.execute(insert(subjects), {"name": name})
