"""Reading requests: path, query and body, and the things they name."""

from typing import Any

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.entities import Channel, Guild
from bot.sandbox.discord.permissions import Permission, channel_permissions
from bot.sandbox.discord.world import World
from bot.sandbox.faults import received


def body_of(request: web.Request) -> Any:
    """The decoded JSON; an empty object if there is none."""
    body = received(request).body
    return {} if body is None else body


def is_true(request: web.Request, key: str) -> bool:
    """A boolean of the query."""
    return request.query.get(key, "").lower() in {"1", "true"}


def number_of(request: web.Request, key: str, default: int, *, least: int, most: int) -> int:
    """An integer of the query and its range.

    Raises:
        Refused: 400 with code 50035.
    """
    text = request.query.get(key, str(default))
    if not text.removeprefix("-").isdigit():
        raise refusals.form_error((key,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')
    value = int(text)
    if value < least:
        message = f"int value should be greater than or equal to {least}."
        raise refusals.form_error((key,), "NUMBER_TYPE_MIN", message)
    if value > most:
        raise refusals.form_error((key,), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
    return value


def id_of(request: web.Request, key: str) -> str:
    """An id of the path.

    Raises:
        Refused: 400 with code 50035 if it is none.
    """
    value = request.match_info[key]
    if not value.isdigit():
        raise refusals.form_error((key,), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return value


def channel_of(world: World, request: web.Request) -> tuple[Channel, Permission]:
    """The channel of the path, and what the bot may do there.

    Raises:
        Refused: there is none, or the bot cannot see it.
    """
    channel = world.channel(id_of(request, "channel_id"))
    if channel is None:
        raise refusals.unknown_channel()
    granted = channel_permissions(channel, world.application.bot)
    if not granted & Permission.VIEW_CHANNEL:
        raise refusals.missing_access()
    return channel, granted


def guild_of(world: World, request: web.Request) -> Guild:
    """The server of the path.

    Raises:
        Refused: there is none, or the bot is not in it.
    """
    guild = world.guilds.get(id_of(request, "guild_id"))
    if guild is None:
        raise refusals.unknown_guild()
    if world.application.bot.id not in guild.members:
        raise refusals.missing_access()
    return guild
