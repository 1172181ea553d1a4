"""The button that leads to the pictures as the gateway made them, for as long as it keeps them."""

from urllib.parse import quote

from typing_extensions import override

from bot.jobs.job import Job, Original
from bot.texts import Text
from bot.ui.buttons.job_button import JobButton
from bot.ui.buttons.painting import upscaled
from bot.ui.inert import length
from bot.ui.interactions import answer_privately, services_of
from bot.ui.places import Interaction
from bot.ui.render import MAX_CONTENT

_KEPT = ":/?&=%#+,;@!$*~-._'"  # characters that an address may have, and that end no link


class FullSizeButton(JobButton, verb="full"):
    """Tells where the originals are, and until when."""

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Answer privately with the links, or say that they have ended and what can be done."""
        now = services_of(interaction).clock.now()
        await answer_privately(interaction, full_size(job, now))


def full_size(job: Job, now: float) -> str:
    """Where the originals are; `now` in Unix seconds."""
    originals = job.originals
    if not originals:
        return str(Text("full_size.none"))
    if all(now >= original.until for original in originals):
        ended = "full_size.ended" if upscaled(job) is None else "full_size.ended_upscale"
        return str(Text(ended, {"until": int(max(original.until for original in originals))}))
    lines = [str(Text("full_size.links"))]
    lines += [_line(number, original, now) for number, original in enumerate(originals, start=1)]
    while length("\n".join(lines)) > MAX_CONTENT:
        lines.pop()  # addresses as long as that are none that a person could use
    return "\n".join(lines)


def _line(number: int, original: Original, now: float) -> str:
    if now >= original.until:
        return str(Text("full_size.link_ended", {"number": number, "until": int(original.until)}))
    values: dict[str, str | int | float] = {
        "number": number,
        "url": quote(original.url, safe=_KEPT),
        "until": int(original.until),
    }
    return str(Text("full_size.link", values))
