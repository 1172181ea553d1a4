"""In time: Discord waits 3 seconds for an answer, so what takes longer to find out is acknowledged first.

Source: Discord's API documentation, "Receiving and Responding to Interactions".
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.clock import Clock
from bot.ui.interactions import defer, is_thinking, services_of
from bot.ui.places import Interaction

T = TypeVar("T")

DECIDE_WITHIN = 1.2  # seconds; leaves time for one repetition of the acknowledgement

_DEADLINE = "deadline"  # key in `Interaction.extras`


def deadline_of(interaction: Interaction) -> float:
    """Unix seconds until which an interaction may stay without an answer; they count from the first call."""
    deadline: float = interaction.extras.setdefault(_DEADLINE, services_of(interaction).clock.now() + DECIDE_WITHIN)
    return deadline


async def is_in_time(task: "asyncio.Task[Any]", clock: Clock, deadline: float) -> bool:
    """Whether the task ends before the deadline, by which this returns."""
    ended = asyncio.Event()
    task.add_done_callback(lambda _: ended.set())
    return await clock.wait(ended, deadline)


async def in_good_time(
    interaction: Interaction, work: Coroutine[Any, Any, T], acknowledge: Callable[[], Awaitable[object]] | None = None
) -> T:
    """What the work comes to; if that takes too long for an answer, the interaction is acknowledged first.

    Args:
        interaction: a command, a click or a form.
        work: what must be known before the answer.
        acknowledge: how; None: with a "… is thinking" that only this person sees.
    """
    task = asyncio.create_task(work, name=f"before-answer-{interaction.id}")
    try:
        late = not await is_in_time(task, services_of(interaction).clock, deadline_of(interaction))
        if late and not (is_thinking(interaction) or interaction.response.is_done()):
            await (acknowledge() if acknowledge else defer(interaction, private=True))
        return await task
    finally:
        task.cancel()
