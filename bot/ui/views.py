"""The buttons below an outcome, in two rows: going on from it above, everything about it below."""

from typing import Any

import discord
from discord import ui

from bot.jobs.job import Job
from bot.texts import Text
from bot.ui.buttons.deleting import DeleteButton
from bot.ui.buttons.details_button import DetailsButton
from bot.ui.buttons.editing import EditButton
from bot.ui.buttons.full_size import FullSizeButton
from bot.ui.buttons.painting import AgainButton, UpscaleButton, VariationsButton, upscaled
from bot.ui.cancelling import CancelButton
from bot.ui.persistent_button import PersistentButton

BUTTONS: tuple[type[PersistentButton], ...] = (
    AgainButton,
    EditButton,
    VariationsButton,
    UpscaleButton,
    FullSizeButton,
    DetailsButton,
    DeleteButton,
    CancelButton,
)
"""Every button that the client must know when it starts."""

_ABOVE, _BELOW = 0, 1


def outcome_buttons(job: Job, *, painted: bool = True) -> ui.View:
    """The buttons below the outcome of a job.

    Args:
        job: whose outcome it is.
        painted: whether it shows pictures, not why there are none.
    """
    view = ui.View(timeout=None)
    for button in _with_pictures(job) if painted else _without(job):
        view.add_item(button)
    view.stop()  # discord.py would keep it for as long as it runs; `BUTTONS` are known to it anyway
    return view


def carries(message: discord.Message, job: Job) -> bool:
    """Whether the message has the buttons of this job's outcome."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    ids = {AgainButton(job.id).custom_id, DeleteButton(job.id).custom_id}  # below every outcome
    return any(getattr(button, "custom_id", None) in ids for row in rows for button in row.children)


def _with_pictures(job: Job) -> list[ui.Item[Any]]:
    larger = upscaled(job)
    label = str(Text("button.upscale_to", {"resolution": larger})) if larger else None
    return [
        AgainButton(job.id, row=_ABOVE),
        EditButton(job.id, row=_ABOVE),
        VariationsButton(job.id, row=_ABOVE),
        *([UpscaleButton(job.id, label=label, row=_ABOVE)] if larger else []),
        FullSizeButton(job.id, row=_BELOW),
        DetailsButton(job.id, row=_BELOW),
        DeleteButton(job.id, row=_BELOW),
    ]


def _without(job: Job) -> list[ui.Item[Any]]:
    return [AgainButton(job.id), EditButton(job.id), DetailsButton(job.id), DeleteButton(job.id)]
