"""Where an interaction came from, and which ways lead back there."""

from typing import TypeAlias

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.errors import Refusal
from bot.jobs.order import Origin, Place, Route
from bot.texts import Text

Interaction: TypeAlias = discord.Interaction[discord.Client]

TOKEN_LIFETIME = 15 * 60  # seconds; source: Discord's API documentation, "Receiving and Responding"


def place_of(interaction: Interaction, *, private: bool) -> Place:
    """The place of this interaction.

    Args:
        interaction: a command or a click.
        private: whether only the person may see what comes of it.

    Raises:
        Refusal: it comes from a kind of channel that discord.py does not know.
    """
    if interaction.channel_id is None:
        raise Refusal(Text("ui.place_unknown"))
    postable = not private and may_post(interaction)
    return Place(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        interaction_id=interaction.id,
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=interaction.created_at.timestamp() + TOKEN_LIFETIME,
        private=private,
        route=Route.CHANNEL if postable else Route.RESPONSE,
        channel_limit=interaction.guild.filesize_limit if interaction.guild else DEFAULT_FILE_SIZE_LIMIT_BYTES,
        response_limit=interaction.filesize_limit,
    )


def place_of_message(message: discord.Message, application_id: int) -> Place:
    """The place of a request in words. It has no token; what answers it are ordinary messages."""
    limit = message.guild.filesize_limit if message.guild else DEFAULT_FILE_SIZE_LIMIT_BYTES
    return Place(
        user_id=message.author.id,
        guild_id=message.guild.id if message.guild else None,
        channel_id=message.channel.id,
        interaction_id=message.id,
        application_id=application_id,
        token=None,
        token_expires_at=message.created_at.timestamp(),
        private=False,
        route=Route.CHANNEL,
        channel_limit=limit,
        response_limit=limit,
        origin=Origin.MESSAGE,
    )


def may_post(interaction: Interaction) -> bool:
    """Whether the bot may post an ordinary message with files where this interaction came from."""
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    if interaction.client.get_guild(interaction.guild_id) is None:
        return False  # Discord names to a bot exactly the guilds that it is in; this one has it as a user's app
    granted = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    may_send = granted.send_messages_in_threads if in_thread else granted.send_messages
    return granted.view_channel and may_send and granted.attach_files
