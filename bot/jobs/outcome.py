"""What a person is shown of a job: how far it is, and at its end pictures, or why there are none."""

from dataclasses import dataclass
from enum import StrEnum

from bot.texts import Text


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
    """Where an outcome can be seen.

    Attributes:
        numbers: those of the job's pictures that are there (`bot.jobs.filenames`), whatever was sent the last time.
    """

    message_id: int
    channel_id: int
    numbers: frozenset[int] = frozenset()


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
