"""What a soak is told, and what it finds."""

from collections import Counter
from dataclasses import dataclass, field

from tests.soak.vitals import Vitals

READINGS = (10, 50, 100)  # percent of the jobs


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how hard.

    Attributes:
        jobs: how many requests are to be accepted.
        failures: the share of all exchanges that fail, 0 to 1.
        seed: of everything that is drawn at random.
    """

    jobs: int
    failures: float
    seed: int


@dataclass(kw_only=True)
class Report:
    """What came of a soak.

    Attributes:
        outcomes: jobs by their final state.
        spent: pictures of cancelled jobs that the gateway had to paint, and did.
        struck: failures by service and kind.
        exchanges: how many there were.
        readings: vitals at each of `READINGS`.
        broken: every breach of a promise.
        left: files, tasks and threads that are open or at work once the bot has ended, by their names.
        logged: errors in the bot's log, by message.
        passed: seconds of the bot's own time.
        seconds: real ones.
    """

    plan: Plan
    outcomes: Counter[str] = field(default_factory=Counter[str])
    spent: int = 0
    struck: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    exchanges: int = 0
    readings: list[Vitals] = field(default_factory=list[Vitals])
    broken: list[str] = field(default_factory=list[str])
    left: Counter[str] = field(default_factory=Counter[str])
    logged: Counter[str] = field(default_factory=Counter[str])
    passed: float = 0.0
    seconds: float = 0.0

    def check(self, holds: object, otherwise: str) -> None:
        """Write down a breach, unless something holds."""
        if not holds:
            self.broken.append(otherwise)
