"""The question which of several pictures is meant: it shows them, so that its own buttons need nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.order import Reference
from bot.texts import Text
from bot.ui.buttons.job_button import ALL, JobButton
from bot.ui.deadlines import in_good_time
from bot.ui.interactions import answer_privately, services_of
from bot.ui.pictures import pictures_of
from bot.ui.places import Interaction
from bot.ui.posted import is_deleted

_IN_A_ROW = 5  # buttons; source: Discord's API documentation, "Component Reference"


async def chosen(
    interaction: Interaction, button: JobButton, job: Job, *, several: bool = False
) -> Sequence[Reference] | None:
    """The pictures that a press is about; None: there are several, and the person was asked which one is meant.

    Args:
        interaction: the press.
        button: that was pressed, below the outcome or the question.
        job: whose outcome it is.
        several: whether it may be all of them, too.

    Raises:
        Refusal: the picture is no longer there.
    """
    now = services_of(interaction).clock.now()
    pictures = pictures_of(interaction.message, job, now) if interaction.message else ()
    if button.number is None:
        if len(pictures) > 1:
            await answer_privately(interaction, view=_which_one(button, job, pictures, several=several))
            return None
        return pictures
    if several and button.number == ALL:
        picked = pictures
    else:
        picked = tuple(
            replace(picture, position=0, name="image1")
            for number, picture in enumerate(pictures, start=1)
            if number == button.number
        )
    looking = _are_gone(interaction.client, job, picked)
    if await in_good_time(interaction, looking, lambda: button.hold(interaction)):
        raise Refusal(Text("button.no_picture"))
    return picked


def _which_one(button: JobButton, job: Job, pictures: Sequence[Reference], *, several: bool) -> ui.LayoutView:
    """The pictures of an outcome, and a button for each."""
    shown = [discord.MediaGalleryItem(picture.source_url, spoiler=job.spoiler) for picture in pictures]
    buttons = [type(button)(job.id, number, label=str(number)) for number in range(1, len(pictures) + 1)]
    if several:
        buttons.append(type(button)(job.id, ALL, label=str(Text("button.all"))))
    layout = ui.LayoutView(timeout=None)
    layout.add_item(ui.TextDisplay(str(Text("button.which")))).add_item(ui.MediaGallery(*shown))
    for first in range(0, len(buttons), _IN_A_ROW):
        layout.add_item(ui.ActionRow[Any](*buttons[first : first + _IN_A_ROW]))
    layout.stop()  # as the outcome's own buttons
    return layout


async def _are_gone(client: discord.Client, job: Job, pictures: Sequence[Reference]) -> bool:
    """Whether a picture can be had neither from the gateway nor from the outcome, which was deleted meanwhile."""
    if not pictures:
        return True
    if all(picture.uploaded_url for picture in pictures):
        return False
    return job.deleted_at is not None or await is_deleted(client, job)
