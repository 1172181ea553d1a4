"""What a job is: one request of one person, the gateway tasks that paint it, its states and their legal moves.

    job    accepted ─▸ rehosting ─▸ painting ─▸ delivering ─▸ delivered | failed | undeliverable
           (a job without references skips rehosting; a failure goes straight to delivering, to be told;
           cancelled ends it at any point before delivering)
    task   pending ─▸ submitting ─▸ running ─▸ completed | failed | unclear
           (a submit that was certainly not accepted goes back to pending; one that was refused fails; an unsettled one
           may be made once more, then it is unclear; what was never submitted may fail)

Every move is committed before the next act, so that a process killed anywhere resumes from what is written.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from bot.texts import Text
from bot.toapis.catalog import BY_ID, nearest_ratio
from bot.toapis.schema import ImageRequest

RESULT_LIFETIME = 86_400.0  # seconds that a result can be fetched, where the gateway does not say

_NEEDED_FOR = 900.0  # seconds that a copy must live on, since a busy gateway may keep a request waiting

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


class Route(StrEnum):
    """How an outcome reaches the person, in the order in which the ways are tried."""

    CHANNEL = "channel"  # an ordinary message in the channel of the request
    RESPONSE = "response"  # an edit of the interaction's own response
    DIRECT = "direct"  # a direct message


class Origin(StrEnum):
    """What a request was made with."""

    INTERACTION = "interaction"  # a command, a button or a form
    MESSAGE = "message"  # words: an answer to a picture, a mention, a direct message


class Role(StrEnum):
    """What a reference is for."""

    PICTURE = "picture"
    MASK = "mask"  # marks what of the first picture may change


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
class Copy:
    """What the gateway has of a reference.

    Attributes:
        until: Unix seconds until which it surely lives.
        width, height: pixels, upright.
        reduced: whether it has lost pixels or quality because the picture was too large.
    """

    url: str
    until: float
    width: int
    height: int
    reduced: bool

    def lives_at(self, now: float) -> bool:
        """Whether it may be used in a request that is made at `now` (Unix seconds)."""
        return now + _NEEDED_FOR < self.until


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A picture that someone attached or that was painted before, and its copy at the gateway.

    Attributes:
        name: what the person calls it, e.g. "image2".
        source_url: where Discord serves it.
        size: bytes, as Discord says.
        width, height: pixels, as Discord says, and as the gateway has it once it is there; None: not known.
        reduced: whether the gateway's copy has lost pixels or quality because the picture was too large.
        uploaded_url: the gateway's copy, if there is one.
        uploaded_until: Unix seconds until which that copy surely lives.
    """

    position: int
    name: str
    source_url: str
    filename: str
    size: int
    role: Role = Role.PICTURE
    width: int | None = None
    height: int | None = None
    reduced: bool = False
    uploaded_url: str | None = None
    uploaded_until: float | None = None

    def is_there(self, now: float) -> bool:
        """Whether the gateway has a copy that may be used in a request that is made at `now` (Unix seconds)."""
        return self.uploaded_url is not None and now + _NEEDED_FOR < (self.uploaded_until or 0.0)

    def to_json(self) -> dict[str, Any]:
        """For storage in a draft."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`; a key that another version wrote is left alone."""
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        values["role"] = Role(stored["role"])
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a request came from, and the ways back to it.

    Attributes:
        interaction_id: what the request was made with: the interaction, or the message that asked in words.
        origin: which of the two it is. A message has no token; what answers it is an ordinary message.
        token: the interaction's token; None once the job has ended.
        token_expires_at: Unix seconds; 15 minutes after the interaction.
        route: the first way to try.
        channel_limit: bytes per file in an ordinary message there.
        response_limit: bytes per file in an answer to the interaction.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    interaction_id: int
    application_id: int
    token: str | None
    token_expires_at: float
    private: bool
    route: Route
    channel_limit: int
    response_limit: int
    origin: Origin = Origin.INTERACTION


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a person asks for, checked but not yet accepted.

    Attributes:
        references: pictures in order, and perhaps a mask.
        parent: the job whose outcome it goes on from, if any.
        spoiler: whether the pictures are to be hidden until someone wants to see them.
    """

    place: Place
    request: ImageRequest
    references: tuple[Reference, ...] = ()
    parent: str | None = None
    spoiler: bool = False

    @property
    def pictures(self) -> tuple[Reference, ...]:
        """The references without the mask."""
        return pictures_among(self.references)

    @property
    def mask(self) -> Reference | None:
        """The mask, if there is one."""
        return mask_among(self.references)


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
    def originals(self) -> tuple["Original", ...]:
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


@dataclass(frozen=True, kw_only=True)
class Original:
    """A picture as the gateway made it; `until` (Unix seconds) it can be fetched."""

    url: str
    until: float


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture ready to be posted.

    Attributes:
        reduced: whether it has lost quality or pixels to fit the way's size limit.
    """

    data: bytes
    filename: str
    width: int
    height: int
    reduced: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The one thing a person is shown at the end of a job: pictures, or why there are none.

    Attributes:
        missing: pictures that were asked for and could not be made.
        failure: the reason, where pictures are missing.
        seconds: from acceptance to now.
    """

    pictures: tuple[Picture, ...]
    missing: int
    failure: Text | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where an outcome can be seen."""

    message_id: int
    channel_id: int


class Phase(StrEnum):
    """What a running job is busy with."""

    WAITING = "waiting"  # for its turn
    REHOSTING = "rehosting"
    BUSY = "busy"  # the gateway asks us to wait
    UNREACHABLE = "unreachable"  # the gateway does not answer
    SENDING = "sending"
    SENT = "sent"  # the gateway has it, and has not been asked about it yet
    QUEUED = "queued"  # the gateway has it, and has not begun
    PAINTING = "painting"
    DELIVERING = "delivering"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is.

    Attributes:
        done, total: of the phase's units (references re-hosted, tasks painted).
        ahead: how many submits are let through before, while it waits for its turn.
        fraction: 0 to 1 of the whole painting.
        seconds_left: an honest estimate from past jobs, or None.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    ahead: int = 0
    fraction: float = 0.0
    seconds_left: float | None = None


def pictures_among(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """The references without a mask."""
    return tuple(reference for reference in references if reference.role is Role.PICTURE)


def mask_among(references: tuple[Reference, ...]) -> Reference | None:
    """The mask, if there is one."""
    return next((reference for reference in references if reference.role is Role.MASK), None)


def new_job_id(now: float) -> str:
    """An id of 20 characters, in the order of time: 10 of milliseconds, 10 of chance. Fits Discord's nonce (25)."""
    number = int(now * 1000) << 50 | secrets.randbits(50)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(95, -1, -5))
