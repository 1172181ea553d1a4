"""What a job is: one request of one person, the gateway tasks that paint it, its states and their legal moves.

    job    accepted ─▸ rehosting ─▸ painting ─▸ delivering ─▸ delivered | failed | undeliverable
           (a job without references skips rehosting; a failure goes straight to delivering, to be told;
           cancelled ends it at any point before delivering)
    task   pending ─▸ submitting ─▸ running ─▸ completed | failed | unclear
           (a submit that was certainly not accepted goes back to pending; one that was refused fails; an unsettled one
           may be made once more, then it is unclear; what was never submitted may fail)

Every move is committed before the next act, so that a process killed anywhere resumes from what is written.
"""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.jobs.order import Place, Reference, Route, mask_among, pictures_among
from bot.texts import Text
from bot.toapis.catalog import BY_ID, nearest_ratio
from bot.toapis.schema import ImageRequest

NONCE_LIFETIME = 120.0  # seconds in which Discord certainly still knows a nonce; it says "a few minutes"
RESULT_LIFETIME = 86_400.0  # seconds that a result can be fetched, where the gateway does not say

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


class JobState(StrEnum):
    """Where a job stands."""

    ACCEPTED = "accepted"
    REHOSTING = "rehosting"
    PAINTING = "painting"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDELIVERABLE = "undeliverable"


class TaskState(StrEnum):
    """Where a gateway task stands."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    UNCLEAR = "unclear"


ACTIVE_JOBS = frozenset({JobState.ACCEPTED, JobState.REHOSTING, JobState.PAINTING, JobState.DELIVERING})
OPEN_TASKS = frozenset({TaskState.PENDING, TaskState.SUBMITTING, TaskState.RUNNING})

JOB_MOVES: Mapping[JobState, frozenset[JobState]] = {
    JobState.ACCEPTED: frozenset({JobState.REHOSTING, JobState.PAINTING, JobState.DELIVERING, JobState.CANCELLED}),
    JobState.REHOSTING: frozenset({JobState.PAINTING, JobState.DELIVERING, JobState.CANCELLED}),
    JobState.PAINTING: frozenset({JobState.DELIVERING, JobState.CANCELLED}),
    JobState.DELIVERING: frozenset({JobState.DELIVERED, JobState.FAILED, JobState.UNDELIVERABLE}),
}
TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.PENDING: frozenset({TaskState.SUBMITTING, TaskState.FAILED}),
    TaskState.SUBMITTING: frozenset(
        {
            TaskState.PENDING,
            TaskState.SUBMITTING,
            TaskState.RUNNING,
            TaskState.FAILED,
            TaskState.UNCLEAR,
        }
    ),
    TaskState.RUNNING: frozenset({TaskState.COMPLETED, TaskState.FAILED}),
}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One submit to the gateway.

    Attributes:
        id: our own id, which is also the gateway's `client_business_id`.
        wanted: pictures asked for in this task.
        pictures: pictures that count against the allowance: as wanted, then as received, then as posted.
        submits: how often it was submitted without certainty that it was refused; never above 2.
        ask_id: the id to ask the gateway with, once it is known to have the task.
        result_urls: where the pictures are until `result_expires_at` (Unix seconds).
    """

    id: str
    job_id: str
    position: int
    state: TaskState
    wanted: int
    pictures: int
    submits: int = 0
    submitting_at: float | None = None
    ask_id: str | None = None
    submitted_at: float | None = None
    finished_at: float | None = None
    result_urls: tuple[str, ...] = ()
    result_expires_at: float | None = None
    failure: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Original:
    """A picture as the gateway made it; `until` (Unix seconds) it can be fetched."""

    url: str
    until: float


@dataclass(frozen=True, kw_only=True)
class Job:
    """A request that was accepted, with its tasks and references.

    Attributes:
        response_message_id: the message that answered the interaction ("painting…"), once known.
        delivering_route: the way on which a delivery was begun, if one was.
        delivering_at: when that was, Unix seconds; with the job's id as nonce this makes a second post impossible.
        uncertain: an earlier way may have got through, and nobody can tell; only an edit is still safe.
        message_id: the message that carries the outcome, in `message_channel_id`.
        failure: why there is no picture, if there is none.
        deleted_at: when a person took that message away.
    """

    id: str
    state: JobState
    created_at: float
    place: Place
    request: ImageRequest
    references: tuple[Reference, ...]
    tasks: tuple[Task, ...]
    parent: str | None = None
    response_message_id: int | None = None
    delivering_route: Route | None = None
    delivering_at: float | None = None
    uncertain: bool = False
    message_id: int | None = None
    message_channel_id: int | None = None
    failure: Text | None = None
    finished_at: float | None = None
    tidied: bool = False
    spoiler: bool = False
    deleted_at: float | None = None

    @property
    def pictures(self) -> tuple[Reference, ...]:
        """The references without the mask."""
        return pictures_among(self.references)

    @property
    def mask(self) -> Reference | None:
        """The mask, if there is one."""
        return mask_among(self.references)

    @property
    def settled_request(self) -> ImageRequest:
        """The request with its ratio settled: where none was chosen, that of the first picture, if it is known."""
        model = BY_ID.get(self.request.model)
        if self.request.size is not None or model is None or not self.pictures:
            return self.request
        first = self.pictures[0]
        if not first.width or not first.height:
            return self.request
        return replace(self.request, size=nearest_ratio(model, first.width, first.height))

    @property
    def originals(self) -> tuple[Original, ...]:
        """Where the gateway keeps what it made for this job, in the order of the files' numbers (from 1)."""
        return tuple(
            Original(url=url, until=task.result_expires_at or (task.finished_at or 0.0) + RESULT_LIFETIME)
            for task in self.tasks
            if task.state is TaskState.COMPLETED
            for url in task.result_urls
        )

    @property
    def counting(self) -> int:
        """Pictures that count against the allowance although the job is cancelled: the gateway has them to paint."""
        lost = {TaskState.FAILED, TaskState.UNCLEAR}
        return sum(task.pictures for task in self.tasks if task.submits > 0 and task.state not in lost)

    @property
    def nonce(self) -> str:
        """Discord's nonce for the delivery: stable for the job, at most 25 characters."""
        return self.id

    @property
    def nonce_until(self) -> float:
        """Until when (Unix seconds) sending with the nonce certainly posts nothing a second time."""
        return math.inf if self.delivering_at is None else self.delivering_at + NONCE_LIFETIME


def new_job_id(now: float) -> str:
    """An id of 20 characters, in the order of time: 10 of milliseconds, 10 of chance. Fits Discord's nonce (25)."""
    number = int(now * 1000) << 50 | secrets.randbits(50)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(95, -1, -5))
