"""Pauses that differ a little each time, so that what one outage struck does not come back all at once."""

import random

SHARE = 0.25  # of a pause, which it may become longer by
WIDEST = 30.0  # seconds that any pause may become longer by


def spread(seconds: float, *, by: float = SHARE) -> float:
    """A pause at random from `seconds` on, never a shorter one, because `seconds` may be what a server asked for.

    Args:
        seconds: of the shortest pause.
        by: the share of it that the pause may become longer by; never by more than `WIDEST` seconds.
    """
    return seconds + random.uniform(0.0, min(seconds * by, WIDEST))  # noqa: S311 - spreads load, hides nothing
