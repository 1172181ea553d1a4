"""`/imagine`: pictures from words, and from up to four reference pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal
from bot.jobs.engine import Engine
from bot.jobs.job import Order, Reference
from bot.jobs.store import Accepted
from bot.media import SOURCE_BYTES
from bot.texts import Text
from bot.toapis.catalog import MAX_COUNT, MODELS, NANO_BANANA_2
from bot.toapis.check import check
from bot.toapis.schema import ImageRequest
from bot.toapis.words import find_model, find_ratio, find_resolution, ratio_suggestions, resolution_suggestions
from bot.ui.acceptance import take
from bot.ui.places import Interaction, place_of

if TYPE_CHECKING:
    from bot.client import EaselBot

DEFAULT_MODEL = NANO_BANANA_2
_UNKNOWN_TYPE = "application/octet-stream"  # of a file whose name says nothing; its bytes may

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
        model: str = DEFAULT_MODEL.id,
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
        request = _request(prompt, model, ratio, resolution, count)
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
        problems = (*check(request, len(attachments)), *_attachment_problems(attachments))
        if problems:
            raise Refusal(*problems)
        references = tuple(
            Reference(
                position=position,
                name=name,
                source_url=attachment.url,
                filename=attachment.filename,
                size=attachment.size,
            )
            for position, (name, attachment) in enumerate(attachments.items())
        )
        place = place_of(interaction, private=private)
        return await self._engine.accept(Order(place=place, request=request, references=references))


def _request(prompt: str, model_id: str, ratio: str | None, resolution: str | None, count: int) -> ImageRequest:
    """What was typed, in the gateway's words where it is understood; what is not is left for the check to name."""
    model = find_model(model_id) or DEFAULT_MODEL
    return ImageRequest(
        model=model_id,
        prompt=prompt.strip(),
        size=ratio and (find_ratio(model, ratio) or ratio),
        resolution=resolution and (find_resolution(model, resolution) or resolution),
        count=count,
    )


def _attachment_problems(attachments: dict[str, discord.Attachment]) -> Sequence[Text]:
    """What can be told from what Discord says of the files, before any is fetched."""
    problems: list[Text] = []
    for name, attachment in attachments.items():
        if attachment.size > SOURCE_BYTES:
            limit = f"{SOURCE_BYTES // 1024 // 1024} MiB"
            problems.append(Text("download.too_large", {"name": name, "limit": limit}))
        kind = attachment.content_type or _UNKNOWN_TYPE
        if not kind.startswith("image/") and kind != _UNKNOWN_TYPE:
            problems.append(Text("image.not_an_image", {"name": name}))
    return problems


def _choices(suggestions: Sequence[tuple[str, str]]) -> _Choices:
    return [app_commands.Choice(name=label, value=value) for label, value in suggestions]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Imagine(cast("EaselBot", bot).services.engine))
