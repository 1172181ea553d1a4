"""What the buttons below an outcome have in common: they carry a job's id, and what a client sends is not believed."""

import re
from typing import Any, ClassVar, Self

import discord
from discord import ui
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.texts import Text
from bot.ui.deadlines import in_good_time
from bot.ui.going_on import job_just_posted_in
from bot.ui.interactions import defer, services_of
from bot.ui.persistent_button import NOTHING, PersistentButton
from bot.ui.places import Interaction

_JOB = r"(?P<job>[^:]{1,80})"  # whatever is in there: a person whose button is no good is told so
_NUMBER = r"(?P<number>0|[1-9]\d?)"

ALL = 0
"""The number of a button that is about every picture, where it was asked which."""


class JobButton(PersistentButton, template=NOTHING):
    """A button whose custom_id is `<verb>:<job>`, or `<verb>:<job>:<number>` for one of the outcome's pictures.

    It works for whoever presses it.

    Args:
        job_id: whose outcome it is about.
        number: the picture that it is about, from 1, or `ALL`, once it was asked which; None: it was not asked yet.
        label: what it says, if not the words of its verb.
        row: where it stands.
    """

    verb: ClassVar[str]
    style: ClassVar[discord.ButtonStyle]

    def __init_subclass__(
        cls, *, verb: str | None = None, style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        """Name the verb; without one, the class is a base for others."""
        super().__init_subclass__(template=f"{verb}:{_JOB}(?::{_NUMBER})?" if verb else NOTHING)
        if verb:
            cls.verb, cls.style = verb, style

    def __init__(
        self, job_id: str, number: int | None = None, *, label: str | None = None, row: int | None = None
    ) -> None:
        custom_id = f"{self.verb}:{job_id}" if number is None else f"{self.verb}:{job_id}:{number}"
        super().__init__(label or Text(f"button.{self.verb}"), custom_id, self.style, row=row)
        self.job_id = job_id
        self.number = number

    @classmethod
    @override
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """The button that was pressed."""
        label = item.label if isinstance(item, ui.Button) else None
        return cls(match["job"], int(match["number"]) if match["number"] else None, label=label)

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Look the job up, check that the button is where it belongs, and do what it says."""
        job = await in_good_time(interaction, self._job(interaction), lambda: self.hold(interaction))
        await self.press(interaction, job)

    async def hold(self, interaction: Interaction) -> None:
        """Acknowledge a press about which nothing is known in time."""
        await defer(interaction, private=True)

    async def press(self, interaction: Interaction, job: Job) -> None:
        """Do what the button says, for whoever pressed it."""
        raise NotImplementedError

    async def is_private(self, interaction: Interaction, job: Job) -> bool:
        """Whether what comes of a press is for this person alone: below a private outcome, or as usual for them."""
        asked = self.number is not None  # the question for the picture is always private
        shown_to_one = not asked and interaction.message is not None and interaction.message.flags.ephemeral
        if job.place.private or shown_to_one:
            return True
        usual = services_of(interaction).preferences.of(interaction.user.id)
        return bool((await in_good_time(interaction, usual, lambda: self.hold(interaction))).private)

    async def _job(self, interaction: Interaction) -> Job:
        job = await services_of(interaction).engine.job(self.job_id)
        if job is None:
            raise Refusal(Text("job.unknown"))
        is_owner = interaction.user.id == job.place.user_id
        shown_at = self._shown_at(interaction)
        if job.message_id:
            belongs = shown_at == job.message_id
        else:
            # Nobody knows which message carries the outcome; but what shows another one is known.
            belongs = is_owner and not await _shows_another(interaction, shown_at, job)
        belongs = belongs or _is_fresh(interaction, job)
        if not belongs or (job.place.private and not is_owner):
            raise Refusal(Text("button.elsewhere"))
        return job

    def _shown_at(self, interaction: Interaction) -> int | None:
        """The message with the outcome: this one, or the one whose button asked which picture is meant."""
        message = interaction.message
        if message is None or self.number is None:
            return message.id if message else None
        pressed = message.interaction_metadata
        return pressed.interacted_message_id if pressed else None


async def _shows_another(interaction: Interaction, message_id: int | None, job: Job) -> bool:
    if message_id is None:
        return False
    records = services_of(interaction).records
    shown = await records.job_of_message(message_id) or await records.job_answered_by(message_id)
    return shown is not None and shown.id != job.id


def _is_fresh(interaction: Interaction, job: Job) -> bool:
    """Whether the message shows what this job painted, a moment before that is written down."""
    message = interaction.message
    return job.message_id is None and message is not None and job_just_posted_in(interaction.client, message) == job.id
