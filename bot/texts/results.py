"""Progress and outcomes (`bot/ui/render.py`); “-#” makes a line of small print."""

from collections.abc import Mapping

RESULTS: Mapping[str, str] = {
    "progress.waiting": "Your request is in the queue …",
    "progress.waiting_behind": "Your request is in the queue, {ahead} ahead of it …",
    "progress.busy": "The image service is busy and asks Easel to wait. Your request keeps its place …",
    "progress.unreachable": "The image service does not answer. Easel keeps trying …",
    "progress.sending": "Sending your request to {model} …",
    "progress.sent": "{model} has your request …",
    "progress.queued": "{model} has your request and will begin soon …",
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
    "result.reduced": "-# Made smaller to fit Discord's limit on file sizes. “Full size” leads to what was painted.",
    "result.reference_reduced": "-# {names} was larger than the image service takes and was made smaller first.",
    "result.references_reduced": "-# {names} were larger than the image service takes and were made smaller first.",
    "result.alt": "{model}: {prompt}",
    "result.alt_numbered": "{model}, picture {number} of {total}: {prompt}",
}
