"""Buttons that make a new request: the same once more, or one that goes on from a picture."""

from dataclasses import replace

from discord import ButtonStyle
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.order import Order
from bot.texts import Text
from bot.toapis.catalog import BY_ID, MAX_COUNT, next_resolution
from bot.toapis.schema import ImageRequest
from bot.ui.acceptance import take
from bot.ui.buttons.choosing import which_one
from bot.ui.buttons.job_button import JobButton
from bot.ui.interactions import answer_privately, services_of
from bot.ui.pictures import pictures_of
from bot.ui.places import Interaction, place_of


class AgainButton(JobButton, verb="again", style=ButtonStyle.primary):
    """Paints the same request once more."""

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Accept the same request again, seen by whoever sees this one."""
        private = self.is_private(interaction, job)
        place = place_of(interaction, private=private)
        await take(interaction, services_of(interaction).engine.again(job.id, place), private=private)


class PictureButton(JobButton):
    """Goes on from one picture of the outcome; where there are several, asks for which."""

    def request(self, job: Job) -> ImageRequest:
        """What is to be painted.

        Raises:
            Refusal: it cannot be done with this job.
        """
        raise NotImplementedError

    @override
    async def press(self, interaction: Interaction, job: Job) -> None:
        """Accept the request with the picture as its only reference, or ask which picture is meant."""
        services = services_of(interaction)
        request = self.request(job)
        pictures = pictures_of(interaction.message, job, services.clock.now()) if interaction.message else ()
        if self.number is None and len(pictures) > 1:
            buttons = [type(self)(job.id, number, label=str(number)) for number in range(1, len(pictures) + 1)]
            await answer_privately(interaction, view=which_one(job, pictures, buttons))
            return
        number = self.number or 1
        if number > len(pictures):
            raise Refusal(Text("button.no_picture"))
        private = self.is_private(interaction, job)
        order = Order(
            place=place_of(interaction, private=private),
            request=request,
            references=(replace(pictures[number - 1], position=0, name="image1"),),
            parent=job.id,
            spoiler=job.spoiler,
        )
        await take(interaction, services.engine.accept(order), private=private)


class VariationsButton(PictureButton, verb="variations"):
    """Paints as many pictures as can be had at once, from this one and the same words."""

    @override
    def request(self, job: Job) -> ImageRequest:
        """The same request for the most pictures."""
        return replace(job.settled_request, count=MAX_COUNT)


class UpscaleButton(PictureButton, verb="upscale"):
    """Paints the picture once more at the model's next resolution."""

    @override
    def request(self, job: Job) -> ImageRequest:
        """The same request at the next resolution."""
        resolution = upscaled(job)
        if resolution is None:
            raise Refusal(Text("button.largest"))
        return replace(job.settled_request, count=1, resolution=resolution)


def upscaled(job: Job) -> str | None:
    """The resolution that comes after that of the job, if its model has one."""
    model = BY_ID.get(job.request.model)
    return next_resolution(model, job.request.resolution) if model else None
