"""What can be read off the bot's messages: whose outcome they carry, whether it stays, and what they say."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from bot.sandbox.discord.components import walk
from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.world import Change, World

_BEGINNING = 100  # characters of a prompt that stand in its outcome, however long it is


class Pictures:
    """Sees to it that pictures which were shown stay where they are, until their person takes them away.

    Args:
        world: the stand-in's Discord.
        owner_of: knows whose job it is, by its id.
        broken: takes every breach, in words.
    """

    def __init__(self, world: World, owner_of: Callable[[str], int | None], broken: list[str]) -> None:
        self._world = world
        self._owner_of = owner_of
        self._broken = broken
        self._shown: WeakKeyDictionary[Message, str] = WeakKeyDictionary()  # until the stand-in forgets the message

    def changed(self, change: Change, message: Message) -> None:
        """Look at a message of the bot's that was posted, changed or deleted just now."""
        job = self._shown.get(message)
        if job is None:
            if (shown := outcome_in(message)) is not None and message.attachments:
                self._shown[message] = shown
        elif change.kind == "message_deleted":
            if not self._is_unwanted(job, message):
                self._broken.append(f"the pictures of job {job} were taken away, and not by its person")
        elif outcome_in(message) != job or not message.attachments:
            self._broken.append(f"the pictures of job {job} were shown, and then: {message.content!r}")

    def _is_unwanted(self, job: str, message: Message) -> bool:
        """Whether its person has pressed "Delete"; without the press, nobody could reach the message through it."""
        return any(
            pressed.data.get("custom_id") == f"delete:{job}"
            and pressed.message is message
            and int(pressed.user.id) == self._owner_of(job)
            for pressed in self._world.interactions.values()
        )


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
