"""What is said anywhere: the last resort, refusals of several things at once, labels."""

from collections.abc import Mapping

COMMON: Mapping[str, str] = {
    "internal": "Something went wrong in Easel. It has been logged; please try again in a minute.",
    "ui.problems": "That cannot be painted yet:",
    "ui.problems_more": "… and {count} more.",
    "ui.place_unknown": "Easel cannot work in this kind of channel. Please use /imagine in a text channel.",
    "ui.command_outdated": "This command has just been updated. Please type it again.",
    "ui.button_again": "Again",
    "ui.button_delete": "Delete",
    "ui.button_elsewhere": "This button belongs to another message. Use /imagine instead.",
    "ui.not_yours": "Only the person who asked for this can delete it, or someone who may manage messages here.",
}
