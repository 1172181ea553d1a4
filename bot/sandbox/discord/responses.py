"""What the bot says through an interaction: where it goes, who sees it, how large its files may be."""

from typing import Any

from aiohttp import web

from bot.sandbox.discord.conversation import (
    COMMAND,
    CONTEXT_MENU_RESPONSE,
    EPHEMERAL,
    SLASH_COMMAND,
    SLASH_RESPONSE,
    Interaction,
)
from bot.sandbox.discord.permissions import Permission, channel_permissions
from bot.sandbox.discord.posting import Setting, Upload
from bot.sandbox.discord.refusals import Path
from bot.sandbox.faults import received

IN_BOT_DM = 1  # the interaction context of the bot's own direct channel


def is_private(interaction: Interaction, flags: Any) -> bool:
    """Whether an answer with these flags is seen by the person alone.

    In a server that an app is not installed in, it is so unless the person may use external apps openly.
    """
    if isinstance(flags, int) and flags & EPHEMERAL:
        return True
    if interaction.guild is None or "0" in interaction.owners:
        return False
    return not channel_permissions(interaction.channel, interaction.user) & Permission.USE_EXTERNAL_APPS


def setting_of(interaction: Interaction, *, private: bool) -> Setting:
    """What surrounds a message that answers an interaction."""
    is_menu = interaction.type == COMMAND and interaction.data.get("type", SLASH_COMMAND) != SLASH_COMMAND
    return Setting(
        channel=interaction.channel,
        interaction=interaction,
        visible_to=interaction.user if private else None,
        type=CONTEXT_MENU_RESPONSE if is_menu else SLASH_RESPONSE,
    )


def upload_of(request: web.Request, interaction: Interaction, fields: Any, path: Path = ()) -> Upload:
    """The message form of a request that answers an interaction."""
    return Upload(fields=fields, files=received(request).files, limit=interaction.attachment_size_limit, path=path)


def followups_are_limited(interaction: Interaction) -> bool:
    """Whether five follow-ups are all there may be: the app was installed by the person, not in the server."""
    return "0" not in interaction.owners and interaction.context != IN_BOT_DM
