"""What a bot without the message content intent does not get to read.

Source: Discord's API documentation, "Gateway", section "Message Content Intent": the restricted fields arrive empty,
except in the bot's own messages, in direct messages, and in messages that mention the bot. Observed: a reply with ping
counts as a mention only if it answers an ordinary message of the bot, not a response to an interaction.
"""

from typing import Any

from bot.sandbox.discord.entities import Json

_EMPTY: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}


def censored(message: Json, bot_id: str) -> Json:
    """The message as a bot without the intent receives it; a copy where anything is taken away.

    Args:
        message: the data of MESSAGE_CREATE or MESSAGE_UPDATE; without `guild_id` it is a direct message.
        bot_id: the id of the bot's account.
    """
    if "guild_id" not in message:
        return message
    visible = message if _is_readable(message, bot_id) else _emptied(message)
    answered: Json | None = message.get("referenced_message")
    if answered is None or _is_readable(answered, bot_id):
        return visible
    return {**visible, "referenced_message": _emptied(answered)}


def _is_readable(message: Json, bot_id: str) -> bool:
    if message["author"]["id"] == bot_id:
        return True
    content: str = message["content"]
    if f"<@{bot_id}>" in content or f"<@!{bot_id}>" in content:
        return any(user["id"] == bot_id for user in message["mentions"])
    answered: Json | None = message.get("referenced_message")
    if answered is None or answered["author"]["id"] != bot_id or "interaction_metadata" in answered:
        return False
    return any(user["id"] == bot_id for user in message["mentions"])


def _emptied(message: Json) -> Json:
    kept = {**{key: value for key, value in message.items() if key != "poll"}, **_EMPTY}
    if "message_snapshots" in message:  # undocumented; the stricter of two readings
        kept["message_snapshots"] = [
            {"message": {**each["message"], **_EMPTY}} for each in message["message_snapshots"]
        ]
    return kept
