"""`/imagine`: pictures from words, and from up to four reference pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal
from bot.jobs.engine import Engine
from bot.jobs.order import Order, Reference, Role
from bot.jobs.preferences import Preferences
from bot.jobs.store import Accepted
from bot.texts import Text
from bot.toapis.catalog import MAX_COUNT, MODELS
from bot.toapis.check import check
from bot.toapis.flags import LONGEST_LIST, Flagged, joined, read_flags, read_list
from bot.toapis.suggestions import further_suggestions, ratio_or_auto_suggestions
from bot.toapis.typed import Usual
from bot.toapis.words import find_ratio, resolution_suggestions
from bot.ui.acceptance import take_as_usual
from bot.ui.choices import as_choices, model_so_far
from bot.ui.commands import described
from bot.ui.drafts import keep_for_later, new_draft
from bot.ui.interactions import Extras
from bot.ui.leaving_out import without_refused
from bot.ui.pictures import as_reference, attachment_problems, mask_problems
from bot.ui.places import Interaction, place_of

if TYPE_CHECKING:
    from bot.client import EaselBot

_Choices: TypeAlias = list[app_commands.Choice[str]]


@dataclass(frozen=True, kw_only=True)
class _Files:
    """What was attached: pictures by what people call them, and perhaps a mask."""

    pictures: Mapping[str, discord.Attachment]
    mask: discord.Attachment | None

    @property
    def problems(self) -> Sequence[Text]:
        """What can be told to be wrong with them before they are fetched."""
        return [*attachment_problems(self.pictures), *(mask_problems(self.mask, self.pictures) if self.mask else ())]

    @property
    def sound(self) -> "_Files":
        """Those of which nothing is wrong; a mask goes with its picture, the first."""
        pictures = {name: file for name, file in self.pictures.items() if not attachment_problems({name: file})}
        fits = self.mask is not None and not mask_problems(self.mask, self.pictures)
        belongs = bool(pictures) and [*pictures][:1] == [*self.pictures][:1]
        return _Files(pictures=pictures, mask=self.mask if fits and belongs else None)

    @property
    def references(self) -> tuple[Reference, ...]:
        """All of them, in order."""
        named = [*self.pictures.items(), *([("mask", self.mask)] if self.mask else ())]
        return tuple(
            as_reference(file, position, name, Role.MASK if file is self.mask else Role.PICTURE)
            for position, (name, file) in enumerate(named)
        )


class Imagine(commands.Cog):
    """What `/imagine` means."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @described
    @app_commands.command()
    @app_commands.choices(model=[app_commands.Choice(name=model.name, value=model.id) for model in MODELS])
    async def imagine(  # noqa: PLR0913, PLR0917 - one parameter per option of the command
        self,
        interaction: Interaction,
        prompt: str,
        model: str | None = None,
        ratio: str | None = None,
        resolution: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        private: bool | None = None,
        spoiler: bool | None = None,
        mask: discord.Attachment | None = None,
        more: app_commands.Range[str, 1, LONGEST_LIST] | None = None,
    ) -> None:
        """Take a request for pictures."""
        chosen = Flagged(
            words="", model=model, ratio=ratio, resolution=resolution, count=count, spoiler=spoiler, private=private
        )
        said = joined(chosen, read_list(more or ""), read_flags(prompt))
        pictures = {
            f"image{number}": attachment
            for number, attachment in enumerate((image1, image2, image3, image4), start=1)
            if attachment is not None
        }

        files = _Files(pictures=pictures, mask=mask)

        async def decide(preferences: Preferences, private: bool) -> Accepted:
            return await self._accept(interaction, said, files, preferences.usual, private=private)

        async def regain(preferences: Preferences, private: bool, error: Exception) -> Extras:
            request, hidden = said.typed().request(preferences.usual), _hidden(said, files)
            draft = new_draft(interaction, request, files.sound.references, private=private, spoiler=hidden)
            draft, told = without_refused(draft, request, error, said.problems)
            mask_lost = files.mask is not None and files.sound.mask is None
            mask_told = [Text("form.left_out_mask")] if mask_lost else []
            return await keep_for_later(interaction, draft, [*told, *mask_told])

        await take_as_usual(interaction, decide, private=said.private, regain=regain)

    @imagine.autocomplete("ratio")
    async def suggest_ratio(self, interaction: Interaction, typed: str) -> _Choices:
        """The ratios of the model that is chosen so far."""
        return as_choices(ratio_or_auto_suggestions(await model_so_far(interaction), typed))

    @imagine.autocomplete("resolution")
    async def suggest_resolution(self, interaction: Interaction, typed: str) -> _Choices:
        """The resolutions of the model that is chosen so far, with the pixels they give."""
        model = await model_so_far(interaction)
        ratio = find_ratio(model, interaction.namespace.ratio or "")
        return as_choices(resolution_suggestions(model, typed, ratio))

    @imagine.autocomplete("more")
    async def suggest_more(self, interaction: Interaction, typed: str) -> _Choices:
        """What else the model that is chosen so far can do."""
        return as_choices([(value, value) for value in further_suggestions(await model_so_far(interaction), typed)])

    async def _accept(
        self, interaction: Interaction, said: Flagged, files: _Files, usual: Usual, *, private: bool
    ) -> Accepted:
        request = said.typed().request(usual)
        problems = [
            *said.problems,
            *check(request, len(files.pictures), mask=files.mask is not None),
            *files.problems,
        ]
        if problems:
            raise Refusal(*problems)
        place = place_of(interaction, private=private)
        return await self._engine.accept(
            Order(place=place, request=request, references=files.references, spoiler=_hidden(said, files))
        )


def _hidden(said: Flagged, files: _Files) -> bool:
    return bool(said.spoiler) or any(file.is_spoiler() for file in (*files.pictures.values(), files.mask) if file)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Imagine(cast("EaselBot", bot).services.engine))
