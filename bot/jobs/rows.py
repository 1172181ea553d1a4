"""Jobs, tasks and references as rows, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, RowMapping, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import tables
from bot.jobs.job import Job, JobState, Task, TaskState
from bot.jobs.order import Order, Origin, Place, Reference, Role, Route
from bot.texts import Text
from bot.toapis.schema import ImageRequest

# Of all statements these run most often by far, so they are made once.
_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_TASKS = select(tables.tasks).where(tables.tasks.c.job_id.in_(_WANTED)).order_by(tables.tasks.c.position)
_REFERENCES = (
    select(tables.references).where(tables.references.c.job_id.in_(_WANTED)).order_by(tables.references.c.position)
)
_JOBS = select(tables.jobs).where(tables.jobs.c.id.in_(_WANTED)).order_by(tables.jobs.c.id)


async def load_jobs(connection: AsyncConnection, ids: Iterable[str]) -> list[Job]:
    """The jobs with these ids, oldest first, whole."""
    wanted = {"wanted": list(ids)}
    tasks: dict[str, list[Task]] = {}
    for row in (await connection.execute(_TASKS, wanted)).mappings():
        tasks.setdefault(row["job_id"], []).append(task_of(row))
    references: dict[str, list[Reference]] = {}
    for row in (await connection.execute(_REFERENCES, wanted)).mappings():
        references.setdefault(row["job_id"], []).append(_reference_of(row))
    return [
        _job_of(row, tuple(tasks.get(row["id"], ())), tuple(references.get(row["id"], ())))
        for row in (await connection.execute(_JOBS, wanted)).mappings()
    ]


def _job_of(row: RowMapping, tasks: tuple[Task, ...], references: tuple[Reference, ...]) -> Job:
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        created_at=row["created_at"],
        place=_place_of(row),
        request=ImageRequest.from_json(row["request"]),
        references=references,
        tasks=tasks,
        parent=row["parent"],
        response_message_id=row["response_message_id"],
        delivering_route=Route(row["delivering_route"]) if row["delivering_route"] else None,
        delivering_at=row["delivering_at"],
        uncertain=row["uncertain"],
        message_id=row["message_id"],
        message_channel_id=row["message_channel_id"],
        failure=_text_of(row["failure"]),
        finished_at=row["finished_at"],
        tidied=row["tidied"],
        spoiler=row["spoiler"],
        deleted_at=row["deleted_at"],
    )


def _place_of(row: RowMapping) -> Place:
    return Place(
        user_id=row["user_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        interaction_id=row["interaction_id"],
        application_id=row["application_id"],
        token=row["token"],
        token_expires_at=row["token_expires_at"],
        private=row["private"],
        route=Route(row["route"]),
        channel_limit=row["channel_limit"],
        response_limit=row["response_limit"],
        origin=Origin(row["origin"]),
    )


def task_of(row: RowMapping) -> Task:
    """A task from its row."""
    return Task(
        id=row["id"],
        job_id=row["job_id"],
        position=row["position"],
        state=TaskState(row["state"]),
        wanted=row["wanted"],
        pictures=row["pictures"],
        submits=row["submits"],
        submitting_at=row["submitting_at"],
        ask_id=row["ask_id"],
        submitted_at=row["submitted_at"],
        finished_at=row["finished_at"],
        result_urls=tuple(row["result_urls"]),
        result_expires_at=row["result_expires_at"],
        failure=_text_of(row["failure"]),
    )


def _reference_of(row: RowMapping) -> Reference:
    return Reference(
        position=row["position"],
        name=row["name"],
        source_url=row["source_url"],
        filename=row["filename"],
        size=row["size"],
        role=Role(row["role"]),
        width=row["width"],
        height=row["height"],
        reduced=row["reduced"],
        uploaded_url=row["uploaded_url"],
        uploaded_until=row["uploaded_until"],
    )


def _text_of(stored: Mapping[str, Any] | None) -> Text | None:
    return Text.from_json(stored) if stored is not None else None


def job_row(job_id: str, order: Order, now: float) -> dict[str, Any]:
    """The row of a job that is accepted now."""
    place = order.place
    return {
        "id": job_id,
        "state": JobState.ACCEPTED,
        "created_at": now,
        "user_id": place.user_id,
        "guild_id": place.guild_id,
        "channel_id": place.channel_id,
        "interaction_id": place.interaction_id,
        "application_id": place.application_id,
        "token": place.token,
        "token_expires_at": place.token_expires_at,
        "private": place.private,
        "route": place.route,
        "channel_limit": place.channel_limit,
        "response_limit": place.response_limit,
        "origin": place.origin,
        "request": order.request.to_json(),
        "parent": order.parent,
        "spoiler": order.spoiler,
        "uncertain": False,
        "tidied": False,
    }


def reference_rows(job_id: str, order: Order) -> list[dict[str, Any]]:
    """The rows of an order's references."""
    return [{"job_id": job_id, **reference.to_json()} for reference in order.references]


def task_rows(job_id: str, order: Order, split: tuple[int, ...]) -> list[dict[str, Any]]:
    """The rows of the gateway tasks that share an order's pictures as `split` says."""
    return [
        {
            "id": f"{job_id}-{position}",
            "job_id": job_id,
            "position": position,
            "state": TaskState.PENDING,
            "model": order.request.model,
            "resolution": order.request.resolution,
            "wanted": pictures,
            "pictures": pictures,
            "submits": 0,
            "result_urls": [],
        }
        for position, pictures in enumerate(split, start=1)
    ]
