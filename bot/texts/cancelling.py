"""Cancelling a request (`bot/jobs/cancelling.py`, `bot/ui/cancelling.py`); “-#” makes a line of small print."""

from collections.abc import Mapping

CANCELLING: Mapping[str, str] = {
    "button.cancel": "Cancel",
    "job.cancelled": "This was cancelled before it was sent to the image service.",
    "cancel.not_yours": "Only the person who asked for this can cancel it.",
    "cancel.already": "This request has already been cancelled.",
    "cancel.too_late": "It is too late to cancel: the pictures are on their way. You can delete them once they are here.",
    "cancel.ended": "This request has already ended, so there is nothing left to cancel.",
    "cancelled.nothing": "-# Cancelled. Nothing was used of your allowance.\n> {prompt}",
    "cancelled.all_one": "-# Cancelled. The picture had been sent to the image service and counts against your allowance, unless it fails there.\n> {prompt}",
    "cancelled.both": "-# Cancelled. Both pictures had been sent to the image service and count against your allowance, unless they fail there.\n> {prompt}",
    "cancelled.all": "-# Cancelled. All {total} pictures had been sent to the image service and count against your allowance, unless they fail there.\n> {prompt}",
    "cancelled.one_of": "-# Cancelled. 1 of {total} pictures had been sent to the image service and counts against your allowance, unless it fails there.\n> {prompt}",
    "cancelled.some": "-# Cancelled. {count} of {total} pictures had been sent to the image service and count against your allowance, unless they fail there.\n> {prompt}",
}
