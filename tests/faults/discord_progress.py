"""Rows about the calls that show the progress and take it away, and about all that a request in words needs."""

from collections.abc import Mapping, Sequence

from bot.jobs.order import Route
from tests.faults.discord import LOST, DiscordRow, Story, failed, painted, rows

CHANNEL, RESPONSE = Route.CHANNEL, Route.RESPONSE

_TIDYING = [
    *rows(
        "tidy",
        "429 | 502 after acting | 503 | dropped after acting | 429 of Cloudflare | page",
        Story.COMMAND,
        painted(acknowledge=1, post=1, tidy=2),
        CHANNEL,
    ),
    *rows("tidy", "silent | silent after acting", Story.COMMAND, painted(acknowledge=1, post=1, tidy=2), CHANNEL),
    *rows(
        "tidy",
        "401 | 50027 token | 10062 interaction",
        Story.COMMAND,
        painted(acknowledge=1, post=1, tidy=1, remove=1),
        CHANNEL,
    ),
    *rows("tidy", "429 for half an hour", Story.COMMAND, painted(acknowledge=1, post=1, tidy=2, remove=1), CHANNEL),
    *rows("tidy", "503", Story.COMMAND, painted(acknowledge=1, post=1, tidy=21), CHANNEL, times=20),
    # It is said to be gone, or out of reach, and that is as good.
    *rows(
        "tidy",
        "50001 access | 50013 permissions | 10003 channel | 10008 message | 40060 acknowledged",
        Story.COMMAND,
        painted(acknowledge=1, post=1, tidy=1),
        CHANNEL,
        left=1,
    ),
    *rows(
        "remove",
        "429 | 429 of Cloudflare | 500 | 503 | dropped | page",
        Story.COMMAND,
        painted(acknowledge=1, post=1, tidy=(1, 2), remove=2),
        CHANNEL,
        before=[("tidy", "50027 token")],
    ),
]

_PROGRESS = [
    *rows(
        "edit",
        "503 | dropped | silent after acting | 413",
        Story.LONG,
        painted(acknowledge=1, edit=(1, 4), post=1, tidy=1),
        CHANNEL,
    ),
    *rows(
        "edit",
        "50027 token | 10008 message | 429 for half an hour",
        Story.LONG,
        painted(acknowledge=1, edit=1, post=1, tidy=1),
        CHANNEL,
    ),
    *rows(
        "change",
        "503 | page after acting",
        Story.WORDS_LONG,
        painted(change=(1, 4), post=2, remove=1),
        CHANNEL,
    ),
    *rows(
        "change",
        "401 | 10003 channel | 429 for half an hour",
        Story.WORDS_LONG,
        painted(change=1, post=2, remove=1),
        CHANNEL,
    ),
]

_WORDS = [
    *rows(
        "post",
        "429 | 429 global | 500 | 502 | 502 after acting | 504 | dropped | page",
        Story.WORDS,
        painted(post=3, remove=1),
        CHANNEL,
    ),
    *rows("post", f"{LOST}", Story.WORDS, painted(post=3, remove=1), CHANNEL),
    # Nothing is under way to be seen, but the picture comes; whether there is a progress message is looked for.
    *rows(
        "post",
        "429 without Via | 429 of Cloudflare | 429 as a page | 429 for half an hour | 503 | 401 | 50001 access"
        " | 50013 permissions | 10003 channel | 413",
        Story.WORDS,
        painted(post=2, history=1),
        CHANNEL,
    ),
    *rows(
        "post", "silent after acting", Story.WORDS, painted(post=3, history=(0, 1), remove=1), CHANNEL, seconds=(50, 60)
    ),
    *rows("remove", "429 | 500 | 503 | dropped | page", Story.WORDS, painted(post=2, remove=2), CHANNEL),
    *rows("remove", "dropped after acting | page after acting", Story.WORDS, painted(post=2, remove=(1, 2)), CHANNEL),
    *rows("remove", "50001 access | 50013 permissions", Story.WORDS, painted(post=2, remove=1), CHANNEL, left=1),
    *rows("change", "429 | 503 | dropped | page", Story.WORDS_FAILING, failed(post=1, change=2), RESPONSE),
    *rows(
        "change",
        "50013 permissions | 10008 message",
        Story.WORDS_FAILING,
        failed(post=2, change=1, remove=1),
        CHANNEL,
    ),
]

PROGRESS: Mapping[str, Sequence[DiscordRow]] = {
    "tidying": _TIDYING,
    "progress": _PROGRESS,
    "words": _WORDS,
}
"""By what they are about."""
