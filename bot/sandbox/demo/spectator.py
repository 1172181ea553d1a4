"""Tells on the screen what people do and what the channel shows them, and saves the pictures."""

import asyncio
import contextlib
import io
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from bot.sandbox.demo.markup import Line, readable
from bot.sandbox.demo.screen import NO_BREAK, Screen, ScreenGone
from bot.sandbox.discord.people import InteractionHandle, Person, SeenFile, SeenMessage
from bot.sandbox.discord.world import World

_PATIENCE = 180.0  # seconds until an outcome; a large picture on a slow machine takes its time
_SHORT = 32  # characters of an option


class Spectator:
    """Looks over the shoulder of whoever does something.

    Args:
        screen: where it is told.
        world: who is there.
        folder: where pictures are saved.
    """

    def __init__(self, screen: Screen, world: World, folder: Path) -> None:
        self._screen = screen
        self._world = world
        self._folder = folder

    async def imagine(self, person: Person, **options: str | Path) -> SeenMessage:
        """Have the person run `/imagine`; what comes of it.

        Raises:
            NotPossible: Discord's client does not take these options.
            InteractionFailed, WaitedInVain: the bot did not answer.
        """
        typed = " ".join(_typed(name, value) for name, value in options.items())
        self._screen.entry(person.user.name, [Line(f"/imagine {typed}")])
        since = self._newest(person)
        return await self._outcome(person, await person.command("imagine", **options), since)

    async def press(self, person: Person, message: SeenMessage, button: str) -> SeenMessage:
        """Have the person press a button; what comes of it.

        Raises:
            NotPossible: it is not there.
            InteractionFailed, WaitedInVain: the bot did not answer.
        """
        self._screen.entry(person.user.name, [Line(f"presses [{button}] below the picture", "note")])
        since = self._newest(person)
        return await self._outcome(person, await person.press(message, button), since)

    async def save(self, person: Person, message: SeenMessage, name: str) -> list[Path]:
        """Fetch the pictures of a message as the person's client does, and save them.

        Raises:
            OSError: a file cannot be written, or is no picture (`PIL.UnidentifiedImageError`).
        """
        saved: list[Path] = []
        for number, file in enumerate(message.files, start=1):
            data = await person.download(file)
            await asyncio.to_thread(_decode, data)
            suffix = "" if len(message.files) == 1 else f"-{number}"
            path = self._folder / f"{name}{suffix}{Path(file.filename).suffix}"
            path.write_bytes(data)
            saved.append(path)
        for path in saved:
            self._screen.note(f"saved as {path}", "good")
        return saved

    async def _outcome(self, person: Person, handle: InteractionHandle, since: int) -> SeenMessage:
        """Show how far it is until there is an outcome: pictures or a failure with buttons, or a private refusal."""

        def is_outcome(message: SeenMessage) -> bool:
            if int(message.id) <= since or message.loading:
                return False
            return message.ephemeral or (bool(message.buttons) and person.user.id in message.mentioned)

        def show(kind: str, message: SeenMessage) -> None:
            response = handle.response
            if kind != "message_deleted" and response and message.id == response.id and not is_outcome(message):
                with contextlib.suppress(ScreenGone):  # told by the next line that is written outside a stand-in's call
                    self._screen.progress(message.author, self._progress(message))

        unwatch = person.watch(show)
        try:
            await handle.acknowledgement()
            if handle.response:
                show("message_created", handle.response)
            outcome = await person.waits_for(is_outcome, _PATIENCE)
        finally:
            unwatch()
        self._show(outcome)
        if not outcome.ephemeral:
            # It stands where the progress stood, or the progress goes.
            await person.waits_until(lambda: handle.response in (None, outcome), "the progress to be gone")
        return outcome

    def _show(self, message: SeenMessage) -> None:
        lines = readable(message.content, self._names, time.time())
        lines += [Line(_described(file), "file") for file in message.files]
        if message.buttons:
            lines.append(Line("  ".join(map(str, message.buttons)), "buttons"))
        if message.ephemeral:
            lines.append(Line("Only you can see this.", "note"))
        self._screen.entry(message.author, lines)

    def _progress(self, message: SeenMessage) -> str:
        lines = readable(message.content, self._names, time.time())
        return "  ".join(line.text for line in lines if line.kind == "text")

    def _newest(self, person: Person) -> int:
        return max((int(message.id) for message in person.sees()), default=0)

    @property
    def _names(self) -> Mapping[str, str]:
        return {user.id: user.name for user in self._world.users.values()}


def _typed(name: str, value: str | Path) -> str:
    """An option as Discord's client shows it; a short one stays on one line."""
    typed = f"{name}:{value.name if isinstance(value, Path) else value}"
    return typed.replace(" ", NO_BREAK) if len(typed) <= _SHORT else typed


def _described(file: SeenFile) -> str:
    pixels = f"{file.width} × {file.height} pixels" if file.width and file.height else "no picture"
    return f"{file.filename}  {pixels}, {_size(file.size or 0)}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{count / 1e3:.0f} KB"


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
