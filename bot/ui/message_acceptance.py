"""Acceptance of requests in words: there is no interaction, so everything that is said is an ordinary message.

What the bot may post is looked at first, and nothing is spent on what it could not show. An accepted job is answered
by a reply that shows the progress; if that fails, the job goes on, and its outcome is a message of its own.
"""

import logging

import discord

from bot.errors import Refusal
from bot.jobs.order import Order
from bot.services import Services
from bot.texts import Text
from bot.toapis.check import check
from bot.toapis.flags import read_flags
from bot.ui import render
from bot.ui.acceptance import FIRST_PROGRESS
from bot.ui.answers import answer, missing_permission, tell_directly
from bot.ui.cancelling import progress_buttons
from bot.ui.going_on import job_shown_in, usual_after
from bot.ui.pictures import as_reference, attachment_problems, is_spoiler, pictures_of
from bot.ui.places import place_of_message
from bot.ui.words_in import Heard, Meaning, is_direct

_log = logging.getLogger(__name__)


async def respond(client: discord.Client, services: Services, heard: Heard) -> None:
    """Do what a message asks for, or say a word of help."""
    message = heard.message
    missing = await missing_permission(client, message)
    if heard.meaning is Meaning.REQUEST and missing:
        values: dict[str, str | int | float] = {"channel_id": message.channel.id, "permission": missing}
        await tell_directly(message.author, Text("words.no_permission", values), nonce=f"r{message.id}")
    elif heard.meaning is Meaning.REQUEST:
        await _take(client, services, heard)
    elif not missing and (heard.meaning is not Meaning.UNREADABLE or await _hint_is_due(services, message)):
        await answer(message, render.sentence(_help(heard)))


async def _take(client: discord.Client, services: Services, heard: Heard) -> None:
    message = heard.message
    try:
        accepted = await services.engine.accept(await _order(client, services, heard))
    except Refusal as refusal:
        _log.info("refused: %s (message %s of user %s)", refusal, message.id, message.author.id)
        await answer(message, render.problems(refusal.texts))
        return
    job = accepted.job
    if not accepted.created:
        _log.info("message %s came again; job %s is its own", message.id, job.id)
        return
    reply = await answer(message, render.progress(job, FIRST_PROGRESS), nonce=f"p{job.id}", view=progress_buttons(job))
    await services.engine.acknowledged(job.id, reply.id if reply else None)


async def _order(client: discord.Client, services: Services, heard: Heard) -> Order:
    """What is asked for, with everything that the words leave open.

    Raises:
        Refusal: with everything that is wrong with it.
    """
    message, subject = heard.message, heard.subject
    flagged = read_flags(heard.words)
    parent = await job_shown_in(client, services, subject) if subject else None
    preferences = await services.preferences.of(message.author.id)
    shown = pictures_of(subject, parent, services.clock.now()) if subject else ()
    attached = {f"image{number}": file for number, file in enumerate(message.attachments, start=len(shown) + 1)}
    request = flagged.typed().request(usual_after(parent, preferences))
    problems = (
        *flagged.problems,
        *check(request, len(shown) + len(attached)),
        *attachment_problems(attached),
        *((Text("words.private"),) if flagged.private and not is_direct(message) else ()),
    )
    if problems:
        raise Refusal(*problems)
    added = (as_reference(file, position, name) for position, (name, file) in enumerate(attached.items(), len(shown)))
    return Order(
        place=place_of_message(message, client.application_id or 0),
        request=request,
        references=(*shown, *added),
        parent=parent.id if parent else None,
        spoiler=flagged.spoiler is True or is_spoiler(message) or (subject is not None and is_spoiler(subject)),
    )


async def _hint_is_due(services: Services, message: discord.Message) -> bool:
    return await services.hints.due(message.author.id, message.channel.id)


def _help(heard: Heard) -> Text:
    if heard.meaning is Meaning.UNREADABLE:
        return Text("words.hint", {"command": str(Text("menu.edit"))})
    if heard.meaning is Meaning.GONE:
        return Text("words.gone")
    if heard.meaning is Meaning.WORDLESS:
        return Text("words.missing_answer" if heard.subject else "words.missing")
    return Text("words.how_to_direct" if is_direct(heard.message) else "words.how_to")
