"""What is written on Discord, as pure functions of a job. The words are in `bot/texts/`."""

import math
from collections.abc import Sequence
from typing import TypeAlias

from bot.jobs.job import Job
from bot.jobs.outcome import Outcome, Phase, Progress
from bot.texts import Text
from bot.toapis.catalog import BY_ID
from bot.toapis.schema import ImageRequest
from bot.ui.inert import inert, length, plain, shortened

MAX_CONTENT = 2000  # characters of a message; source: Discord's API documentation, "Create Message"
MAX_DESCRIPTION = 1024  # characters of alt text; source: the same, "Attachment Object"

_Values: TypeAlias = dict[str, str | int | float]

_PROMPT_SHOWN = 300
_VALUE_SHOWN = 300
_NAME_SHOWN = 20
_SENTENCE_SHOWN = 1000
_BAR_CELLS = 12


def sentence(text: Text) -> str:
    """A text as Discord shows it; values that are words come from people and from outside, and stay words."""
    values = {
        name: inert(value, _VALUE_SHOWN) if isinstance(value, str) else value for name, value in text.values.items()
    }
    return shortened(str(Text(text.key, values)), _SENTENCE_SHOWN)


def problems(texts: Sequence[Text], room: int = MAX_CONTENT) -> str:
    """Everything that is wrong with a request, at once: a sentence, or a list of as many as there is room for."""
    if len(texts) == 1:
        return sentence(texts[0])
    lines = [str(Text("ui.problems"))]
    for number, text in enumerate(texts):
        line = f"- {sentence(text)}"
        more = str(Text("ui.problems_more", {"count": len(texts) - number}))
        if length("\n".join((*lines, line, more))) > room:
            return "\n".join((*lines, more))
        lines.append(line)
    return "\n".join(lines)


def progress(job: Job, progress: Progress) -> str:
    """How far a job is: what it is busy with, a bar with an estimate while it is painting, and the prompt."""
    lines = [_phase(job, progress)]
    if progress.phase in {Phase.SENT, Phase.PAINTING}:
        lines.append(_bar(progress))
    lines.append(f"> {inert(job.request.prompt, _PROMPT_SHOWN)}")
    return "\n".join(lines)


def outcome(job: Job, outcome: Outcome) -> str:
    """What stands above the pictures, or why there are none."""
    words: _Values = {"owner": mention(job.place.user_id), "prompt": inert(job.request.prompt, _PROMPT_SHOWN)}
    if not outcome.pictures:
        reason = sentence(outcome.failure or Text("internal"))
        return str(Text("result.failed", {**words, "reason": reason}))
    lines = [str(Text("result.pictures", words)), _facts(job, outcome)]
    if outcome.missing:
        key = "result.missing_one" if outcome.missing == 1 else "result.missing_several"
        reason = sentence(outcome.failure or Text("internal"))
        lines.append(str(Text(key, {"count": outcome.missing, "reason": reason})))
    if any(picture.reduced for picture in outcome.pictures):
        lines.append(str(Text("result.reduced")))
    if smaller := [inert(reference.name, _NAME_SHOWN) for reference in job.references if reference.reduced]:
        key = "result.reference_reduced" if len(smaller) == 1 else "result.references_reduced"
        lines.append(str(Text(key, {"names": ", ".join(smaller)})))
    return "\n".join(lines)


def cancelled(job: Job) -> str:
    """What stands in place of the progress of a cancelled job: what it has cost, and the prompt."""
    total, count = job.request.count, job.counting
    key = "cancelled.some"
    if not count:
        key = "cancelled.nothing"
    elif count >= total:
        key = {1: "cancelled.all_one", 2: "cancelled.both"}.get(total, "cancelled.all")
    elif count == 1:
        key = "cancelled.one_of"
    words: _Values = {"count": count, "total": total, "prompt": inert(job.request.prompt, _PROMPT_SHOWN)}
    return str(Text(key, words))


def alt_text(request: ImageRequest, number: int, total: int) -> str:
    """What a screen reader says of picture `number` (from 1) of `total`: plain words, no markup."""
    key = "result.alt" if total == 1 else "result.alt_numbered"
    values: _Values = {"model": model_name(request), "number": number, "total": total}
    room = MAX_DESCRIPTION - length(str(Text(key, {**values, "prompt": ""})))
    return str(Text(key, {**values, "prompt": plain(request.prompt, room)}))


def model_name(request: ImageRequest) -> str:
    """What people call the model."""
    model = BY_ID.get(request.model)
    return model.name if model else plain(request.model, 60)


def mention(user_id: int) -> str:
    """How a message addresses a person."""
    return f"<@{user_id}>"


def cells(fraction: float) -> str:
    """A bar that is filled to `fraction` (0 to 1), and full only at 1."""
    full = int(fraction * _BAR_CELLS)
    return "▰" * full + "▱" * (_BAR_CELLS - full)


def _phase(job: Job, progress: Progress) -> str:
    units: _Values = {
        "done": progress.done,
        "total": progress.total,
        "ahead": progress.ahead,
        "model": model_name(job.request),
    }
    if progress.phase is Phase.PAINTING:
        key = "progress.painting_several" if progress.total > 1 else "progress.painting"
    elif progress.phase is Phase.WAITING and progress.ahead:
        key = "progress.waiting_behind"
    else:
        key = f"progress.{progress.phase.value}"
    return str(Text(key, units))


def _bar(progress: Progress) -> str:
    fraction = min(1.0, max(0.0, progress.fraction))
    bar: _Values = {"bar": cells(fraction), "percent": int(fraction * 100)}
    left = progress.seconds_left
    if left is None:
        return str(Text("progress.bar", bar))
    if left < 1:
        return str(Text("progress.bar_soon", bar))
    if left >= 90:
        return str(Text("progress.bar_minutes", {**bar, "minutes": round(left / 60)}))
    # An estimate is no stopwatch: it counts down in steps of five until the end is near.
    seconds = math.ceil(left) if left < 10 else 5 * round(left / 5)
    return str(Text("progress.bar_seconds", {**bar, "seconds": seconds}))


def _facts(job: Job, outcome: Outcome) -> str:
    request = job.settled_request
    shown = [model_name(request), request.size, request.resolution]
    if len(outcome.pictures) > 1:
        shown.append(str(Text("result.count", {"count": len(outcome.pictures)})))
    if references := len(job.pictures):
        key = "result.from_one" if references == 1 else "result.from_several"
        shown.append(str(Text(key, {"count": references})))
    facts: _Values = {"facts": " · ".join(fact for fact in shown if fact)}
    minutes, seconds = divmod(round(outcome.seconds), 60)
    if minutes:
        return str(Text("result.facts_minutes", {**facts, "minutes": minutes, "seconds": seconds}))
    return str(Text("result.facts", {**facts, "seconds": seconds}))
