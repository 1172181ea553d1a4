"""Answering people: once, privately, whatever state the interaction is in, and in words they understand."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import discord
from discord import app_commands, ui

from bot.errors import EaselError, Refusal
from bot.services import Services
from bot.texts import Text
from bot.ui import render
from bot.ui.failures import CALL_ERRORS, UNKNOWN_INTERACTION
from bot.ui.handlers import Handlers
from bot.ui.inert import length
from bot.ui.places import Interaction

_log = logging.getLogger(__name__)

_THINKING = "thinking"  # key in `Interaction.extras`: whether the "… is thinking" that still stands is private


class _Bot(Protocol):
    services: Services
    handlers: Handlers


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What goes with a private answer, below its words.

    Attributes:
        line: one more line of words.
        view: buttons.
        file: something to copy from.
    """

    line: str | None = None
    view: ui.View | None = None
    file: discord.File | None = None


NOTHING = Extras()


def services_of(interaction: Interaction) -> Services:
    """What the bot works with, for buttons, whose constructors belong to discord.py."""
    return _bot_of(interaction).services


def follow(interaction: Interaction) -> None:
    """Have the bot's end wait for the current task, which handles this interaction."""
    _bot_of(interaction).handlers.follow()


async def defer(interaction: Interaction, *, private: bool) -> int | None:
    """Acknowledge with "… is thinking". Returns the id of the message that says so, if Discord names it."""
    interaction.extras[_THINKING] = private
    callback = await interaction.response.defer(ephemeral=private, thinking=True)
    return callback.message_id if callback else None


def is_thinking(interaction: Interaction) -> bool:
    """Whether "… is thinking" was asked for and not filled yet."""
    return _THINKING in interaction.extras


async def fill(
    interaction: Interaction, content: str, view: ui.View | None = None, *, file: discord.File | None = None
) -> int:
    """Write `content` where "… is thinking" stands. Returns the message's id."""
    files = [file] if file is not None else []
    message = await interaction.edit_original_response(content=content, view=view, attachments=files)
    interaction.extras.pop(_THINKING, None)
    return message.id


async def unveil(interaction: Interaction, view: ui.LayoutView) -> None:
    """Show a panel where "… is thinking" stands."""
    await interaction.edit_original_response(view=view)
    interaction.extras.pop(_THINKING, None)


async def say_privately(interaction: Interaction, content: str, extras: Extras = NOTHING) -> None:
    """Say something that only this person sees. If Discord does not take it, that is logged, and the end of it."""
    if extras.line is not None and length(f"{content}\n{extras.line}") <= render.MAX_CONTENT:
        content = f"{content}\n{extras.line}"
    try:
        if not is_thinking(interaction):
            await _answer(interaction, content, extras)
        elif interaction.extras[_THINKING]:
            await fill(interaction, content, extras.view, file=extras.file)
        else:
            # A follow-up beside a public "… is thinking" would take its place and be as public as it is.
            await _take_back(interaction)
            await interaction.followup.send(content, ephemeral=True, **_sent(extras))
    except CALL_ERRORS as error:
        _log.warning("user %s was not answered (interaction %s): %s", interaction.user.id, interaction.id, error)


async def answer_privately(
    interaction: Interaction,
    content: str | None = None,
    *,
    view: ui.View | ui.LayoutView | None = None,
    file: discord.File | None = None,
) -> None:
    """Show something more than words to this person alone, as the first answer or where their "… is thinking" stands.

    If Discord does not take it, that is logged, and the end of it.
    """
    given: dict[str, Any] = {"content": content, "view": view, "file": file}
    shown = {name: value for name, value in given.items() if value is not None}
    try:
        if not is_thinking(interaction):
            await interaction.response.send_message(ephemeral=True, **shown)
        else:
            files = [shown.pop("file")] if file is not None else []
            await interaction.edit_original_response(attachments=files, **shown)
            interaction.extras.pop(_THINKING, None)
    except CALL_ERRORS as error:
        _log.warning("user %s was not answered (interaction %s): %s", interaction.user.id, interaction.id, error)


async def report_error(interaction: Interaction, error: Exception, extras: Extras = NOTHING) -> None:
    """Log what went wrong and tell the person in one sentence: the only error handler of the user interface."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    where = f"interaction {interaction.id} of user {interaction.user.id} in channel {interaction.channel_id}"
    if isinstance(error, discord.NotFound) and error.code == UNKNOWN_INTERACTION:
        _log.warning("%s expired before it was answered", where)
        return
    if isinstance(error, Refusal):
        _log.info("refused: %s (%s)", error, where)
    else:
        _log.error("%s failed", where, exc_info=error)
    if interaction.type is discord.InteractionType.autocomplete:
        return  # suggestions can be given or not, but nothing can be said
    room = render.MAX_CONTENT - (length(extras.line) + 1 if extras.line else 0)
    await say_privately(interaction, _explained(error, room), extras)


@asynccontextmanager
async def answering(interaction: Interaction) -> AsyncGenerator[None]:
    """Handle an interaction of a view, modal or button, which no command tree watches.

    Errors within are reported. Afterwards the event "answered" is dispatched, as discord.py does for commands alone.
    """
    follow(interaction)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the last place before discord.py, which would only log it
        await report_error(interaction, error)
    interaction.client.dispatch("answered", interaction)


def _bot_of(interaction: Interaction) -> _Bot:
    return cast("_Bot", interaction.client)


def _explained(error: Exception, room: int) -> str:
    if isinstance(error, Refusal):
        return render.problems(error.texts, room)
    if isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound):
        return render.sentence(Text("ui.command_outdated"))
    return render.sentence(error.text if isinstance(error, EaselError) else Text("internal"))


async def _answer(interaction: Interaction, content: str, extras: Extras) -> None:
    if interaction.response.is_done():
        await interaction.followup.send(content, ephemeral=True, **_sent(extras))
    else:
        await interaction.response.send_message(content, ephemeral=True, **_sent(extras))


def _sent(extras: Extras) -> dict[str, Any]:
    """Only what there is; discord.py does not take None for nothing."""
    sent = {"view": extras.view, "file": extras.file}
    return {name: value for name, value in sent.items() if value is not None}


async def _take_back(interaction: Interaction) -> None:
    try:
        await interaction.delete_original_response()
    except discord.NotFound as error:
        _log.debug("there was no response to take back (interaction %s): %s", interaction.id, error)
    interaction.extras.pop(_THINKING, None)
