"""Buttons that make a new request: the same once more, or one that goes on from a picture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from discord import ButtonStyle
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.order import Order, Reference
from bot.jobs.preferences import Preferences
from bot.jobs.records import Lineage
from bot.texts import Text
from bot.toapis.catalog import BY_ID, MAX_COUNT, next_resolution
from bot.toapis.schema import ImageRequest
from bot.toapis.typed import Typed
from bot.ui.acceptance import take
from bot.ui.buttons.choosing import chosen
from bot.ui.buttons.job_button import JobButton
from bot.ui.deadlines import in_good_time
from bot.ui.going_on import usual_after
from bot.ui.interactions import services_of
from bot.ui.places import Interaction, place_of
from bot.ui.refreshing import ReferencesGone, refreshed, take_again

# The words of the job itself would be done again: "make it darker" makes a picture darker that is dark already.
UPSCALE_PROMPT = "The same picture again, unchanged in every detail, at a higher resolution."
"""What a model is told of a picture that is only to become larger."""

_ANCESTORS = 50  # of a chain of requests, those among which the words of a picture are looked for


@dataclass(frozen=True, kw_only=True)
class GoingOn:
    """What is to be painted, and from which references; without any, from one of the outcome's own pictures."""

    request: ImageRequest
    references: tuple[Reference, ...] = ()


class AgainButton(JobButton, verb="again", style=ButtonStyle.primary):
    """Paints the same request once more."""

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Accept the same request again, seen by whoever sees this one, unless that is unusual for this person."""
        await take_again(interaction, job, private=await self.is_private(interaction, job))


class PictureButton(JobButton):
    """Goes on from an outcome."""

    async def going_on(self, interaction: Interaction, job: Job) -> GoingOn:
        """What is to be painted.

        Raises:
            Refusal: it cannot be done with this job.
        """
        raise NotImplementedError

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Accept the request; where it is for one of several pictures, ask for which."""
        services = services_of(interaction)
        wanted = await in_good_time(interaction, self.going_on(interaction, job), lambda: self.hold(interaction))
        references = wanted.references or await chosen(interaction, self, job)
        if references is None:
            return
        if not references:
            raise Refusal(Text("button.no_picture"))
        private = await self.is_private(interaction, job)
        order = Order(
            place=place_of(interaction, private=private),
            request=wanted.request,
            references=tuple(references),
            parent=job.id,
            spoiler=job.spoiler,
        )
        await take(interaction, services.engine.accept(order), private=private)


class VariationsButton(PictureButton, verb="variations"):
    """Paints as many pictures as can be had at once, of the same words; fewer where the person has fewer left."""

    @override
    async def going_on(self, interaction: Interaction, job: Job) -> GoingOn:
        """From this picture, or from what it was made from, so that no change is made to its own result."""
        services = services_of(interaction)
        alone = Lineage(ancestors=(), complete=True)
        left = (await services.engine.usage(interaction.user.id)).left
        lineage = await services.records.lineage(job, _ANCESTORS) if job.pictures else alone
        wanted = varied(job, lineage, max(1, min(MAX_COUNT, left)))  # without any left, the refusal says when
        try:
            return replace(wanted, references=await refreshed(interaction, job, wanted.references))
        except ReferencesGone as error:
            raise Refusal(*(Text("button.reference_gone", {"name": name}) for name in error.names)) from error


class UpscaleButton(PictureButton, verb="upscale"):
    """Paints the picture once more at the model's next resolution."""

    @override
    async def going_on(self, interaction: Interaction, job: Job) -> GoingOn:
        """From this picture alone; nothing of what its job asked for is done again."""
        resolution = upscaled(job)
        if resolution is None:
            raise Refusal(Text("button.largest"))
        larger = Typed(prompt=UPSCALE_PROMPT, resolution=resolution)
        return GoingOn(request=larger.request(usual_after(job, Preferences())))


def upscaled(job: Job) -> str | None:
    """The resolution that comes after that of the job, if its model has one."""
    model = BY_ID.get(job.request.model)
    return next_resolution(model, job.request.resolution) if model else None


def is_upscale(job: Job) -> bool:
    """Whether the job's words are not a person's, but those of the button."""
    return job.request.prompt == UPSCALE_PROMPT


def varied(job: Job, lineage: Lineage, count: int) -> GoingOn:
    """So many pictures of the same words; those of the picture itself, where it has only become larger since."""
    line = [each for each in (job, *reversed(lineage.ancestors)) if not is_upscale(each)] or [job]
    request = replace(line[0].settled_request, count=count, resolution=job.request.resolution)
    return GoingOn(request=request, references=() if _say_all(line) else line[0].references)


def _say_all(line: Sequence[Job]) -> bool:
    """Whether the words of the first job describe a picture, not a change: they were once painted without any."""
    words = line[0].request.prompt
    return any(not each.pictures for each in takewhile(lambda each: each.request.prompt == words, line))
