"""What Discord's client lets a person do where they are.

Source: Discord's API documentation, "Application Commands" (contexts, installation types, default member permissions)
and "Permissions".
"""

from bot.sandbox.discord.conversation import Command
from bot.sandbox.discord.entities import Channel, User
from bot.sandbox.discord.interactions import (
    GUILD_INSTALL,
    IN_BOT_DIRECT_CHANNEL,
    IN_GUILD,
    IN_PRIVATE_CHANNEL,
    USER_INSTALL,
    context_of,
    owners,
)
from bot.sandbox.discord.people.values import NotPossible
from bot.sandbox.discord.permissions import Permission, channel_permissions, may_write


def available_command(channel: Channel, user: User, name: str, kind: int, *, installed: bool) -> Command:
    """The command that the client offers under this name: 1 slash, 2 on an account, 3 on a message.

    Raises:
        NotPossible: it offers none here.
    """
    world = channel.world
    command = world.command(channel.guild, name, kind)
    if command is None:
        known = {each.name for scope in world.commands.values() for each in scope.values() if each.type == kind}
        raise NotPossible(f"There is no command {name}; there are: {', '.join(sorted(known)) or 'none'}.")
    ways = _ways(command) & owners(channel, user, installed_by_user=installed).keys()
    if not ways or context_of(channel) not in _contexts(command):
        raise NotPossible(f"{name} is not offered here.")
    if context_of(channel) == IN_GUILD:
        _check_permissions(command, channel, user, guest=GUILD_INSTALL not in ways)
    return command


def check_may_write(channel: Channel, user: User, *, with_files: bool) -> None:
    """Make sure that the person may send a message.

    Raises:
        NotPossible: they may not.
    """
    granted = channel_permissions(channel, user)
    if not may_write(channel, granted):
        raise NotPossible(f"{user.name} may not write in #{channel.name}.")
    if with_files and not granted & Permission.ATTACH_FILES:
        raise NotPossible(f"{user.name} may not attach files in #{channel.name}.")


def _ways(command: Command) -> set[str]:
    """Through which installations the command is to be used."""
    types: list[int] = command.definition.get("integration_types") or [0]
    return {(GUILD_INSTALL, USER_INSTALL)[each] for each in types}


def _contexts(command: Command) -> set[int]:
    contexts: list[int] | None = command.definition.get("contexts")
    if command.guild_id is not None:
        return {IN_GUILD}
    if contexts is not None:
        return set(contexts)
    found = {IN_GUILD}
    if command.definition.get("dm_permission", True):
        found |= {IN_BOT_DIRECT_CHANNEL, IN_PRIVATE_CHANNEL}
    return found


def _check_permissions(command: Command, channel: Channel, user: User, *, guest: bool) -> None:
    granted = channel_permissions(channel, user)
    needed = Permission.VIEW_CHANNEL | Permission.USE_APPLICATION_COMMANDS
    if granted & needed != needed:
        raise NotPossible(f"{user.name} may not use commands in #{channel.name}.")
    demanded = command.definition.get("default_member_permissions")
    if demanded is None or guest:
        return
    # Zero leaves administrators only; anything else is what the member must have.
    if not granted & Permission.ADMINISTRATOR and (int(demanded) == 0 or int(demanded) & ~int(granted)):
        raise NotPossible(f"{command.name} is not offered to {user.name}.")
