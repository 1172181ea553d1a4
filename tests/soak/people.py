"""What people do with the bot, at random: every way to ask for pictures, to go on from them, and to look."""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.sandbox.discord.people import InteractionFailed, NotPossible, Person, SeenMessage, Upload, WaitedInVain
from bot.sandbox.discord.people.sight import look_at
from bot.sandbox.discord.people.values import Value
from bot.sandbox.toapis.tasks import Script
from tests.soak.book import MOST_PICTURES, Row
from tests.stage import Stage
from tests.workshop import picture

Deed: TypeAlias = Callable[["Asker"], Awaitable[str | None]]

_COLORS = ("red", "green", "blue", "teal", "navy", "gold", "pink", "gray")
_REMEMBERED = 30  # outcomes that people go on from
_PATIENCE = 20.0  # seconds for what comes at once unless it failed
_PAID = 0.7  # of those who cancel wait until the gateway has what they asked for
_MODELS = ("Nano Banana 2", "Nano Banana Pro", "Nano Banana", "Nano Banana (Vertex direct)")
_TURNS: tuple[dict[str, Any], ...] = (
    {"ending": "failed"},
    {"ending": "failed", "seconds": 3.0},
    {"ending": "never"},
    {"seconds": 12.0},
    {"seconds": 30.0, "waiting": "something new"},
    {"statuses": ("pending", "submitted", "in_progress"), "seconds": 2.0},
    {"urls": "top-level"},
    {"urls": "nowhere"},
    {"pictures": 1},
    {"shown_id": "task_img_another"},
    {"hidden_for": 4.0, "seconds": 5.0},
    {"picture": "truncated", "lifetime": 600.0},
    {"picture": "text", "lifetime": 600.0},
    {"picture": "html", "lifetime": 600.0},
    {"picture": "interrupted", "lifetime": 600.0},
    {"picture": "gone", "lifetime": 600.0},
)


@dataclass(kw_only=True)
class Gallery:
    """The latest outcomes, for everybody to go on from: messages with their pictures, by channel."""

    latest: dict[str, deque[str]] = field(default_factory=dict[str, deque[str]])

    def hang(self, channel: str, message: str) -> None:
        """Put a message with pictures up."""
        self.latest.setdefault(channel, deque(maxlen=_REMEMBERED)).append(message)


class Asker:
    """Somebody who asks for one thing after the other.

    Args:
        stage: where.
        person: who, in the channel that they use.
        gallery: what there is to go on from.
        rng: what they choose with.
        turns: the share of their requests that the gateway makes something unusual of.
        speaks: whether they may write there, or only use commands.
    """

    def __init__(
        self, *, stage: Stage, person: Person, gallery: Gallery, rng: random.Random, turns: float, speaks: bool
    ) -> None:
        self.stage = stage
        self.person = person
        self.gallery = gallery
        self.rng = rng
        self.turns = turns
        self.speaks = speaks
        self._number = 0

    async def asks(self) -> str | None:
        """Do something; the id of the interaction or message that asks for pictures, if it does."""
        deeds = [deed for deed, (_, speaking) in _DEEDS.items() if self.speaks or not speaking]
        (deed,) = self.rng.choices(deeds, [_DEEDS[deed][0] for deed in deeds])
        with contextlib.suppress(NotPossible, InteractionFailed, WaitedInVain):  # what failed, or is gone meanwhile
            return await deed(self)
        return None

    def saw(self, row: Row | None) -> None:
        """Remember an outcome with pictures."""
        message = self._message(str(row.message)) if row is not None else None
        if message is not None and message.files and not message.ephemeral:
            self.gallery.hang(message.channel_id, message.id)

    def prompt(self, **turns: Any) -> str:
        """Words that nobody used before; at random, the gateway makes something unusual of them."""
        self._number += 1
        words = f"a lighthouse, number {self._number} of {self.person.user.name}."  # none is a part of another
        if not turns and self.rng.random() < self.turns:
            turns = self.rng.choice(_TURNS)
        if turns:
            self.stage.gateway.next_task(Script(**turns), when=lambda request: words in request.prompt)
        return words

    def pictures(self, most: int = 3) -> list[Upload]:
        """Some pictures to work from, of a few that come again and again."""
        colors = self.rng.sample(_COLORS, self.rng.randint(1, most))
        return [Upload(f"{color}.png", picture(color)) for color in colors]

    def outcome(self) -> SeenMessage:
        """Some outcome with pictures, in this channel."""
        latest = self.gallery.latest.get(self.person.channel.id)
        message = self._message(self.rng.choice(latest)) if latest else None
        if message is None:
            raise NotPossible("There is nothing to go on from.")
        return message

    def _message(self, message_id: str) -> SeenMessage | None:
        found = self.stage.world.message(self.person.channel.id, message_id)
        return look_at(self.stage.world, found) if found is not None else None


async def _imagine(asker: Asker, **options: Value) -> str:
    return (await asker.person.command("imagine", **{"prompt": asker.prompt(), **options})).id


async def _words(asker: Asker) -> str:
    return await _imagine(asker, model=asker.rng.choice(_MODELS))


async def _several(asker: Asker) -> str:
    return await _imagine(asker, count=asker.rng.randint(2, MOST_PICTURES), model=asker.rng.choice(_MODELS))


async def _private(asker: Asker) -> str:
    return await _imagine(asker, private=True, spoiler=asker.rng.random() < 0.3)


async def _with_pictures(asker: Asker) -> str:
    return await _imagine(asker, **{f"image{at}": file for at, file in enumerate(asker.pictures(), start=1)})


async def _mention(asker: Asker) -> str:
    files = asker.pictures(2) if asker.rng.random() < 0.5 else []
    said = await asker.person.says(f"{asker.stage.mention} {asker.prompt()} --ratio 16:9", files=files)
    return said.id


async def _reply(asker: Asker) -> str:
    return (await asker.person.says(asker.prompt(), reply_to=asker.outcome())).id


async def _form(asker: Asker) -> str:
    opened = await asker.person.command("compose")
    modal = await opened.opened_modal(_PATIENCE)
    files: list[Value] = [*asker.pictures()]
    sent = await asker.person.submits(opened, {modal.fields[0].label: asker.prompt(), "Pictures": files})
    return sent.id


async def _cancel(asker: Asker) -> str:
    """Think better of it: at once, or only when it is paid for."""
    paid = asker.rng.random() < _PAID
    (ending,) = asker.rng.choices(("completed", "failed"), (2, 1))
    slow = asker.prompt(seconds=asker.rng.uniform(4 * paid, 20), ending=ending)
    asked = await asker.person.command("imagine", prompt=slow, count=asker.rng.randint(1, 3))
    with contextlib.suppress(NotPossible, InteractionFailed, WaitedInVain):  # it is asked for, cancelled or not
        progress = await asked.answer(_PATIENCE)
        if paid:
            await _submitted(asker, slow)
        await asker.person.press(progress, "Cancel")
    return asked.id


async def _submitted(asker: Asker, prompt: str) -> None:
    """Wait until the gateway has a task for this."""
    with contextlib.suppress(TimeoutError):  # it may have failed on the way
        async with asyncio.timeout(_PATIENCE):
            while not any(prompt in task.request.prompt for task in asker.stage.gateway.tasks):  # noqa: ASYNC110 - a list
                await asyncio.sleep(0.2)


async def _again(asker: Asker) -> str:
    return (await asker.person.press(asker.outcome(), "Again")).id


async def _vary(asker: Asker) -> str:
    return await _pressed(asker, "Variations")


async def _enlarge(asker: Asker) -> str:
    message = asker.outcome()
    larger = next((button.label for button in message.buttons if button.label.startswith("Upscale")), "Upscale")
    return await _pressed(asker, larger)


async def _pressed(asker: Asker, label: str) -> str:
    """Press a button, and say of which picture, where it asks."""
    message = asker.outcome()
    pressed = await asker.person.press(message, label)
    if len(message.files) == 1:
        return pressed.id
    question = await pressed.answer(_PATIENCE)
    numbered = [button for button in question.buttons if str(button.custom_id).count(":") == 2]
    if not question.ephemeral or not numbered:
        return pressed.id
    return (await asker.person.press(question, str(asker.rng.choice(numbered).custom_id))).id


async def _edit(asker: Asker) -> str | None:
    message = asker.outcome()
    if len(message.files) > 1:
        return None
    opened = await asker.person.press(message, "Edit")
    modal = await opened.opened_modal(_PATIENCE)
    return (await asker.person.submits(opened, {modal.fields[0].label: asker.prompt()})).id


async def _menu(asker: Asker) -> str:
    opened = await asker.person.uses("Edit with Easel", asker.outcome())
    modal = await opened.opened_modal(_PATIENCE)
    return (await asker.person.submits(opened, {modal.fields[0].label: asker.prompt()})).id


async def _look(asker: Asker) -> None:
    button = asker.rng.choice(("Details", "Full size"))
    await (await asker.person.press(asker.outcome(), button)).answer(_PATIENCE)


async def _tidy_up(asker: Asker) -> None:
    await (await asker.person.press(asker.outcome(), "Delete")).acknowledgement(_PATIENCE)


async def _ask_about(asker: Asker) -> None:
    command = asker.rng.choice(("usage", "history", "help", "defaults"))
    await (await asker.person.command(command)).answer(_PATIENCE)


async def _type(asker: Asker) -> None:
    await asker.person.suggestions("imagine", focused="ratio", typed="1", prompt="x")


async def _impossible(asker: Asker) -> str:
    return await _imagine(asker, model="Nano Banana Pro", ratio="8:1")


# How often, and whether it takes more than commands.
_DEEDS: dict[Deed, tuple[float, bool]] = {
    _words: (20, False),
    _several: (6, False),
    _private: (6, False),
    _with_pictures: (12, False),
    _mention: (8, True),
    _reply: (12, True),
    _form: (6, False),
    _cancel: (8, False),
    _again: (6, True),
    _vary: (3, True),
    _enlarge: (3, True),
    _edit: (4, True),
    _menu: (3, True),
    _look: (4, True),
    _tidy_up: (2, True),
    _ask_about: (4, False),
    _type: (2, False),
    _impossible: (2, False),
}
