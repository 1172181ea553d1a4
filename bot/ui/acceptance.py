"""Acceptance before acknowledgement: decide first, so that a refusal can be private; then answer, within 3 seconds.

Source of the rules: Discord's API documentation, "Receiving and Responding to Interactions". An interaction must be
acknowledged within 3 seconds; a deferral fixes who sees what follows. An acknowledgement that fails changes nothing for
a job that was taken: it goes on, and its outcome finds another way.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

from bot.errors import DatabaseFailed, Refusal
from bot.jobs.job import Job
from bot.jobs.outcome import Phase, Progress
from bot.jobs.preferences import Preferences
from bot.jobs.store import Accepted
from bot.ui import render
from bot.ui.cancelling import progress_buttons
from bot.ui.deadlines import deadline_of, is_in_time
from bot.ui.failures import CALL_ERRORS, UNKNOWN_INTERACTION
from bot.ui.interactions import NOTHING, Extras, defer, fill, is_thinking, report_error, services_of
from bot.ui.places import Interaction

_log = logging.getLogger(__name__)

FIRST_PROGRESS = Progress(phase=Phase.WAITING)
"""What the answer to a command shows first."""


Regain: TypeAlias = Callable[[Exception], Awaitable[Extras]]
"""Given why a request is not taken: keeps what would be lost, and says how to get at it. Raises nothing."""


@dataclass(frozen=True, kw_only=True)
class _NotTaken:
    """A request that was not accepted, and what goes with the word of it."""

    error: Exception
    extras: Extras


async def take(
    interaction: Interaction,
    decision: Coroutine[Any, Any, Accepted],
    *,
    private: bool,
    regain: Regain | None = None,
) -> None:
    """Answer with what is decided: the first progress of an accepted job, or privately why it was refused.

    Args:
        interaction: a command, a click or a form that nobody has answered yet, but perhaps with "… is thinking".
        decision: accepts the order, or raises `Refusal`.
        private: whether only this person may see the progress and the outcome.
        regain: called where the request is not accepted, whatever the reason, which is then told here.
    """
    await _settle(interaction, _decided(decision, regain), private=private)


async def take_as_usual(
    interaction: Interaction,
    decide: Callable[[Preferences, bool], Coroutine[Any, Any, Accepted]],
    *,
    private: bool | None,
    regain: Callable[[Preferences, bool, Exception], Awaitable[Extras]] | None = None,
) -> None:
    """As `take`, for a decision that follows the person's usual choices, of which one is who may see it.

    Args:
        interaction: a command that nobody has answered yet.
        decide: accepts the order, or raises `Refusal`, given those choices and whether it is private.
        private: what was chosen this time; None: as usual, or private if it must be answered before that is known.
        regain: as for `take`, given the same as `decide`, too.
    """
    services = services_of(interaction)
    reading = asyncio.create_task(services.preferences.of(interaction.user.id), name=f"usual-{interaction.id}")
    message_id = None
    if not await is_in_time(reading, services.clock, deadline_of(interaction)):
        private = private is not False
        message_id = await _defer(interaction, private=private)
    try:
        preferences = await reading
    except DatabaseFailed as error:
        await report_error(
            interaction, error, await regain(Preferences(), private is not False, error) if regain else NOTHING
        )
        return
    shown_to_one = private if private is not None else preferences.private or False
    decision = _decided(
        decide(preferences, shown_to_one), (lambda error: regain(preferences, shown_to_one, error)) if regain else None
    )
    await _settle(interaction, decision, private=shown_to_one, message_id=message_id)


async def _settle(
    interaction: Interaction,
    decision: Coroutine[Any, Any, "Accepted | _NotTaken"],
    *,
    private: bool,
    message_id: int | None = None,
) -> None:
    services = services_of(interaction)
    deciding = asyncio.create_task(decision, name=f"accept-{interaction.id}")
    late = not await is_in_time(deciding, services.clock, deadline_of(interaction))
    if late and not is_thinking(interaction):
        message_id = await _defer(interaction, private=private)
    accepted = await deciding
    if isinstance(accepted, _NotTaken):
        await report_error(interaction, accepted.error, accepted.extras)
        return
    if not accepted.created:
        _log.info("interaction %s came again; job %s is its own", interaction.id, accepted.job.id)
        return
    message_id = await _show(interaction, accepted.job, private=private) or message_id
    await services.engine.acknowledged(accepted.job.id, message_id)


async def _decided(decision: Coroutine[Any, Any, Accepted], regain: Regain | None) -> Accepted | _NotTaken:
    try:
        return await decision
    except Exception as error:
        if regain is not None:
            return _NotTaken(error=error, extras=await regain(error))
        if isinstance(error, Refusal):
            return _NotTaken(error=error, extras=NOTHING)
        raise


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
