"""What a member may do in a channel.

Source: Discord's API documentation, "Permissions" (bit values, hierarchy of overwrites, threads inherit their parent,
timed out members).
"""

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.discord.entities import Channel, Guild, Member, User


class Permission(enum.IntFlag):
    """The permission bits that the stand-in acts on."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


NOTHING = Permission(0)
EVERYTHING = Permission((1 << 53) - 1)

# What Discord gives @everyone in a new server, as far as the stand-in acts on it.
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)

# What somebody who is timed out can still do.
TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY

# In a direct channel nobody can be forbidden anything but to write at all.
DIRECT = EVERYONE & ~Permission.MENTION_EVERYONE


def guild_permissions(guild: "Guild", member: "Member") -> Permission:
    """What the member may do in the server before any channel says otherwise."""
    if member.user.id == guild.owner.id:
        return EVERYTHING
    granted = guild.everyone.permissions
    for role in member.roles:
        granted |= role.permissions
    return EVERYTHING if granted & Permission.ADMINISTRATOR else granted


def channel_permissions(channel: "Channel", user: "User") -> Permission:
    """What the user may do in the channel; nothing if they are not in the server or the conversation."""
    guild = channel.guild
    if guild is None:
        return DIRECT if user in channel.recipients else NOTHING
    member = guild.members.get(user.id)
    if member is None:
        return NOTHING
    granted = guild_permissions(guild, member)
    if granted & Permission.ADMINISTRATOR:
        return EVERYTHING
    granted = _overwritten(granted, channel.parent if channel.is_thread and channel.parent else channel, member)
    if not granted & Permission.VIEW_CHANNEL:
        return NOTHING
    if member.timed_out_until is not None and member.timed_out_until > channel.world.now():
        return granted & TIMED_OUT
    if not may_write(channel, granted):
        # Without the right to write, what needs writing is taken away too.
        granted &= ~(Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE)
    return granted


def may_write(channel: "Channel", granted: Permission) -> bool:
    """Whether these permissions allow a message in the channel."""
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    return bool(granted & needed)


def _overwritten(granted: Permission, channel: "Channel", member: "Member") -> Permission:
    overwrites = channel.overwrites
    if everyone := overwrites.get(member.guild.id):
        granted = granted & ~everyone.deny | everyone.allow
    of_roles = [overwrites[role.id] for role in member.roles if role.id in overwrites]
    for overwrite in of_roles:
        granted &= ~overwrite.deny
    for overwrite in of_roles:
        granted |= overwrite.allow
    if own := overwrites.get(member.user.id):
        granted = granted & ~own.deny | own.allow
    return granted
