"""What a person hands to Discord's client: files, and what they pick or type."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bot.sandbox.discord.conversation import Attachment
from bot.sandbox.discord.entities import Channel, Role, User
from bot.sandbox.discord.world import World


class NotPossible(Exception):
    """Discord's client does not let a person do this; nothing was sent."""


@dataclass(frozen=True)
class Upload:
    """A file from the person's disk."""

    filename: str
    content: bytes


File: TypeAlias = Upload | Path | bytes
Value: TypeAlias = str | int | float | bool | User | Channel | Role | File


async def read(file: File) -> Upload:
    """The file with its name and bytes; bytes alone are called "file.png"."""
    if isinstance(file, Upload):
        return file
    if isinstance(file, Path):
        return Upload(file.name, await asyncio.to_thread(file.read_bytes))
    return Upload("file.png", file)


async def upload(world: World, channel: Channel, user: User, file: File, *, ephemeral: bool) -> Attachment:
    """Put a person's file on the CDN, for an interaction if `ephemeral`, else for a message.

    Raises:
        NotPossible: it is larger than this account may upload here.
    """
    given = await read(file)
    limit = max(user.upload_limit, channel.upload_limit)
    if len(given.content) > limit:
        raise NotPossible(f"Your files are too powerful: {given.filename} has {len(given.content)} bytes of {limit}.")
    return world.upload(channel, given.filename, given.content, ephemeral=ephemeral)
