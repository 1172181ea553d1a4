"""The question which of several pictures is meant: it shows them, so that its own buttons need nothing else."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.jobs.job import Job
from bot.jobs.order import Reference
from bot.texts import Text
from bot.ui.buttons.job_button import JobButton


def which_one(job: Job, pictures: Sequence[Reference], buttons: Sequence[JobButton]) -> ui.LayoutView:
    """The pictures of an outcome, and a button for each."""
    shown = [discord.MediaGalleryItem(picture.source_url, spoiler=job.spoiler) for picture in pictures]
    row = ui.ActionRow[Any]()
    for button in buttons:
        row.add_item(button)
    layout = ui.LayoutView(timeout=None)
    layout.add_item(ui.TextDisplay(str(Text("button.which")))).add_item(ui.MediaGallery(*shown)).add_item(row)
    layout.stop()  # as the outcome's own buttons
    return layout
