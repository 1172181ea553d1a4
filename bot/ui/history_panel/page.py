"""One page of the history, drawn with Components V2.

Source of the limits: Discord's API documentation, "Component Reference": 40 components and 4000 characters in all.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import discord
from discord import ui

from bot.jobs.job import ACTIVE_JOBS, Job, JobState
from bot.jobs.order import Route
from bot.jobs.records import Past
from bot.texts import Text
from bot.ui import render
from bot.ui.history_panel.sights import Sight
from bot.ui.inert import inert, shortened
from bot.ui.posted import is_reachable

PAGE = 5  # entries: each takes seven components with all it may have, header and footer four
_PROMPT_SHOWN = 160
_REASON_SHOWN = 280

_Values: TypeAlias = dict[str, str | int | float]
_Buttons: TypeAlias = Sequence[ui.Item[Any]]


def entry(job: Job, sight: Sight) -> ui.Item[Any]:
    """What is said of a request, beside its first picture where that can be seen."""
    text: ui.TextDisplay[Any] = ui.TextDisplay(_words(job, sight))
    if sight.picture is None:
        return text
    description = render.alt_text(job.request, 1, 1)
    return ui.Section(text, accessory=ui.Thumbnail(sight.picture, description=description, spoiler=job.spoiler))


def layout(past: Past, sights: Mapping[str, Sight], buttons: Mapping[str, _Buttons], pages: _Buttons) -> ui.LayoutView:
    """The page.

    Args:
        past: the requests, newest first.
        sights: what can be seen of them, by job id.
        buttons: what stands below each, by job id.
        pages: what stands at the end.
    """
    view = ui.LayoutView(timeout=None)
    view.stop()  # sent like any other, but discord.py keeps nothing of it: the client knows the buttons from its start
    if not past.jobs:
        return view.add_item(ui.TextDisplay(str(Text("history.empty"))))
    view.add_item(ui.TextDisplay(_header(past)))
    for job in past.jobs:
        view.add_item(entry(job, sights[job.id]))
        view.add_item(ui.ActionRow(*_jump(job, sights[job.id]), *buttons[job.id]))
    if pages:
        view.add_item(ui.ActionRow(*pages))
    return view


def _header(past: Past) -> str:
    total = past.newer + len(past.jobs) + past.older
    if total == 1:
        return str(Text("history.header_one"))
    numbers: _Values = {"first": past.newer + 1, "last": past.newer + len(past.jobs), "total": total}
    return str(Text("history.header_single" if len(past.jobs) == 1 else "history.header", numbers))


def _words(job: Job, sight: Sight) -> str:
    values: _Values = {
        "prompt": inert(job.request.prompt, _PROMPT_SHOWN),
        "state": _state(job, sight),
        "facts": _facts(job),
    }
    return str(Text("history.entry", values))


def _state(job: Job, sight: Sight) -> str:
    values: _Values = {"at": int(job.finished_at or job.created_at)}
    if job.state is JobState.FAILED:
        reason = render.sentence(job.failure or Text("internal"))
        values["reason"] = shortened(reason, _REASON_SHOWN)
    if job.state is JobState.CANCELLED:
        values |= {"count": job.counting, "total": job.request.count}
    return str(Text(f"history.{_outcome(job, sight)}", values))


def _outcome(job: Job, sight: Sight) -> str:
    """The last part of the key of the sentence that says what became of a job."""
    if job.state in ACTIVE_JOBS:
        return "active"
    if job.state is JobState.UNDELIVERABLE:
        return "uncertain" if job.uncertain else "undeliverable"
    if job.state is JobState.CANCELLED:
        return "cancelled_counting" if job.counting else "cancelled"
    return "failed" if job.state is JobState.FAILED else _delivered(job, sight)


def _delivered(job: Job, sight: Sight) -> str:
    if sight.gone:
        return "gone"
    if job.delivering_route is Route.DIRECT:
        return "delivered_direct"
    return "delivered_private" if job.place.private else "delivered"


def _facts(job: Job) -> str:
    request = job.settled_request
    count = request.count
    if job.state is JobState.DELIVERED:
        count = sum(task.pictures for task in job.tasks if task.result_urls)
    shown = [render.model_name(request), request.size, request.resolution]
    shown.append(str(Text("result.count", {"count": count})) if count > 1 else None)
    return " · ".join(fact for fact in shown if fact)


def _jump(job: Job, sight: Sight) -> Iterator[ui.Button[Any]]:
    if not is_reachable(job) or sight.gone:
        return
    direct = job.place.guild_id is None or job.delivering_route is Route.DIRECT
    place = "@me" if direct else job.place.guild_id
    url = f"https://discord.com/channels/{place}/{job.message_channel_id}/{job.message_id}"
    yield ui.Button(label=str(Text("history.button_jump")), url=url, style=discord.ButtonStyle.link)
