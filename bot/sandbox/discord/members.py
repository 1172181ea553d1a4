"""The answer to a client that asks for the members of a server (opcode 8).

Source: Discord's API documentation, "Gateway Events", section "Request Guild Members".
"""

from typing import cast

from bot.sandbox.discord import payloads
from bot.sandbox.discord.entities import Guild, Json, Member
from bot.sandbox.discord.protocol import CloseCode, ConnectionRefused, Intent
from bot.sandbox.discord.world import World

MEMBERS_PER_CHUNK = 1000
MEMBERS_PER_SEARCH = 100


def member_chunks(world: World, asked: Json, intents: int) -> list[Json]:
    """The GUILD_MEMBERS_CHUNK events that answer the question; none if it may not be asked.

    Raises:
        ConnectionRefused: the question cannot be read.
    """
    guild = world.guilds.get(str(asked.get("guild_id")))
    if guild is None or world.application.bot.id not in guild.members:
        return []
    members = _asked_members(guild, asked, intents)
    if members is None:
        return []
    extra: Json = {}
    if missing := [each for each in _asked_ids(asked) if each not in guild.members]:
        extra["not_found"] = missing
    if nonce := asked.get("nonce"):
        extra["nonce"] = nonce
    pieces = [members[at : at + MEMBERS_PER_CHUNK] for at in range(0, len(members), MEMBERS_PER_CHUNK)] or [[]]
    return [
        {
            "guild_id": guild.id,
            "members": [payloads.member_payload(member) for member in piece],
            "chunk_index": index,
            "chunk_count": len(pieces),
            **extra,
        }
        for index, piece in enumerate(pieces)
    ]


def _asked_members(guild: Guild, asked: Json, intents: int) -> list[Member] | None:
    if ids := _asked_ids(asked):
        return [guild.members[each] for each in ids[:MEMBERS_PER_SEARCH] if each in guild.members]
    query, limit = str(asked.get("query") or "").lower(), asked.get("limit") or 0
    if not isinstance(limit, int):
        raise ConnectionRefused(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    if not query and limit == 0:
        return list(guild.members.values()) if intents & Intent.GUILD_MEMBERS else None
    found = [member for member in guild.members.values() if (member.nick or member.user.name).lower().startswith(query)]
    return found[: min(limit or MEMBERS_PER_SEARCH, MEMBERS_PER_SEARCH)]


def _asked_ids(asked: Json) -> list[str]:
    ids: object = asked.get("user_ids") or []
    return [str(each) for each in cast("list[object]", ids)] if isinstance(ids, list) else [str(ids)]
