"""What can be read off the bot's messages: whose outcome they carry, whether it stays, what they say and offer."""

from collections.abc import Callable, Iterator
from weakref import WeakKeyDictionary, WeakSet

from bot.sandbox.discord.components import walk
from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.world import Change, World
from bot.sandbox.record import Exchange

_REFUSALS = frozenset({400, 401, 403, 404})  # after which the bot has no way to change a message
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


class OutOfReach:
    """Remembers which messages Discord did not let the bot change or take away.

    Args:
        world: the stand-in's Discord.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._refused: WeakSet[Message] = WeakSet()

    def answered(self, exchange: Exchange) -> None:
        """Look at what a stand-in answered just now."""
        if exchange.service == "discord" and exchange.method in {"PATCH", "DELETE"} and exchange.status in _REFUSALS:
            message = self._addressed(exchange.path)
            if message is not None:
                self._refused.add(message)

    def __contains__(self, message: Message) -> bool:
        return message in self._refused

    def _addressed(self, path: str) -> Message | None:
        match path.split("/"):
            case [*_, "webhooks", _, token, "messages", "@original"]:
                interaction = self._world.interaction_by_token(token)
                if interaction is None or interaction.response_message_id is None:
                    return None
                return self._world.message(interaction.channel.id, interaction.response_message_id)
            case [*_, "channels", channel, "messages", message]:
                return self._world.message(channel, message)
            case _:
                return None


def outcome_in(message: Message) -> str | None:
    """The id of the job whose outcome this message carries: below each there is a button that deletes it."""
    return _pressable(message, "delete")


def cancellable_in(message: Message) -> str | None:
    """The id of the job that can be cancelled below this message."""
    return _pressable(message, "cancel")


def says(message: Message, prompt: str) -> bool:
    """Whether the prompt, or its beginning, can be read there; what keeps its characters from being markup cannot."""
    return " ".join(prompt.split())[:_BEGINNING] in message.content.replace("\\", "")


def messages_of_the_bot(world: World) -> Iterator[Message]:
    """All that the stand-in has not forgotten."""
    for messages in world._messages.values():
        yield from (message for message in messages.values() if message.author is world.application.bot)


def _pressable(message: Message, wanted: str) -> str | None:
    for component in walk(message.components):
        verb, _, rest = str(component.get("custom_id", "")).partition(":")
        if verb == wanted and rest and ":" not in rest:
            return rest
    return None
