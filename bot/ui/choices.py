"""Suggestions for the options of commands, which depend on the model that is chosen so far."""

from collections.abc import Sequence

from discord import app_commands

from bot.toapis.catalog import Model
from bot.toapis.typed import DEFAULT_MODEL
from bot.toapis.words import find_model
from bot.ui.interactions import services_of
from bot.ui.places import Interaction


async def model_so_far(interaction: Interaction) -> Model:
    """The model in the option `model`, or else the person's usual one."""
    chosen = find_model(interaction.namespace.model or "")
    if chosen is not None:
        return chosen
    usual = (await services_of(interaction).preferences.of(interaction.user.id)).model
    return find_model(usual or "") or DEFAULT_MODEL


def as_choices(suggestions: Sequence[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Labels with their values, as Discord shows them."""
    return [app_commands.Choice(name=label, value=value) for label, value in suggestions]
