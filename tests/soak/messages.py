"""What can be read off the bot's messages: whose outcome they carry, and what they say."""

from bot.sandbox.discord.components import walk
from bot.sandbox.discord.conversation import Message

_BEGINNING = 100  # characters of a prompt that stand in its outcome, however long it is


def outcome_in(message: Message) -> str | None:
    """The id of the job whose outcome this message carries: below each there is a button that deletes it."""
    return _pressable(message, "delete")


def says(message: Message, prompt: str) -> bool:
    """Whether the prompt, or its beginning, can be read there; what keeps its characters from being markup cannot."""
    return " ".join(prompt.split())[:_BEGINNING] in message.content.replace("\\", "")


def _pressable(message: Message, wanted: str) -> str | None:
    for component in walk(message.components):
        verb, _, rest = str(component.get("custom_id", "")).partition(":")
        if verb == wanted and rest and ":" not in rest:
            return rest
    return None
