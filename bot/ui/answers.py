"""Answering messages with messages: as a reply, without a ping, once, and only where the bot may write."""

import asyncio
import logging
from typing import Any

import discord
from discord import ui

from bot.jobs.job import Job
from bot.jobs.order import Origin
from bot.texts import Text
from bot.ui import render
from bot.ui.failures import CALL_ERRORS, CONNECTION_ERRORS, REPLY_NEEDS_HISTORY, told_to_wait
from bot.ui.words_in import Answered, answered_id

_log = logging.getLogger(__name__)

_PATIENCE = 50.0  # seconds for one try: the second one must come while Discord still knows the nonce of the first


async def find_answered(message: discord.Message) -> Answered | None:
    """The message that this one answers; Discord sends it along, or else it is fetched. None: there is none."""
    reference, wanted = message.reference, answered_id(message)
    if reference is None or wanted is None:
        return None
    if isinstance(reference.resolved, discord.Message | discord.DeletedReferencedMessage):
        return reference.resolved
    try:
        return await message.channel.fetch_message(wanted)
    except discord.NotFound:
        return discord.DeletedReferencedMessage(reference)
    except CALL_ERRORS as error:
        _log.warning("what message %s answers cannot be told: %s", message.id, error)
        return None


async def missing_permission(client: discord.Client, message: discord.Message) -> Text | None:
    """What the bot lacks to post pictures where the message was said, as people know the permission by name."""
    guild = message.guild
    if guild is None or guild.me is None:  # pyright: ignore[reportUnnecessaryComparison] - while it is unavailable
        return None
    try:
        found = guild.get_channel_or_thread(message.channel.id)
        channel = found or await client.fetch_channel(message.channel.id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return None
        granted = channel.permissions_for(guild.me)
    except (discord.ClientException, *CALL_ERRORS) as error:
        _log.warning("the permissions in channel %s cannot be told: %s", message.channel.id, error)
        return None
    in_thread = isinstance(channel, discord.Thread)
    if not granted.view_channel:
        return Text("permission.view_channel")
    if not (granted.send_messages_in_threads if in_thread else granted.send_messages):
        return Text("permission.send_in_threads" if in_thread else "permission.send_messages")
    return None if granted.attach_files else Text("permission.attach_files")


async def answer(
    message: discord.Message, content: str, *, nonce: str | None = None, view: ui.View | None = None
) -> discord.Message | None:
    """Reply to somebody's message. Returns the reply, or None if Discord did not take it, which is logged.

    Args:
        message: what is answered; if it is gone by now, the answer stands by itself.
        content: what to say.
        nonce: the same one never posts a second message within a few minutes; None: one for this message, so that an
            event that comes twice is not answered twice.
        view: buttons.
    """
    key = nonce or f"r{message.id}"
    try:
        try:
            return await _send(message, content, key, view)
        except CONNECTION_ERRORS as error:
            if told_to_wait(error):
                raise
            return await _send(message, content, key, view)  # whether or not the first one got through
    except CALL_ERRORS as error:
        _log.warning("message %s of user %s was not answered: %s", message.id, message.author.id, error)
        return None


async def tell_directly(person: discord.User | discord.Member, text: Text, *, nonce: str) -> None:
    """Write to somebody who may not take direct messages; then it is left at that."""
    try:
        await person.send(render.sentence(text), nonce=nonce)
    except CALL_ERRORS as error:
        _log.info("user %s was not told: %s", person.id, error)


def request_of(job: Job) -> discord.MessageReference | None:
    """The message that asked for the job in words, to reply to."""
    if job.place.origin is not Origin.MESSAGE:
        return None
    return discord.MessageReference(
        message_id=job.place.interaction_id,
        channel_id=job.place.channel_id,
        guild_id=job.place.guild_id,
        fail_if_not_exists=False,
    )


def may_not_refer(error: discord.HTTPException) -> bool:
    """Whether replying was refused, where a message that refers to none may still be sent."""
    return error.code == REPLY_NEEDS_HISTORY


async def _send(message: discord.Message, content: str, nonce: str, view: ui.View | None) -> discord.Message:
    async with asyncio.timeout(_PATIENCE):
        return await _reply(message, content, nonce, view)


async def _reply(message: discord.Message, content: str, nonce: str, view: ui.View | None) -> discord.Message:
    buttons: dict[str, Any] = {"view": view} if view is not None else {}
    nobody = discord.AllowedMentions.none()
    reference = message.to_reference(fail_if_not_exists=False)
    try:
        return await message.channel.send(content, reference=reference, allowed_mentions=nobody, nonce=nonce, **buttons)
    except discord.HTTPException as error:
        if not may_not_refer(error):
            raise
        return await message.channel.send(content, allowed_mentions=nobody, nonce=nonce, **buttons)
