"""Private answers that are no outcome: allowances, help, and what could not be said when it happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.jobs.job import Job
from bot.limits import Limits, Usage
from bot.texts import Text
from bot.ui.inert import inert, length
from bot.ui.render import MAX_CONTENT, cells, sentence

_Values: TypeAlias = dict[str, str | int | float]

_PROMPT_SHOWN = 120


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that help lists: how it is called, and what it does; a menu's entry is described by its name."""

    name: str
    description: str = ""


def usage(usage: Usage, closed: Text | None) -> str:
    """What is used of the allowances and when it comes back; `closed` says why nothing is taken at all, if so."""
    limits = usage.limits
    pictures: _Values = {
        "bar": _bar(usage.images, limits.user_images),
        "used": usage.images,
        "limit": limits.user_images,
        "hours": _hours(limits),
    }
    jobs: _Values = {"bar": _bar(usage.jobs, limits.user_jobs), "jobs": usage.jobs, "limit": limits.user_jobs}
    lines = [
        str(Text("usage.images", pictures)),
        _returns(usage),
        str(Text("usage.jobs", jobs)),
    ]
    used_up = usage.images >= limits.user_images or usage.jobs >= limits.user_jobs
    if closed or not (usage.room and used_up):  # room for others is of no use to whoever has none
        lines.append(sentence(closed or Text("usage.room" if usage.room else "usage.no_room")))
    return "\n".join(lines)


def guide(commands: Sequence[Entry], menus: Sequence[Entry], words: Text | None, usage: Usage) -> str:
    """What Easel does, with examples, what this person can use here, and what they may have.

    Args:
        commands: those that they can use.
        menus: likewise.
        words: how to ask without a command, where Easel hears what is said.
        usage: of their allowances.
    """
    allowance: _Values = {"limit": usage.limits.user_images, "hours": _hours(usage.limits), "left": usage.left}
    first = [str(text) for text in (Text("help.about"), Text("help.examples"), words) if text is not None]
    listed = [str(Text("help.commands"))]
    listed += [
        str(Text("help.command", {"command": entry.name, "description": entry.description})) for entry in commands
    ]
    if menus:
        listed.append(str(Text("help.menus")))
        listed += [str(Text("help.menu", {"command": entry.name})) for entry in menus]
    last = str(Text("help.allowance", allowance))
    room = MAX_CONTENT - length("\n".join((*first, last))) - 1
    return "\n".join((*first, *_fitting(listed, room), last))


def undelivered(jobs: Sequence[Job]) -> str:
    """Which requests, one or several, ended without anything that could be shown."""
    key = "notice.undeliverable" if len(jobs) == 1 else "notice.undeliverable_several"
    return "\n".join((str(Text(key, {"count": len(jobs)})), *(_request(job) for job in jobs)))


def _request(job: Job) -> str:
    key = "notice.request_uncertain" if job.uncertain else "notice.request"
    return str(Text(key, {"at": int(job.created_at), "prompt": inert(job.request.prompt, _PROMPT_SHOWN)}))


def _returns(usage: Usage) -> str:
    if usage.next_at is None or usage.all_at is None:
        return str(Text("usage.unused"))
    times: _Values = {"next_at": _full_second(usage.next_at), "all_at": _full_second(usage.all_at)}
    return str(Text("usage.back" if times["next_at"] == times["all_at"] else "usage.back_by_and_by", times))


def _full_second(at: float) -> int:
    """The first second of Discord's timestamps at which it surely holds."""
    return int(at) + 1


def _bar(used: int, limit: int) -> str:
    return cells(min(1.0, used / limit) if limit else 1.0)


def _hours(limits: Limits) -> str:
    return f"{round(limits.window_seconds / 3600, 1):g}"


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """As many of the lines as fit; if some do not, the last one says how many."""
    waiting, kept = list(lines), list[str]()
    while waiting:
        more = str(Text("ui.problems_more", {"count": len(waiting)}))
        rest = [*kept, waiting[0]] if len(waiting) == 1 else [*kept, waiting[0], more]
        if length("\n".join(rest)) > room:
            return [*kept, more]
        kept.append(waiting.pop(0))
    return kept
