"""Whom a message notifies: what its text addresses, as far as `allowed_mentions` lets it.

Source: Discord's API documentation, "Allowed Mentions".
"""

import re
from typing import Any

from bot.sandbox.discord.components import TEXT_DISPLAY, walk
from bot.sandbox.discord.conversation import Mentions, Message
from bot.sandbox.discord.entities import Channel, Json, User
from bot.sandbox.discord.permissions import Permission, channel_permissions

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def displayed_text(content: str, components: list[Json]) -> str:
    """The text that may mention someone: the content and, in V2 messages, every text display."""
    texts = [component["content"] for component in walk(components) if component["type"] == TEXT_DISPLAY]
    return "\n".join([content, *texts])


def find_mentions(
    channel: Channel, author: User, text: str, *, allowed: Json | None = None, answered: Message | None = None
) -> Mentions:
    """Whom the text, and the reply it may be, notifies.

    Args:
        channel: where it is said.
        author: who says it; @everyone and closed roles need a permission.
        text: what is said.
        allowed: the form's `allowed_mentions`; None allows everything.
        answered: the message it replies to; its author is notified unless `replied_user` says no.
    """
    can_mention_all = bool(channel_permissions(channel, author) & Permission.MENTION_EVERYONE)
    users = [user_id for user_id in _USER.findall(text) if user_id in channel.world.users]
    roles = [role_id for role_id in _ROLE.findall(text) if _may_mention_role(channel, role_id, can_mention_all)]
    if allowed is not None:
        users = _allowed(allowed, "users", users)
        roles = _allowed(allowed, "roles", roles)
    everyone = can_mention_all and bool(_EVERYONE.search(text))
    if answered is not None and (allowed is None or allowed.get("replied_user")):
        users = [*users, answered.author.id]
    return Mentions(
        users=list(dict.fromkeys(users)),
        roles=list(dict.fromkeys(roles)),
        everyone=everyone and (allowed is None or "everyone" in _parse(allowed)),
    )


def _may_mention_role(channel: Channel, role_id: str, can_mention_all: bool) -> bool:
    role = channel.guild.roles.get(role_id) if channel.guild else None
    return role is not None and (role.mentionable or can_mention_all)


def _allowed(allowed: Json, kind: str, found: list[str]) -> list[str]:
    if kind in _parse(allowed):
        return found
    listed = {str(each) for each in allowed.get(kind) or ()}
    return [each for each in found if each in listed]


def _parse(allowed: Json) -> list[Any]:
    return allowed.get("parse") or []
