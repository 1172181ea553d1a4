"""“Edit with Easel” in a message's menu: the form, with the pictures of that message to work from."""

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands
from typing_extensions import override

from bot.errors import Refusal
from bot.jobs.job import Job
from bot.jobs.preferences import Preferences
from bot.services import Services
from bot.texts import Text
from bot.toapis.typed import Typed
from bot.ui.drafts import new_draft
from bot.ui.forms import MOST_PICTURES, in_time, open_form
from bot.ui.going_on import job_shown_in, usual_after
from bot.ui.pictures import is_spoiler, pictures_of
from bot.ui.places import Interaction

if TYPE_CHECKING:
    from bot.client import EaselBot


class EditMenu(commands.Cog):
    """What “Edit with Easel” means.

    Discord hands the message over whole, whoever wrote it, wherever it is and whatever the bot's intents are.
    """

    def __init__(self, services: Services, tree: app_commands.CommandTree[discord.Client]) -> None:
        self._services = services
        self._tree = tree
        self._menu = app_commands.ContextMenu(name=str(Text("menu.edit")), callback=self._edit)

    @override
    async def cog_load(self) -> None:
        self._tree.add_command(self._menu)

    @override
    async def cog_unload(self) -> None:
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def _edit(self, interaction: Interaction, message: discord.Message) -> None:
        job, preferences = await in_time(interaction, self._known(interaction, message))
        pictures = pictures_of(message, job, self._services.clock.now())
        if not pictures:
            raise Refusal(Text("menu.no_pictures"))
        draft = new_draft(
            interaction,
            Typed(prompt="").request(usual_after(job, preferences)),
            pictures[:MOST_PICTURES],
            parent=job.id if job else None,
            private=message.flags.ephemeral or bool(preferences.private),
            spoiler=is_spoiler(message),
        )
        await open_form(interaction, draft, left_out=len(pictures) - len(draft.references))

    async def _known(self, interaction: Interaction, message: discord.Message) -> tuple[Job | None, Preferences]:
        job = await job_shown_in(interaction.client, self._services, message)
        return job, await self._services.preferences.of(interaction.user.id)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    easel = cast("EaselBot", bot)
    await bot.add_cog(EditMenu(easel.services, easel.tree))
