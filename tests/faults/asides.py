"""Rows about the calls that are no part of a job: its pictures are looked up, a notice is given, commands are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Comes(Enum):
    """What comes of asking for an old picture again."""

    PAINTED = "it is painted"
    LATER = "references.later"
    GONE = "references.gone"


@dataclass(frozen=True)
class Aside:
    """One way to fail, with what it leads to.

    Attributes:
        fault: a name in `FAULTS`.
        asked: how often the call was made in all.
        outcome: for a look-up what comes of it; for a notice how often it stands beside the answer to this command, and
            to the next; for the commands whether they are registered by the start that suffers.
    """

    fault: str
    asked: int
    outcome: Comes | tuple[int, int] | bool


def asides(faults: str, asked: int, outcome: Comes | tuple[int, int] | bool) -> list[Aside]:
    """A row for each of the faults, whose names stand between bars."""
    return [Aside(name.strip(), asked, outcome) for name in faults.split("|")]


# The picture is in two messages, that with it and the one that asked: both are fetched, and one of them is enough.
LOOK_UPS: Sequence[Aside] = (
    *asides("429 | 500 | 502 | 504 | dropped", 3, Comes.PAINTED),
    *asides("429 without Via | 503 | page | 401 | 10008 message", 2, Comes.PAINTED),
    *asides("slow", 1, Comes.LATER),  # nobody waits longer than five seconds; what has no answer is not counted
)
LOOK_UPS_IN_VAIN: Sequence[Aside] = (
    *asides("429 without Via | 429 of Cloudflare | 429 for half an hour | 429 as a page", 2, Comes.LATER),
    *asides("503 | page | 401", 2, Comes.LATER),
    *asides("500", 3, Comes.LATER),
    *asides("silent", 0, Comes.LATER),
    *asides("50001 access | 50013 permissions | 10003 channel | 10008 message", 2, Comes.GONE),
)

# A follow-up has no nonce: to be told twice is better than never.
NOTICES: Sequence[Aside] = (
    *asides("429 | 500 | 502 | 503", 2, (1, 0)),
    *asides("502 after acting", 2, (2, 0)),
    *asides("dropped after acting | page after acting", 2, (1, 1)),
    *asides("429 without Via | dropped | page | 50027 token | 10015 webhook | 50013 permissions", 2, (0, 1)),
)

# What Discord knows of commands goes on working; the next start tries again.
SYNCS: Sequence[Aside] = (
    *asides("429 | 502 | dropped", 2, True),
    *asides("429 of Cloudflare | 503 | page | 401 | 50001 access", 2, False),
    *asides("429 for half an hour", 2, False),
)
