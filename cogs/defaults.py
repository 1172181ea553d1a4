"""`/defaults`: what a person usually wants, for where they do not say."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal
from bot.jobs.preferences import Preferences, PreferenceStore
from bot.toapis.catalog import MODELS
from bot.toapis.check import check
from bot.toapis.suggestions import ratio_or_auto_suggestions
from bot.toapis.typed import Typed, Usual
from bot.toapis.words import find_ratio, resolution_suggestions
from bot.ui.choices import as_choices, model_so_far
from bot.ui.commands import described
from bot.ui.deadlines import in_good_time
from bot.ui.defaults_panel import defaults
from bot.ui.interactions import say_privately
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot

_ANY_PROMPT = "x"


class Defaults(commands.Cog):
    """What `/defaults` means."""

    def __init__(self, preferences: PreferenceStore) -> None:
        self._preferences = preferences

    @described
    @app_commands.command()
    @app_commands.choices(model=[app_commands.Choice(name=model.name, value=model.id) for model in MODELS])
    async def defaults(  # noqa: PLR0913, PLR0917 - one parameter per option of the command
        self,
        interaction: Interaction,
        model: str | None = None,
        ratio: str | None = None,
        resolution: str | None = None,
        private: bool | None = None,
        clear: bool = False,
    ) -> None:
        """Change someone's usual choices as they say, and tell them."""
        typed = Typed(prompt=_ANY_PROMPT, model=model, ratio=ratio, resolution=resolution)
        change = _change(typed, private=private, clear=clear)
        present = await in_good_time(interaction, self._preferences.change(interaction.user.id, change))
        await say_privately(interaction, defaults(present))

    @defaults.autocomplete("ratio")
    async def suggest_ratio(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The ratios of the model that is chosen so far."""
        return as_choices(ratio_or_auto_suggestions(await model_so_far(interaction), typed))

    @defaults.autocomplete("resolution")
    async def suggest_resolution(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The resolutions of the model that is chosen so far, with the pixels they give."""
        model = await model_so_far(interaction)
        ratio = find_ratio(model, interaction.namespace.ratio or "")
        return as_choices(resolution_suggestions(model, typed, ratio))


def _change(typed: Typed, *, private: bool | None, clear: bool) -> Callable[[Preferences], Preferences]:
    """What becomes of someone's choices. The function raises `Refusal` for what their model cannot do."""

    def changed(before: Preferences) -> Preferences:
        kept = Preferences() if clear else before
        request = typed.request(Usual(model=kept.model))
        if problems := check(request, 0):
            raise Refusal(*problems)
        return replace(
            kept,
            model=kept.model if typed.model is None else request.model,
            ratio=kept.ratio if typed.ratio is None else request.size,
            resolution=kept.resolution if typed.resolution is None else request.resolution,
            private=kept.private if private is None else private,
        )

    return changed


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Defaults(cast("EaselBot", bot).services.preferences))
