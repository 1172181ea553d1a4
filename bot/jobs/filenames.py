"""The names of the files that are posted, which tell of which job they are and which of its pictures."""

import re
from dataclasses import dataclass
from typing import Self

_NAME = re.compile(r"easel-(?P<job>[0-9a-z]{20})-(?P<number>\d{1,2})(?P<fitted>-fitted)?\.")


@dataclass(frozen=True, kw_only=True)
class OwnFile:
    """What one of the bot's own files is named after; anybody may name a file so.

    Attributes:
        number: its place (from 1) among the job's originals.
        fitted: whether it had to be made to fit a size limit, and is not the original.
    """

    job_id: str
    number: int
    fitted: bool = False

    def name(self, extension: str) -> str:
        """The file's name."""
        return f"easel-{self.job_id}-{self.number}{'-fitted' if self.fitted else ''}.{extension}"

    @classmethod
    def named(cls, filename: str) -> Self | None:
        """What this name says; None if it is none of ours. Discord may put something before it."""
        found = _NAME.search(filename)
        if found is None:
            return None
        return cls(job_id=found["job"], number=int(found["number"]), fitted=found["fitted"] is not None)
