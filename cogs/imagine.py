"""`/imagine`: pictures from words, and from up to four reference pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal
from bot.jobs.engine import Engine
from bot.jobs.job import Order
from bot.jobs.store import Accepted
from bot.toapis.catalog import MAX_COUNT, MODELS
from bot.toapis.check import check
from bot.toapis.schema import ImageRequest
from bot.toapis.typed import DEFAULT_MODEL, Typed, Usual
from bot.toapis.words import find_model, find_ratio, ratio_suggestions, resolution_suggestions
from bot.ui.acceptance import take
from bot.ui.pictures import as_reference, attachment_problems
from bot.ui.places import Interaction, place_of

if TYPE_CHECKING:
    from bot.client import EaselBot

_Choices = list[app_commands.Choice[str]]


class Imagine(commands.Cog):
    """What `/imagine` means."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @app_commands.command()
    @app_commands.choices(model=[app_commands.Choice(name=model.name, value=model.id) for model in MODELS])
    async def imagine(  # noqa: PLR0913, PLR0917 - one parameter per option of the command
        self,
        interaction: Interaction,
        prompt: str,
        model: str | None = None,
        ratio: str | None = None,
        resolution: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        private: bool = False,
    ) -> None:
        """Paint pictures from your words.

        Args:
            interaction: the use of the command.
            prompt: What you would like to see.
            model: Who paints; Nano Banana 2 if you leave it empty.
            ratio: The shape, such as 16:9 or "widescreen".
            resolution: The size, such as 2K.
            count: How many pictures.
            image1: A picture to work from.
            image2: Another picture to work from.
            image3: Another picture to work from.
            image4: Another picture to work from.
            private: Show progress and pictures only to you.
        """
        typed = Typed(prompt=prompt, model=model, ratio=ratio, resolution=resolution, count=count)
        request = typed.request(Usual())
        attachments = {
            f"image{number}": attachment
            for number, attachment in enumerate((image1, image2, image3, image4), start=1)
            if attachment is not None
        }
        await take(interaction, self._accept(interaction, request, attachments, private=private), private=private)

    @imagine.autocomplete("ratio")
    async def suggest_ratio(self, interaction: Interaction, typed: str) -> _Choices:
        """The ratios of the model that is chosen so far."""
        model = find_model(interaction.namespace.model or "") or DEFAULT_MODEL
        return _choices(ratio_suggestions(model, typed))

    @imagine.autocomplete("resolution")
    async def suggest_resolution(self, interaction: Interaction, typed: str) -> _Choices:
        """The resolutions of the model that is chosen so far, with the pixels they give."""
        model = find_model(interaction.namespace.model or "") or DEFAULT_MODEL
        ratio = find_ratio(model, interaction.namespace.ratio or "")
        return _choices(resolution_suggestions(model, typed, ratio))

    async def _accept(
        self,
        interaction: Interaction,
        request: ImageRequest,
        attachments: dict[str, discord.Attachment],
        *,
        private: bool,
    ) -> Accepted:
        problems = (*check(request, len(attachments)), *attachment_problems(attachments))
        if problems:
            raise Refusal(*problems)
        references = tuple(
            as_reference(attachment, position, name) for position, (name, attachment) in enumerate(attachments.items())
        )
        place = place_of(interaction, private=private)
        return await self._engine.accept(Order(place=place, request=request, references=references))


def _choices(suggestions: Sequence[tuple[str, str]]) -> _Choices:
    return [app_commands.Choice(name=label, value=value) for label, value in suggestions]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Imagine(cast("EaselBot", bot).services.engine))
