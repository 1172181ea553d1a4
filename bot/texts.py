"""Every sentence a person reads, in one place: a key, and English with named values.

A `Text` is what travels through the program and into the database; it becomes words where it is shown. A translation is
another mapping with the same keys. No sentence is glued together from pieces, and none names an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

ENGLISH: Mapping[str, str] = {
    # Whatever else goes wrong.
    "internal": "Something went wrong in Easel. It has been logged; please try again in a minute.",
    # What is wrong with a request (`bot/toapis/check.py`).
    "check.model_unknown": "There is no model called “{model}”. Choose one of: {models}.",
    "check.prompt_empty": "The prompt is empty. Say what you would like to see.",
    "check.prompt_too_long": "The prompt has {length} characters; {model} reads at most {limit}. Shorten it by {excess}.",
    "check.ratio_unknown": "{model} does not know the ratio “{ratio}”. It can do {ratios}.",
    "check.resolution_unknown": "{model} does not offer the resolution “{resolution}”. It offers {resolutions}.",
    "check.resolution_not_offered": "{model} has no choice of resolution. Leave that option empty.",
    "check.count_range": "The number of pictures is {count}; it must be between 1 and {limit}.",
    "check.references_too_many": "{model} takes at most {limit} reference pictures; you attached {count}.",
    "check.option_not_offered": "{model} has no option “{option}”. It can be used with {models}.",
    "check.option_unknown": "{model} has no option “{option}”.",
    "check.option_flag": "“{option}” is {value}; for {model} it must be yes or no.",
    "check.option_number": "“{option}” is {value}; for {model} it must be a number from {low} to {high}.",
    "check.option_whole_number": "“{option}” is {value}; for {model} it must be a whole number from {low} to {high}.",
    "check.option_choice": "“{option}” is {value}; for {model} it must be one of: {choices}.",
    "check.option_members": "“{option}” is {value}; for {model} it needs values for: {members}.",
    "check.option_needs": "“{option}” works only together with “{needed}”.",
    "check.mask_needs_reference": "A mask needs a reference picture of the same size to go with it.",
    # What the gateway said (`bot/toapis/client.py`).
    "gateway.busy": "The image service is busy right now. Please try again in a moment.",
    "gateway.unreachable": "The image service cannot be reached at the moment. Please try again in a few minutes.",
    "gateway.unauthorized": "Easel is not set up correctly: the image service refuses its key. Its operator has been told.",
    "gateway.out_of_balance": "Easel has run out of credit at the image service. Its operator has been told.",
    "gateway.content_refused": "The image service refused this request because of its content rules. Reword it, or use other pictures.",
    "gateway.rejected": "The image service did not accept this request: {reason}",
    "gateway.rejected_unsaid": "The image service did not accept this request and gave no reason.",
    "gateway.moved": "Easel is not set up correctly: the address of the image service leads elsewhere.",
    "gateway.model_unavailable": "{model} is not available at the moment. Please try another model.",
    "gateway.too_large": "The image service says the request is too large. Use fewer or smaller pictures.",
    "gateway.failed": "The image service could not make this picture: {reason}",
    "gateway.failed_unsaid": "The image service could not make this picture and gave no reason.",
    "gateway.no_picture": "The image service says it is done, but gave no picture.",
    "gateway.not_understood": "The image service gave an answer that makes no sense. Please try again.",
    "gateway.task_unknown": "The image service no longer knows this request.",
    # Allowances (`bot/limits.py`); <t:…> is shown by Discord in the reader's own time and language.
    "limits.user": "You have used {used} of your {limit} pictures per {hours} h and asked for {count} more. There is room for that again <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.user_never": "You asked for {count} pictures; nobody may have more than {limit} in {hours} h. Ask for fewer.",
    "limits.user_jobs": "You have {count} requests under way already, and that is the most. Ask again when one of them is done.",
    "limits.bot": "Easel has used {used} of its {limit} pictures per {hours} h for everyone, and you asked for {count} more. There is room for that again <t:{again_at}:R> (<t:{again_at}:f>).",
    "limits.bot_never": "You asked for {count} pictures; Easel makes at most {limit} in {hours} h. Ask for fewer.",
    "limits.bot_tasks_never": "Easel paints at most {limit} of this model's pictures at a time. Ask for fewer.",
    "limits.bot_tasks": "Too many pictures are being painted at once. Please try again in a minute.",
    # What becomes of a job (`bot/jobs/`).
    "job.stopping": "Easel is restarting. Please try again in a minute.",
    "job.timed_out": "The image service did not finish within {minutes} min. This request does not count against your allowance.",
    "job.unclear": "It is not certain whether the image service took this request. It does not count against your allowance; please try again.",
    "job.result_gone": "The pictures were made, but can no longer be fetched. This request does not count against your allowance.",
    "job.result_unusable": "The image service gave something that is not a usable picture. Please try again.",
    "job.unknown": "Easel no longer knows that request. Use /imagine to make a new one.",
    # What is drawn on Discord (`bot/ui/`, `bot/client.py`); “-#” makes a line of small print.
    "ui.problems": "That cannot be painted yet:",
    "ui.problems_more": "… and {count} more.",
    "ui.place_unknown": "Easel cannot work in this kind of channel. Please use /imagine in a text channel.",
    "ui.command_outdated": "This command has just been updated. Please type it again.",
    "ui.button_again": "Again",
    "ui.button_delete": "Delete",
    "ui.button_elsewhere": "This button belongs to another message. Use /imagine instead.",
    "ui.not_yours": "Only the person who asked for this can delete it, or someone who may manage messages here.",
    "progress.waiting": "Your request is in the queue …",
    "progress.rehosting": "Preparing your reference pictures: {done} of {total} …",
    "progress.painting": "{model} is painting …",
    "progress.painting_several": "{model} is painting: {done} of {total} done …",
    "progress.delivering": "The pictures are done and on their way …",
    "progress.bar": "{bar} {percent} %",
    "progress.bar_seconds": "{bar} {percent} % · about {seconds} s left",
    "progress.bar_minutes": "{bar} {percent} % · about {minutes} min left",
    "progress.bar_soon": "{bar} {percent} % · any moment now",
    "result.pictures": "{owner}\n> {prompt}",
    "result.failed": "{owner} This did not work. {reason}\n> {prompt}",
    "result.facts": "-# {facts} · {seconds} s",
    "result.facts_minutes": "-# {facts} · {minutes} min {seconds} s",
    "result.count": "{count} pictures",
    "result.missing_one": "-# One picture is missing: {reason}",
    "result.missing_several": "-# {count} pictures are missing: {reason}",
    "result.reduced": "-# Shown as smaller copies, to keep within Discord's limit on file sizes.",
    "result.alt": "{model}: {prompt}",
    "result.alt_numbered": "{model}, picture {number} of {total}: {prompt}",
    # What is used of the allowances (`/usage`).
    "usage.images": "**Pictures** {bar} {used} of {limit} used in the last {hours} h",
    "usage.unused": "-# All of them are yours to use.",
    "usage.back": "-# Used pictures come back <t:{all_at}:R> (<t:{all_at}:f>).",
    "usage.back_by_and_by": "-# The next comes back <t:{next_at}:R> (<t:{next_at}:f>), the last of them <t:{all_at}:R> (<t:{all_at}:f>).",
    "usage.jobs": "**Requests under way** {bar} {jobs} of at most {limit}",
    "usage.room": "Easel has room for more requests.",
    "usage.no_room": "Easel is painting as much as it may for everyone at present. Please try again later.",
    # What can be done (`/help`). The examples are typed as they stand.
    "help.about": "Easel paints: say what you would like to see, attach pictures to work from if you like, and the result is posted here.",
    "help.examples": "**Try**\n`/imagine prompt:a lighthouse at dusk, in watercolour`\n`/imagine prompt:a poster for a summer fair ratio:3:4 resolution:2K`\n`/imagine prompt:this cat as an astronaut image1:` (and attach a picture)",
    "help.commands": "**Commands**",
    "help.command": "- {command}: {description}",
    "help.menus": "**In a message’s or a person’s menu, under Apps**",
    "help.menu": "- {command}",
    "help.allowance": "You may have {limit} pictures per {hours} h, and {left} of them are left.",
    # What could not be said when it happened (`cogs/notices.py`).
    "notice.undeliverable": "Discord left Easel no way to show you what became of a request of yours. It does not count against your allowance; please ask again.",
    "notice.undeliverable_several": "Discord left Easel no way to show you what became of {count} requests of yours. They do not count against your allowance; please ask again.",
    "notice.request": "- <t:{at}:f>: {prompt}",
    "notice.request_uncertain": "- <t:{at}:f>, and it may be there all the same: {prompt}",
    # What the operator is told (`bot/jobs/`).
    "operator.out_of_balance": "Easel has stopped sending requests: the image gateway says that the account is out of balance. It tries again by itself once there is credit.",
    "operator.works_again": "The image gateway takes Easel's requests again.",
    "operator.unauthorized": "The image gateway refuses Easel's key. Check TOAPIS_API_KEY and restart Easel.",
    "operator.unclear": "Check the bill: it is not certain whether the image gateway took task {task} (pictures: {pictures}, model: {model}, submits: {submits}, the last <t:{at}:f>).",
    # Transfers and pictures (`bot/download.py`, `bot/media/`, `bot/jobs/references.py`).
    "download.gone": "{name}: this picture is no longer there. Please attach it again.",
    "download.too_large": "{name}: the file is larger than {limit}. Please attach a smaller one.",
    "download.interrupted": "{name}: the transfer broke off. Please try again.",
    "download.forbidden_address": "{name}: the link points to an address that is not allowed.",
    "image.not_an_image": "{name}: this is not a picture that Easel can read. Use JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF.",
    "image.damaged": "{name}: this picture is damaged. Please attach another copy.",
    "image.too_many_pixels": "{name}: this picture has {pixels} million pixels; at most {limit} million are allowed.",
}


@dataclass(frozen=True)
class Text:
    """A sentence for a person: `Text("download.gone", {"name": "image2"})`; `str()` makes it English."""

    key: str
    values: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])

    def __str__(self) -> str:
        """The sentence in English."""
        return ENGLISH[self.key].format_map(self.values)

    def to_json(self) -> dict[str, Any]:
        """For storage: `{"key": …, "values": {…}}`."""
        return {"key": self.key, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`; a key that a newer version dropped becomes "internal"."""
        key = str(stored["key"])
        return cls(key, stored["values"]) if key in ENGLISH else cls("internal")
