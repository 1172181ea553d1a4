"""The buttons below an outcome. They carry the job's id, so that they work for as long as their message exists."""

import re
from contextlib import suppress
from typing import Self

import discord
from discord import ui
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.store import Accepted
from bot.texts import Text
from bot.ui.acceptance import take
from bot.ui.interactions import answering, services_of
from bot.ui.places import Interaction, place_of

_JOB = r"(?P<job>[^:]{1,80})"  # whatever is in there: a person whose button is no good is told so


class AgainButton(ui.DynamicItem[ui.Button[ui.View]], template=f"again:{_JOB}"):
    """Paints the same request once more, for whoever presses it."""

    def __init__(self, job_id: str) -> None:
        label = str(Text("ui.button_again"))
        super().__init__(ui.Button(label=label, custom_id=f"again:{job_id}", style=discord.ButtonStyle.primary))
        self.job_id = job_id

    @classmethod
    @override
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[ui.View], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        return cls(match["job"])

    @override
    async def callback(self, interaction: Interaction) -> None:
        """Accept the same request again, seen by whoever sees this one."""
        async with answering(interaction):
            private = bool(interaction.message and interaction.message.flags.ephemeral)
            await take(interaction, self._accept(interaction, private=private), private=private)

    async def _accept(self, interaction: Interaction, *, private: bool) -> Accepted:
        job = await _job_of(interaction, self.job_id)
        return await services_of(interaction).engine.again(job.id, place_of(interaction, private=private))


class DeleteButton(ui.DynamicItem[ui.Button[ui.View]], template=f"delete:{_JOB}"):
    """Takes the outcome away, for its owner and for those who may manage messages."""

    def __init__(self, job_id: str) -> None:
        label = str(Text("ui.button_delete"))
        super().__init__(ui.Button(label=label, custom_id=f"delete:{job_id}", style=discord.ButtonStyle.secondary))
        self.job_id = job_id

    @classmethod
    @override
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[ui.View], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        return cls(match["job"])

    @override
    async def callback(self, interaction: Interaction) -> None:
        """Delete the message that carries the button."""
        async with answering(interaction):
            await interaction.response.defer()  # shows nothing, so that it may come before the decision
            job = await _job_of(interaction, self.job_id)
            if interaction.user.id != job.place.user_id and not interaction.permissions.manage_messages:
                raise Refusal(Text("ui.not_yours"))
            with suppress(discord.NotFound):  # someone else was faster
                await interaction.delete_original_response()
            await services_of(interaction).engine.outcome_deleted(job.id)


BUTTONS = (AgainButton, DeleteButton)
"""Every button that the client must know when it starts."""


def outcome_buttons(job: Job) -> ui.View:
    """The row below the outcome of a job."""
    return ui.View(timeout=None).add_item(AgainButton(job.id)).add_item(DeleteButton(job.id))


def carries(message: discord.Message, job: Job) -> bool:
    """Whether the message has the buttons of this job."""
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    ids = {AgainButton(job.id).custom_id, DeleteButton(job.id).custom_id}
    return any(getattr(button, "custom_id", None) in ids for row in rows for button in row.children)


async def _job_of(interaction: Interaction, job_id: str) -> Job:
    """The job that a button names, if it is on that job's message; what a client sends may be forged."""
    job = await services_of(interaction).engine.job(job_id)
    if job is None:
        raise Refusal(Text("job.unknown"))
    if job.message_id is not None and interaction.message and interaction.message.id != job.message_id:
        raise Refusal(Text("ui.button_elsewhere"))
    return job
