"""Minting interactions: what INTERACTION_CREATE tells the bot when a person uses it.

Source: Discord's API documentation, "Receiving and Responding" (interaction object, contexts, authorizing owners,
`app_permissions`).
"""

import secrets

from bot.sandbox.discord.conversation import Interaction, Message
from bot.sandbox.discord.entities import Channel, Json, User
from bot.sandbox.discord.message_payloads import message_payload
from bot.sandbox.discord.payloads import channel_payload, member_payload, user_payload
from bot.sandbox.discord.permissions import Permission, channel_permissions
from bot.sandbox.discord.world import World

IN_GUILD, IN_BOT_DIRECT_CHANNEL, IN_PRIVATE_CHANNEL = range(3)  # contexts
GUILD_INSTALL, USER_INSTALL = "0", "1"  # keys of `authorizing_integration_owners`

# What an app that is not a member may do where somebody brings it along.
_AS_GUEST = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE


def context_of(channel: Channel) -> int:
    """Where a channel is, as interactions and commands tell it."""
    if channel.guild is not None:
        return IN_GUILD
    return IN_BOT_DIRECT_CHANNEL if channel.world.application.bot in channel.recipients else IN_PRIVATE_CHANNEL


def owners(channel: Channel, user: User, *, installed_by_user: bool) -> dict[str, str]:
    """Through which installations the app can be used here: `authorizing_integration_owners`; empty if through none."""
    found: dict[str, str] = {}
    bot = channel.world.application.bot
    if channel.guild is not None and bot.id in channel.guild.members:
        found[GUILD_INSTALL] = channel.guild.id
    if context_of(channel) == IN_BOT_DIRECT_CHANNEL:
        found[GUILD_INSTALL] = "0"
    if installed_by_user:
        found[USER_INSTALL] = user.id
    return found


def send_interaction(  # noqa: PLR0913 - one call per kind of use, every argument by name
    world: World,
    *,
    kind: int,
    user: User,
    channel: Channel,
    data: Json,
    authorized_by: dict[str, str],
    message: Message | None = None,
) -> Interaction:
    """Mint an interaction now, make it known to the REST side and send it to the bot.

    Args:
        world: where it happens.
        kind: 2 command, 3 component, 4 autocomplete, 5 modal submit.
        user: who uses the bot.
        channel: where.
        data: the interaction's `data`.
        authorized_by: as `owners` gives it.
        message: the message that carries the component, also for a modal that a component opened.
    """
    guild = channel.guild
    interaction = Interaction(
        id=world.snowflake(),
        token=secrets.token_urlsafe(96),
        type=kind,
        user=user,
        channel=channel,
        guild=guild,
        created_at=world.now(),
        data=data,
        message=message,
        owners=authorized_by,
        context=context_of(channel),
        app_permissions=_app_permissions(channel, user),
        attachment_size_limit=max(user.upload_limit, guild.upload_limit if guild else 0),
    )
    world.begin(interaction)
    world.outbox("INTERACTION_CREATE", interaction_payload(world, interaction))
    return interaction


def _app_permissions(channel: Channel, user: User) -> Permission:
    context, bot = context_of(channel), channel.world.application.bot
    if context == IN_BOT_DIRECT_CHANNEL:
        return _AS_GUEST | Permission.USE_EXTERNAL_EMOJIS
    if context == IN_PRIVATE_CHANNEL:
        return _AS_GUEST
    if channel.guild is not None and bot.id in channel.guild.members:
        return channel_permissions(channel, bot)
    return channel_permissions(channel, user) & (_AS_GUEST | Permission.USE_EXTERNAL_EMOJIS)


def interaction_payload(world: World, interaction: Interaction) -> Json:
    """The data of INTERACTION_CREATE."""
    payload: Json = {
        "id": interaction.id,
        "application_id": world.application.id,
        "type": interaction.type,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": interaction.channel.id,
        "channel": channel_payload(interaction.channel),
        "locale": interaction.user.locale,
        "app_permissions": str(int(interaction.app_permissions)),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": interaction.owners,
        "context": interaction.context,
        "attachment_size_limit": interaction.attachment_size_limit,
        **_whereabouts(interaction),
    }
    if interaction.message is not None:
        # Discord sends what that message answers nowhere but with the message itself.
        payload["message"] = message_payload(world, interaction.message, with_reply=False)
    return payload


def _whereabouts(interaction: Interaction) -> Json:
    """Who and where: a member of a server there, an account elsewhere; the other keys are absent, not null."""
    guild, user = interaction.guild, interaction.user
    if guild is None:
        return {"user": user_payload(user)}
    permissions = str(int(channel_permissions(interaction.channel, user)))
    return {
        "guild_id": guild.id,
        "guild": {"id": guild.id, "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": {**member_payload(guild.members[user.id]), "permissions": permissions},
        "channel": {**channel_payload(interaction.channel), "permissions": permissions},
    }
