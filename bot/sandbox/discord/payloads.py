"""People, places and commands as Discord writes them: the JSON objects of REST answers and gateway events.

Source: Discord's API documentation, the object tables of its resources.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.discord.conversation import Command
from bot.sandbox.discord.entities import (
    DIRECT_CHANNEL,
    FORUM,
    PUBLIC_THREAD,
    VOICE_CHANNEL,
    Channel,
    Guild,
    Json,
    Member,
    Role,
    User,
)

if TYPE_CHECKING:
    from bot.sandbox.discord.world import World


def timestamp(at: float) -> str:
    """Unix seconds as Discord's ISO 8601 with an offset."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def user_payload(user: User) -> Json:
    """An account, as anyone sees it."""
    return {
        "id": user.id,
        "username": user.name,
        "discriminator": "0",
        "global_name": user.name,
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def own_user_payload(user: User) -> Json:
    """The bot's account, as it sees itself."""
    return {
        **user_payload(user),
        "verified": True,
        "email": None,
        "mfa_enabled": False,
        "locale": user.locale,
        "banner": None,
        "accent_color": None,
    }


def application_payload(world: "World") -> Json:
    """The application, as its own bot sees it."""
    application = world.application
    installed = sum(application.bot.id in guild.members for guild in world.guilds.values())
    return {
        "id": application.id,
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "verify_key": application.verify_key,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_payload(application.owner),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": installed,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}} if application.for_accounts else {"0": {}},
        "bot": user_payload(application.bot),
    }


def role_payload(role: Role) -> Json:
    """A role."""
    return {
        "id": role.id,
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": role.position,
        "permissions": str(int(role.permissions)),
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": 0,
    }


def partial_member_payload(member: Member) -> Json:
    """A member without the account: as it stands beside a message's author."""
    return {
        "roles": [role.id for role in member.roles],
        "joined_at": timestamp(member.joined_at),
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "pending": False,
        "communication_disabled_until": timestamp(member.timed_out_until) if member.timed_out_until else None,
    }


def member_payload(member: Member) -> Json:
    """A member with the account."""
    return {**partial_member_payload(member), "user": user_payload(member.user)}


def channel_payload(channel: Channel) -> Json:
    """A channel of a server, a thread or a direct channel."""
    last_message = next(reversed(channel.world.messages(channel.id)), None)
    shared: Json = {
        "id": channel.id,
        "type": channel.type,
        "flags": 0,
        "last_message_id": last_message.id if last_message else None,
    }
    if channel.type == DIRECT_CHANNEL or channel.guild is None:
        others = [user for user in channel.recipients if user is not channel.world.application.bot]
        return {**shared, "recipients": [user_payload(user) for user in others]}
    shared |= {
        "guild_id": channel.guild.id,
        "name": channel.name,
        "parent_id": channel.parent.id if channel.parent else None,
        "rate_limit_per_user": 0,
    }
    if channel.type == PUBLIC_THREAD:
        return {**shared, **_thread_fields(channel, channel.guild)}
    if channel.type == VOICE_CHANNEL:
        shared |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.type == FORUM:
        shared |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    return {
        **shared,
        "position": channel.position,
        "permission_overwrites": [
            {"id": whom, "type": int(each.for_member), "allow": str(int(each.allow)), "deny": str(int(each.deny))}
            for whom, each in channel.overwrites.items()
        ],
        "nsfw": False,
        "topic": None,
    }


def _thread_fields(thread: Channel, guild: Guild) -> Json:
    count = len(thread.world.messages(thread.id))
    return {
        "owner_id": guild.owner.id,
        "message_count": count,
        "total_message_sent": count,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": timestamp(thread.created_at),
            "auto_archive_duration": 1440,
            "locked": False,
            "create_timestamp": timestamp(thread.created_at),
        },
    }


def rest_guild_payload(guild: Guild) -> Json:
    """A server, as GET /guilds/{guild_id} answers it: without members and channels."""
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "home_header": None,
        "owner_id": guild.owner.id,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role_payload(role) for role in guild.roles.values()],
        "emojis": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": guild.tier,
        "premium_subscription_count": (0, 2, 7, 14)[guild.tier],
        "preferred_locale": guild.locale,
        "public_updates_channel_id": None,
        "nsfw": False,
        "nsfw_level": 0,
        "hub_type": None,
        "stickers": [],
        "premium_progress_bar_enabled": False,
        "safety_alerts_channel_id": None,
        "incidents_data": None,
    }


def guild_payload(guild: Guild) -> Json:
    """A server, as GUILD_CREATE brings it: complete, and available."""
    bot = guild.world.application.bot
    joined_at = guild.members[bot.id].joined_at if bot.id in guild.members else guild.created_at
    channels = [channel for channel in guild.channels.values() if not channel.is_thread]
    return {
        **rest_guild_payload(guild),
        "unavailable": False,
        "joined_at": timestamp(joined_at),
        "large": False,
        "member_count": len(guild.members),
        "members": [member_payload(member) for member in guild.members.values()],
        "channels": [channel_payload(channel) for channel in channels],
        "threads": [channel_payload(channel) for channel in guild.channels.values() if channel.is_thread],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def command_payload(world: "World", command: Command) -> Json:
    """A registered command."""
    payload: dict[str, Any] = {
        "id": command.id,
        "application_id": world.application.id,
        "version": command.version,
        **command.definition,
    }
    if command.guild_id is not None:
        payload["guild_id"] = command.guild_id
    return payload
