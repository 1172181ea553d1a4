"""Everything about one request, as pure functions: what was asked, what became of it, and what it goes on from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.jobs.job import ACTIVE_JOBS, Job, JobState
from bot.jobs.records import Charge, Event, Lineage
from bot.texts import Text
from bot.toapis.catalog import BY_ID
from bot.toapis.further import in_words
from bot.toapis.typed import AUTO
from bot.ui.inert import inert, length, plain, shortened
from bot.ui.render import MAX_CONTENT, mention, model_name, sentence

_Values: TypeAlias = dict[str, str | int | float]

_PROMPT_SHOWN = 300
_PROMPT_OF_ANCESTOR = 60
_VALUE_SHOWN = 200
_ROOM_FOR_MORE = 300  # characters for the last lines and at least one of what a request goes on from
_LONGEST_PROMPT = 100_000  # nothing is cut
_FENCE = "```"
_CHARGES = {
    Event.ACCEPTED: "details.charged",
    Event.REFUNDED: "details.refunded",
    Event.UNCLEAR: "details.unclear",
}
_BEING_PAINTED = ACTIVE_JOBS - {JobState.DELIVERING}  # what is being delivered may be there already


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a request cost, and what it goes on from.

    Attributes:
        counted: pictures that count against its owner's allowance.
    """

    lineage: Lineage
    charges: Sequence[Charge]
    counted: int


@dataclass(frozen=True, kw_only=True)
class Details:
    """What is shown; `file` holds the prompt and the command where a message cannot."""

    content: str
    file: str | None = None


def may_see(job: Job, user_id: int) -> bool:
    """Whether somebody who sees the message of a job may know everything about it."""
    return not job.place.private or job.place.user_id == user_id


def details(job: Job, account: Account, viewer_id: int) -> Details:
    """All that is known of the job, for somebody who sees its outcome."""
    prompt, command = job.request.prompt, imagine_command(job)
    lines = [str(Text("details.header")), str(Text("details.prompt", {"prompt": inert(prompt, _PROMPT_SHOWN)}))]
    lines += map(str, (*_asked(job), *_became(job, account)))
    copied = str(Text("details.command", {"command": command}))
    fits = length("\n".join((*lines, copied))) <= MAX_CONTENT - _ROOM_FOR_MORE
    in_file = not fits or _FENCE in command or plain(prompt, _PROMPT_SHOWN) != prompt
    last = [str(Text("details.in_file")) if in_file else copied]
    if job.references:
        last.append(str(Text("details.command_pictures")))
    room = MAX_CONTENT - length("\n".join((*lines, *last))) - 1
    content = "\n".join((*lines, *_lineage(job, account.lineage, viewer_id, room), *last))
    file = str(Text("details.file", {"prompt": prompt, "command": command})) if in_file else None
    return Details(content=content, file=file)


def imagine_command(job: Job) -> str:
    """The command that asks for the same, whatever is usual for the person who uses it; on one line."""
    request = job.request
    model = BY_ID.get(request.model)
    resolution = request.resolution or (model.default_resolution if model else None)
    options: list[tuple[str, object]] = [
        ("prompt", plain(request.prompt, _LONGEST_PROMPT)),
        ("model", model_name(request)),
        ("ratio", request.size or AUTO),
        ("resolution", resolution),
        ("count", request.count),
        ("private", job.place.private or None),
        ("spoiler", job.spoiler or None),
        ("more", in_words(request.options) or None),
    ]
    return "/imagine " + " ".join(f"{name}:{value}" for name, value in options if value is not None)


def _asked(job: Job) -> Iterator[Text]:
    request = job.request
    yield Text("details.model", {"model": model_name(request)})
    settled = job.settled_request.size
    if request.size is None and settled is None:
        yield Text("details.ratio_open")
    else:
        key = "details.ratio" if request.size else "details.ratio_auto"
        yield Text(key, {"ratio": plain(settled or "", _VALUE_SHOWN)})
    model = BY_ID.get(request.model)
    if request.resolution:
        yield Text("details.resolution", {"resolution": plain(request.resolution, _VALUE_SHOWN)})
    elif model and model.default_resolution:
        yield Text("details.resolution_usual", {"resolution": model.default_resolution})
    yield Text("details.count", {"count": request.count})
    if words := in_words(request.options):
        yield Text("details.options", {"options": plain(words, _VALUE_SHOWN)})
    if job.references:
        key = "details.references_mask" if job.mask else "details.references"
        yield Text(key, {"count": len(job.pictures)})
    yield Text("details.asked", {"owner": mention(job.place.user_id), "at": int(job.created_at)})


def _became(job: Job, account: Account) -> Iterator[Text | str]:
    if job.finished_at is not None:
        minutes, seconds = divmod(round(job.finished_at - job.created_at), 60)
        key = "details.took_minutes" if minutes else "details.took"
        yield Text(key, {"minutes": minutes, "seconds": seconds})
    elif job.state in _BEING_PAINTED:
        yield Text("details.active")
    if job.state is JobState.CANCELLED:
        yield Text("details.cancelled")
    if job.failure is not None:
        yield str(Text("details.failed", {"reason": shortened(sentence(job.failure), _PROMPT_SHOWN)}))
    yield Text("details.counted", {"count": account.counted, "wanted": job.request.count})
    for event, key in _CHARGES.items():
        if pictures := sum(charge.pictures for charge in account.charges if charge.event is event):
            yield Text(key, {"count": pictures})


def _lineage(job: Job, lineage: Lineage, viewer_id: int, room: int) -> list[str]:
    """What the job goes on from, the oldest first; where there is little room, the nearest are kept."""
    header, earlier = str(Text("details.lineage")), str(Text("details.earlier"))
    told: list[str] = []
    left = room - length(header) - length(earlier) - 2
    for ancestor in reversed(lineage.ancestors):
        line = _ancestor(ancestor, job, viewer_id)
        left -= length(line) + 1
        if left < 0:
            break
        told.insert(0, line)
    if not told:
        return []
    whole = lineage.complete and len(told) == len(lineage.ancestors)
    return [header, *([] if whole else [earlier]), *told]


def _ancestor(ancestor: Job, job: Job, viewer_id: int) -> str:
    values: _Values = {"at": int(ancestor.created_at)}
    here = ancestor.place.channel_id == job.place.channel_id and not ancestor.place.private
    if viewer_id != ancestor.place.user_id and not here:
        return str(Text("details.ancestor_hidden", values))
    values["prompt"] = inert(ancestor.request.prompt, _PROMPT_OF_ANCESTOR)
    link = _link(ancestor)
    return str(Text("details.ancestor_linked", {**values, "link": link}) if link else Text("details.ancestor", values))


def _link(job: Job) -> str | None:
    """Where the outcome stands, if it can be jumped to."""
    if job.message_id is None or job.deleted_at is not None or job.place.private:
        return None
    in_guild = job.place.guild_id is not None and job.message_channel_id == job.place.channel_id
    place = job.place.guild_id if in_guild else "@me"
    return f"https://discord.com/channels/{place}/{job.message_channel_id}/{job.message_id}"
