"""Points: the moments of a story at which the bot is killed, named so that another run finds them again."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

Moment = Literal["before", "after"]


@dataclass(frozen=True, order=True)
class Point:
    """The n-th request, or commit, that reads like this, and whether it was acted upon when the bot dies.

    Attributes:
        key: what it is: "toapis POST /images/generations, task 2", "commit: UPDATE tasks (state)".
        nth: counted from 1, among those with the same key; parallel work changes their order, but not their number.
        moment: before it is acted upon, or after that and before the bot learns of it.
    """

    key: str
    nth: int
    moment: Moment

    def __str__(self) -> str:
        """For people: "after toapis POST /images/generations, task 2, no. 1"."""
        return f"{self.moment} {self.key}, no. {self.nth}"


class Counting:
    """Counts what goes by and says when a point is reached.

    Attributes:
        seen: every key with its count, in the order of their first occurrence.
    """

    def __init__(self, fatal: Point | None) -> None:
        self.seen: Counter[str] = Counter()
        self._fatal = fatal

    def next(self, key: str) -> int:
        """Count one more."""
        self.seen[key] += 1
        return self.seen[key]

    def is_fatal(self, key: str, nth: int, moment: Moment) -> bool:
        """Whether the bot dies here."""
        return self._fatal == Point(key, nth, moment)


_WRITING = re.compile(
    r"\s*(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|CREATE \w+(?: INDEX)?|ALTER TABLE|DROP \w+)\s+\"?(\w+)",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"\bSET (.*?)(?: WHERE|$)", re.IGNORECASE | re.DOTALL)


def described(statement: str) -> str | None:
    """A writing statement in short: "UPDATE tasks (state, submits)"; None for one that only reads."""
    found = _WRITING.match(statement)
    if found is None:
        return None
    columns = _COLUMNS.search(statement) if found[1].upper() == "UPDATE" else None
    names = re.findall(r"(\w+)=", columns[1]) if columns else []
    return f"{found[1].upper()} {found[2]}" + (f" ({', '.join(names)})" if names else "")
