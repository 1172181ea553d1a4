"""What is said anywhere: the last resort, refusals of several things at once, labels."""

from collections.abc import Mapping

COMMON: Mapping[str, str] = {
    "internal": "Something went wrong in Easel. It has been logged; please try again in a minute.",
    "ui.problems": "That cannot be painted yet:",
    "ui.problems_more": "… and {count} more.",
    "ui.place_unknown": "Easel cannot work in this kind of channel. Please use /imagine in a text channel.",
    "ui.command_outdated": "This command has just been updated. Please type it again.",
}
