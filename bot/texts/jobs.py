"""What becomes of a job (`bot/jobs/`), and what could not be said when it happened (`cogs/notices.py`)."""

from collections.abc import Mapping

JOBS: Mapping[str, str] = {
    "job.stopping": "Easel is about to restart. Please ask again in a minute.",
    "job.timed_out": "The image service did not finish within {minutes} min, so Easel no longer waits and no picture will come. This does not count against your allowance; please try again.",
    "job.unclear": "It is not certain whether the image service took this request, so no picture will come. This does not count against your allowance; please try again.",
    "job.result_gone": "The pictures were made, but can no longer be fetched. This does not count against your allowance; please try again.",
    "job.result_unusable": "The image service gave something that is not a usable picture. This does not count against your allowance; please try again.",
    "job.unknown": "Easel no longer knows that request. Use /imagine to make a new one.",
    "notice.undeliverable": "Discord left Easel no way to show you what became of one of your requests. It does not count against your allowance; please ask again.",
    "notice.undeliverable_several": "Discord left Easel no way to show you what became of {count} of your requests. They do not count against your allowance; please ask again.",
    "notice.request": "- <t:{at}:f>: {prompt}",
    "notice.request_uncertain": "- <t:{at}:f> (it may have arrived all the same): {prompt}",
}
