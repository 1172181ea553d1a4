"""Acceptance of requests in words: there is no interaction, so everything that is said is an ordinary message.

What the bot may post is looked at first, and nothing is spent on what it could not show. An accepted job is answered
by a reply that shows the progress; if that fails, the job goes on, and its outcome is a message of its own. With a
refusal comes a button for a form that is filled in with what was asked for, so that nothing is written twice.
"""

import logging
from dataclasses import dataclass

import discord

from bot.errors import Refusal
from bot.jobs.drafts import Draft
from bot.jobs.job import new_job_id
from bot.jobs.order import Order
from bot.jobs.store import Accepted
from bot.services import Services
from bot.texts import Text
from bot.toapis.check import check
from bot.toapis.flags import read_flags
from bot.toapis.typed import Typed
from bot.ui import render
from bot.ui.acceptance import FIRST_PROGRESS
from bot.ui.answers import answer, missing_permission, tell_directly
from bot.ui.cancelling import progress_buttons
from bot.ui.drafts import kept
from bot.ui.form_values import numbered
from bot.ui.forms import MOST_PICTURES
from bot.ui.going_on import job_shown_in, usual_after
from bot.ui.pictures import as_reference, attachment_problems, is_spoiler, pictures_of
from bot.ui.places import place_of_message
from bot.ui.words_in import Heard, Meaning, is_direct

_log = logging.getLogger(__name__)

_HINTED = {Meaning.UNREADABLE, Meaning.REMARK}  # answered with a hint, which nobody is given again and again


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What a message asks for.

    Attributes:
        problems: why it cannot be painted like this; empty if it is sound.
        draft: what a form would begin with: the words as they were written, flags and all, and the sound pictures.
    """

    order: Order
    problems: tuple[Text, ...]
    draft: Draft


async def respond(client: discord.Client, services: Services, heard: Heard) -> None:
    """Do what a message asks for, or say a word of help."""
    message = heard.message
    if heard.subject is not None and heard.meaning is Meaning.REMARK and not await _failed(services, heard.subject):
        return
    missing = await missing_permission(client, message)
    if heard.meaning is Meaning.REQUEST and missing:
        values: dict[str, str | int | float] = {"channel_id": message.channel.id, "permission": str(missing)}
        await tell_directly(message.author, Text("words.no_permission", values), nonce=f"r{message.id}")
    elif heard.meaning is Meaning.REQUEST:
        await _take(client, services, heard)
    elif not missing and (heard.meaning not in _HINTED or await _hint_is_due(services, message)):
        await answer(message, render.sentence(_help(heard)))


async def _take(client: discord.Client, services: Services, heard: Heard) -> None:
    message = heard.message
    wish = await _wish(client, services, heard)
    try:
        accepted = await _accept(services, wish)
    except Refusal as refusal:
        _log.info("refused: %s (message %s of user %s)", refusal, message.id, message.author.id)
        await answer(message, render.problems(refusal.texts), view=await kept(services, wish.draft))
        return
    job = accepted.job
    if not accepted.created:
        _log.info("message %s came again; job %s is its own", message.id, job.id)
        return
    reply = await answer(message, render.progress(job, FIRST_PROGRESS), nonce=f"p{job.id}", view=progress_buttons(job))
    await services.engine.acknowledged(job.id, reply.id if reply else None)


async def _accept(services: Services, wish: _Wish) -> Accepted:
    if wish.problems:
        raise Refusal(*wish.problems)
    return await services.engine.accept(wish.order)


async def _wish(client: discord.Client, services: Services, heard: Heard) -> _Wish:
    """What is asked for, with everything that the words leave open."""
    message, subject, now = heard.message, heard.subject, services.clock.now()
    flagged = read_flags(heard.words)
    parent = await job_shown_in(client, services, subject) if subject else None
    shown = pictures_of(subject, parent, now) if subject else ()
    attached = {f"image{number}": file for number, file in enumerate(message.attachments, start=len(shown) + 1)}
    added = {
        name: as_reference(file, position, name) for position, (name, file) in enumerate(attached.items(), len(shown))
    }
    sound = [reference for name, reference in added.items() if not attachment_problems({name: attached[name]})]
    usual = usual_after(parent, await services.preferences.of(message.author.id))
    hidden = is_spoiler(message) or (subject is not None and is_spoiler(subject))
    order = Order(
        place=place_of_message(message, client.application_id or 0),
        request=flagged.typed().request(usual),
        references=(*shown, *added.values()),
        parent=parent.id if parent else None,
        spoiler=flagged.spoiler is True or hidden,
    )
    return _Wish(
        order=order,
        problems=(
            *flagged.problems,
            *check(order.request, len(order.references)),
            *attachment_problems(attached),
            *((Text("words.private"),) if flagged.private and not is_direct(message) else ()),
        ),
        draft=Draft(
            id=new_job_id(now),
            user_id=message.author.id,
            created_at=now,
            request=Typed(prompt=heard.words).request(usual),
            references=numbered([*shown, *sound][:MOST_PICTURES], None),
            parent=order.parent,
            spoiler=hidden,
        ),
    )


async def _failed(services: Services, message: discord.Message) -> bool:
    """Whether the message tells why there is no picture."""
    job = await services.engine.job_of_message(message.id)
    return job is not None and job.failure is not None


async def _hint_is_due(services: Services, message: discord.Message) -> bool:
    return await services.hints.due(message.author.id, message.channel.id)


def _help(heard: Heard) -> Text:
    if heard.meaning is Meaning.UNREADABLE:
        return Text("words.hint", {"command": str(Text("menu.edit"))})
    if heard.meaning is Meaning.REMARK:
        return Text("words.after_failure", {"button": str(Text("button.edit"))})
    if heard.meaning is Meaning.GONE:
        return Text("words.gone")
    if heard.meaning is Meaning.WORDLESS:
        return Text("words.missing_answer" if heard.subject else "words.missing")
    return Text("words.how_to_direct" if is_direct(heard.message) else "words.how_to")
