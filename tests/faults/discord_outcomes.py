"""Rows about the calls that show an outcome, and about the acknowledgement before it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.jobs.order import Route
from tests.faults.discord import (
    FORBIDDEN,
    LOST,
    NOTHING_DONE,
    REPEATED,
    DiscordRow,
    Story,
    failed,
    painted,
    rows,
    unseen,
)

CHANNEL, RESPONSE, DIRECT = Route.CHANNEL, Route.RESPONSE, Route.DIRECT

_ACKNOWLEDGEMENT = [
    *rows("acknowledge", REPEATED, Story.COMMAND, painted(acknowledge=2, post=1, tidy=1), CHANNEL),
    *rows("acknowledge", "502 after acting", Story.COMMAND, painted(acknowledge=2, look=1, post=1, tidy=1), CHANNEL),
    *rows("acknowledge", LOST, Story.COMMAND, painted(acknowledge=1, look=1, post=1, tidy=1), CHANNEL),
    *rows("acknowledge", NOTHING_DONE, Story.COMMAND, painted(acknowledge=1, look=1, post=1, tidy=1), CHANNEL),
    *rows("acknowledge", FORBIDDEN, Story.COMMAND, painted(acknowledge=1, look=1, post=1, tidy=1), CHANNEL),
    *rows("acknowledge", "10062 interaction", Story.COMMAND, painted(acknowledge=1, post=1, tidy=1), CHANNEL),
    # What comes too late is not waited for: 20 seconds after the acceptance the outcome is shown all the same.
    *rows(
        "acknowledge",
        "500",
        Story.COMMAND,
        painted(acknowledge=5, look=(0, 1), post=1, tidy=1),
        CHANNEL,
        times=0,
        seconds=(20, 30),
    ),
    *rows(
        "acknowledge",
        "429 for half an hour | slow | silent",
        Story.COMMAND,
        painted(acknowledge=(1, 2), look=(0, 1), post=1, tidy=1),
        CHANNEL,
        seconds=(20, 30),
    ),
    *rows(
        "acknowledge",
        "slow after acting | silent after acting",
        Story.COMMAND,
        painted(acknowledge=(1, 2), look=(0, 1), post=1, tidy=1),
        CHANNEL,
        seconds=(20, 30),
    ),
    *rows("acknowledge", "10062 interaction", Story.FAILING, failed(acknowledge=1, edit=1, post=1, tidy=1), CHANNEL),
    *rows(
        "acknowledge",
        "10062 interaction",
        Story.PRIVATE,
        painted(acknowledge=1, edit=1, open_direct=1, post=1, tidy=1),
        DIRECT,
    ),
]

_POST = [
    *rows(
        "post",
        "429 | 429 global | 500 | 502 | 502 after acting | 504",
        Story.COMMAND,
        painted(acknowledge=1, post=2, tidy=1),
        CHANNEL,
    ),
    *rows(
        "post",
        f"503 | dropped after acting | page after acting | {NOTHING_DONE}",
        Story.COMMAND,
        painted(acknowledge=1, post=2, tidy=1),
        CHANNEL,
    ),
    *rows(
        "post",
        "slow | slow after acting",
        Story.COMMAND,
        painted(acknowledge=1, post=1, tidy=1),
        CHANNEL,
        seconds=(100, 110),
    ),
    # The nonce is forgotten by then, so the history is asked first.
    *rows(
        "post", "silent", Story.COMMAND, painted(acknowledge=1, post=2, history=1, tidy=1), CHANNEL, seconds=(300, 310)
    ),
    *rows(
        "post",
        "silent after acting",
        Story.COMMAND,
        painted(acknowledge=1, post=1, history=1, tidy=1),
        CHANNEL,
        seconds=(300, 310),
    ),
    *rows(
        "post",
        "429 for half an hour",
        Story.COMMAND,
        painted(acknowledge=1, post=2, history=1, remove=1),
        CHANNEL,
        seconds=(1800, 1835),
    ),
    # This way is closed, so the next one is taken.
    *rows(
        "post",
        f"{FORBIDDEN} | 10062 interaction",
        Story.COMMAND,
        painted(acknowledge=1, post=1, edit=(1, 2)),
        RESPONSE,
    ),
    *rows("post", "50013 permissions", Story.WORDS, painted(acknowledge=0, post=2, history=1), CHANNEL),
    # An hour of trouble: nobody can tell, so only an edit is still safe.
    *rows(
        "post",
        "503",
        Story.COMMAND,
        painted(acknowledge=1, post=(50, 72), history=(10, 32)),
        RESPONSE,
        times=0,
        seconds=(3500, 3700),
    ),
    # It was there from the beginning, as the history shows when the nonce is over.
    *rows(
        "post",
        "dropped after acting",
        Story.COMMAND,
        painted(acknowledge=1, post=7, history=1, tidy=1),
        CHANNEL,
        times=0,
        seconds=(120, 165),
    ),
]

_ANSWER = [
    *rows(
        "edit",
        f"{REPEATED} | 502 after acting | {LOST} | {NOTHING_DONE}",
        Story.PRIVATE,
        painted(acknowledge=1, edit=2),
        RESPONSE,
    ),
    *rows(
        "edit", "slow | slow after acting", Story.PRIVATE, painted(acknowledge=1, edit=1), RESPONSE, seconds=(100, 110)
    ),
    *rows(
        "edit",
        "silent | silent after acting",
        Story.PRIVATE,
        painted(acknowledge=1, edit=2),
        RESPONSE,
        seconds=(300, 310),
    ),
    # A private answer can be reached by its token alone; where that is over, it stays as it is.
    *rows(
        "edit",
        f"{FORBIDDEN} | 10062 interaction",
        Story.PRIVATE,
        painted(acknowledge=1, edit=1, open_direct=1, post=1, tidy=1),
        DIRECT,
    ),
    *rows(
        "edit",
        "429 for half an hour",
        Story.PRIVATE,
        painted(acknowledge=1, edit=2, open_direct=1, post=1),
        DIRECT,
        left=1,
        seconds=(1800, 1810),
    ),
    # What may be there already is not told a second time, so it is given back and told at the next occasion.
    *rows(
        "edit",
        "503 | 429 of Cloudflare",
        Story.PRIVATE,
        unseen(acknowledge=1, edit=(15, 100)),
        None,
        times=0,
        left=1,
        seconds=(800, 1000),
    ),
    *rows(
        "edit",
        "dropped after acting",
        Story.PRIVATE,
        replace(unseen(acknowledge=1, edit=(15, 30)), pictures=1),
        RESPONSE,
        times=0,
        seconds=(800, 1000),
    ),
]

_FAILURE = [
    *rows(
        "edit",
        "429 | 502 after acting | 503 | dropped after acting | 429 of Cloudflare | page",
        Story.FAILING,
        failed(acknowledge=1, edit=2),
        RESPONSE,
    ),
    *rows("edit", "silent after acting", Story.FAILING, failed(acknowledge=1, edit=2), RESPONSE, seconds=(300, 310)),
    # The token alone is over: the bot's own reaches the same message.
    *rows(
        "edit",
        "401 | 50027 token | 10015 webhook | 10062 interaction",
        Story.FAILING,
        failed(acknowledge=1, edit=1, change=1),
        RESPONSE,
    ),
    *rows(
        "edit",
        "50001 access | 50013 permissions | 10003 channel | 10008 message | 40060 acknowledged | 413 | 40005 too large",
        Story.FAILING,
        failed(acknowledge=1, edit=1, post=1, tidy=1),
        CHANNEL,
    ),
    *rows(
        "change",
        "429 | 429 of Cloudflare | 502 | 503 | dropped | dropped after acting | page after acting",
        Story.FAILING,
        failed(acknowledge=1, edit=(1, 2), change=2),
        RESPONSE,
        before=[("edit", "50027 token")],
    ),
    *rows(
        "change",
        "50001 access | 50013 permissions | 10008 message",
        Story.FAILING,
        failed(acknowledge=1, edit=1, change=1, post=1, tidy=1),
        CHANNEL,
        before=[("edit", "50027 token")],
    ),
]

_OVER = [("edit", "50027 token")]
_DIRECT = [
    *rows(
        "open_direct",
        "429 | 500 | 503 | dropped | page | 429 of Cloudflare",
        Story.PRIVATE,
        painted(acknowledge=1, edit=(1, 2), open_direct=2, post=1, tidy=1),
        DIRECT,
        before=_OVER,
    ),
    *rows(
        "open_direct",
        "50001 access | 401",
        Story.PRIVATE,
        unseen(acknowledge=1, edit=1, open_direct=1, tidy=1),
        None,
        before=_OVER,
    ),
    *rows(
        "post",
        "429 | 502 after acting | 503 | dropped after acting | page after acting",
        Story.PRIVATE,
        painted(acknowledge=1, edit=(1, 2), open_direct=(1, 2), post=2, tidy=1),
        DIRECT,
        before=_OVER,
    ),
    *rows(
        "post",
        "50007 direct messages",
        Story.PRIVATE,
        unseen(acknowledge=1, edit=1, open_direct=1, post=1, tidy=1),
        None,
        before=_OVER,
    ),
]

_LOOKED_FOR = [("post", "silent after acting")]
_HISTORY = [
    *rows(
        "history",
        "429 | 500 | 502 | 503 | dropped | page | 429 of Cloudflare",
        Story.COMMAND,
        painted(acknowledge=1, post=1, history=2, tidy=1),
        CHANNEL,
        before=_LOOKED_FOR,
        seconds=(300, 320),
    ),
    # Nobody may look, so only an edit is safe; it shows the picture a second time where the first got through.
    *rows(
        "history",
        "50001 access | 50013 permissions | 10003 channel",
        Story.COMMAND,
        painted(acknowledge=1, post=1, history=1, edit=(1, 2)),
        RESPONSE,
        before=[("post", "silent")],
        seconds=(300, 310),
    ),
]

OUTCOMES: Mapping[str, Sequence[DiscordRow]] = {
    "acknowledgement": _ACKNOWLEDGEMENT,
    "result": _POST,
    "answer": _ANSWER,
    "failure": _FAILURE,
    "direct": _DIRECT,
    "history": _HISTORY,
}
"""By what they are about."""
