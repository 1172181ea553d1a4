"""Acceptance before acknowledgement: decide first, so that a refusal can be private; then answer, within 3 seconds.

Source of the rules: Discord's API documentation, "Receiving and Responding to Interactions". An interaction must be
acknowledged within 3 seconds; a deferral fixes who sees what follows. An acknowledgement that fails changes nothing for
a job that was taken: it goes on, and its outcome finds another way.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import discord

from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.job import Job, Phase, Progress
from bot.jobs.preferences import Preferences
from bot.jobs.store import Accepted
from bot.ui import render
from bot.ui.cancelling import progress_buttons
from bot.ui.failures import CALL_ERRORS, UNKNOWN_INTERACTION
from bot.ui.interactions import defer, fill, is_thinking, say_privately, services_of
from bot.ui.places import Interaction

_log = logging.getLogger(__name__)

DECIDE_WITHIN = 1.2  # seconds; leaves time for one repetition of the acknowledgement

FIRST_PROGRESS = Progress(phase=Phase.WAITING)
"""What the answer to a command shows first."""


async def take(interaction: Interaction, decision: Coroutine[Any, Any, Accepted], *, private: bool) -> None:
    """Answer with what is decided: the first progress of an accepted job, or privately why it was refused.

    Args:
        interaction: a command or a click that nobody has answered yet.
        decision: accepts the order, or raises `Refusal`.
        private: whether only this person may see the progress and the outcome.
    """
    clock = services_of(interaction).clock
    await _settle(interaction, decision, private=private, deadline=clock.now() + DECIDE_WITHIN)


async def take_as_usual(
    interaction: Interaction,
    decide: Callable[[Preferences, bool], Coroutine[Any, Any, Accepted]],
    *,
    private: bool | None,
) -> None:
    """As `take`, for a decision that follows the person's usual choices, of which one is who may see it.

    Args:
        interaction: a command that nobody has answered yet.
        decide: accepts the order, or raises `Refusal`, given those choices and whether it is private.
        private: what was chosen this time; None: as usual, or private if it must be answered before that is known.
    """
    services = services_of(interaction)
    deadline = services.clock.now() + DECIDE_WITHIN
    reading = asyncio.create_task(services.preferences.of(interaction.user.id), name=f"usual-{interaction.id}")
    message_id = None
    if not await _in_time(reading, services.clock, deadline):
        private = private is not False
        message_id = await _defer(interaction, private=private)
    preferences = await reading
    if private is None:
        private = preferences.private or False
    decision = decide(preferences, private)
    await _settle(interaction, decision, private=private, deadline=deadline, message_id=message_id)


async def _settle(
    interaction: Interaction,
    decision: Coroutine[Any, Any, Accepted],
    *,
    private: bool,
    deadline: float,
    message_id: int | None = None,
) -> None:
    services = services_of(interaction)
    deciding = asyncio.create_task(decision, name=f"accept-{interaction.id}")
    if not await _in_time(deciding, services.clock, deadline) and not is_thinking(interaction):
        message_id = await _defer(interaction, private=private)
    try:
        accepted = await deciding
    except Refusal as refusal:
        _log.info("refused: %s (interaction %s of user %s)", refusal, interaction.id, interaction.user.id)
        await say_privately(interaction, render.problems(refusal.texts))
        return
    if not accepted.created:
        _log.info("interaction %s came again; job %s is its own", interaction.id, accepted.job.id)
        return
    message_id = await _show(interaction, accepted.job, private=private) or message_id
    await services.engine.acknowledged(accepted.job.id, message_id)


async def _in_time(task: asyncio.Task[Any], clock: Clock, deadline: float) -> bool:
    """Whether the task ends before the deadline, by which this returns."""
    ended = asyncio.Event()
    task.add_done_callback(lambda _: ended.set())
    return await clock.wait(ended, deadline)


async def _defer(interaction: Interaction, *, private: bool) -> int | None:
    try:
        return await defer(interaction, private=private)
    except CALL_ERRORS as error:
        _log.warning("interaction %s may not have been deferred: %s", interaction.id, error)
        return None


async def _show(interaction: Interaction, job: Job, *, private: bool) -> int | None:
    """Show the first progress. Returns the id of the message, or None if there seems to be none."""
    content = render.progress(job, FIRST_PROGRESS)
    try:
        if is_thinking(interaction):
            return await fill(interaction, content, progress_buttons(job))
        callback = await interaction.response.send_message(content, ephemeral=private, view=progress_buttons(job))
    except CALL_ERRORS as error:
        _log.warning("interaction %s may not have been acknowledged: %s", interaction.id, error)
        expired = isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION
        return None if expired else await _existing(interaction)
    return callback.message_id


async def _existing(interaction: Interaction) -> int | None:
    """The response that exists although acknowledging failed: Discord may have acted and its answer been lost."""
    try:
        return (await interaction.original_response()).id
    except (*CALL_ERRORS, discord.ClientException) as error:
        _log.debug("interaction %s has no response: %s", interaction.id, error)
        return None
