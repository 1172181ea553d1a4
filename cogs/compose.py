"""`/compose`: the form for long prompts and many pictures; and every form that is sent, whoever opened it and when."""

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import Refusal
from bot.jobs.preferences import PreferenceStore
from bot.texts import Text
from bot.toapis.catalog import MAX_COUNT
from bot.toapis.check import fitting
from bot.toapis.flags import LONGEST_LIST, Flagged, joined, read_list
from bot.toapis.suggestions import further_suggestions
from bot.ui import render
from bot.ui.choices import as_choices, model_so_far
from bot.ui.commands import described
from bot.ui.composing import sent_form
from bot.ui.drafts import ReopenButton, new_draft
from bot.ui.forms import in_time, open_form
from bot.ui.interactions import NOTHING, Extras, answering, report_error
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot


class Compose(commands.Cog):
    """What `/compose` means."""

    def __init__(self, preferences: PreferenceStore) -> None:
        self._preferences = preferences

    @described
    @app_commands.command()
    async def compose(
        self,
        interaction: Interaction,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        private: bool | None = None,
        spoiler: bool | None = None,
        more: app_commands.Range[str, 1, LONGEST_LIST] | None = None,
    ) -> None:
        """Open the form."""
        chosen = Flagged(words="", count=count, private=private, spoiler=spoiler)
        said = joined(chosen, read_list(more or ""))
        preferences = await in_time(interaction, self._preferences.of(interaction.user.id))
        request, problems = fitting(said.typed(), preferences.usual)
        if said.problems or problems:
            written = Extras(line=render.sentence(Text("form.written", {"more": more or ""}))) if more else NOTHING
            await report_error(interaction, Refusal(*said.problems, *problems), written)
            return
        draft = new_draft(
            interaction,
            request,
            private=bool(preferences.private if said.private is None else said.private),
            spoiler=bool(said.spoiler),
        )
        await open_form(interaction, draft)

    @compose.autocomplete("more")
    async def suggest_more(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """What else the person's usual model can do."""
        suggestions = further_suggestions(await model_so_far(interaction), typed)
        return as_choices([(value, value) for value in suggestions])

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take every form that is sent."""
        if interaction.type is discord.InteractionType.modal_submit:
            async with answering(interaction):
                await sent_form(interaction)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    bot.add_dynamic_items(ReopenButton)
    await bot.add_cog(Compose(cast("EaselBot", bot).services.preferences))
