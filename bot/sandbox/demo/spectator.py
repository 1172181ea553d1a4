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
from bot.sandbox.discord.people.modals import Answer, Field, as_list
from bot.sandbox.discord.world import World

_PATIENCE = 180.0  # seconds until an outcome; a large picture on a slow machine takes its time
_SHORT = 32  # characters of an option
_AGAIN = "Again"  # the button that every outcome has


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

    async def imagine(self, person: Person, **options: str | int | Path) -> SeenMessage:
        """Have the person run `/imagine`; what comes of it.

        Raises:
            NotPossible: Discord's client does not take these options.
            InteractionFailed, WaitedInVain: the bot did not answer.
        """
        typed = " ".join(_typed(name, value) for name, value in options.items())
        self._screen.entry(person.user.name, [Line(f"/imagine {typed}")])
        since = self._newest(person)
        return await self._outcome(person, await person.command("imagine", **options), since)

    async def opens(self, person: Person, command: str) -> InteractionHandle:
        """Have the person run a command that opens a form.

        Raises:
            NotPossible: Discord's client does not offer it.
            InteractionFailed, WaitedInVain: the bot did not open a form.
        """
        self._screen.entry(person.user.name, [Line(f"/{command}")])
        handle = await person.command(command)
        await handle.opened_modal()
        return handle

    async def fills_in(self, person: Person, opened: InteractionHandle, answers: Mapping[str, Answer]) -> SeenMessage:
        """Have the person fill in the form and send it; what comes of it.

        Args:
            person: whoever opened it.
            opened: what opened it.
            answers: by label; every other field keeps what the bot filled in.

        Raises:
            NotPossible: an answer is not what the client accepts.
            InteractionFailed, WaitedInVain: the bot did not answer.
        """
        form = await opened.opened_modal()
        lines = [Line(form.title, "form"), *(_filled(field, answers.get(field.label)) for field in form.fields)]
        self._screen.entry("", [*lines, Line("[Submit]", "buttons")])
        since = self._newest(person)
        return await self._outcome(person, await person.submits(opened, answers), since)

    async def replies(self, person: Person, message: SeenMessage, words: str) -> SeenMessage:
        """Have the person answer a message in words; what comes of it.

        Raises:
            WaitedInVain: the bot did nothing.
        """
        quoted = readable(message.content, self._names, time.time())
        about = next((line.text for line in quoted if line.kind == "quote"), quoted[0].text)
        self._screen.entry(person.user.name, [Line(f"answers {message.author}: {about}", "note"), Line(words)])
        since = self._newest(person)
        return await self._outcome(person, await person.says(words, reply_to=message), since)

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
        if saved:
            upto = f" to {saved[-1].name}" if len(saved) > 1 else ""
            self._screen.note(f"saved as {saved[0]}{upto}", "good")
        return saved

    async def _outcome(self, person: Person, asked: InteractionHandle | SeenMessage, since: int) -> SeenMessage:
        """Show how far it is until there is an outcome: pictures or a failure with buttons, or something private."""

        def is_outcome(message: SeenMessage) -> bool:
            if int(message.id) <= since or message.loading:
                return False
            return message.ephemeral or (message.button(_AGAIN) is not None and person.user.id in message.mentioned)

        def is_progress(message: SeenMessage) -> bool:
            if is_outcome(message):
                return False
            if isinstance(asked, SeenMessage):
                return message.reply_to == asked.id
            return asked.response is not None and message.id == asked.response.id

        def show(kind: str, message: SeenMessage) -> None:
            if kind != "message_deleted" and is_progress(message):
                with contextlib.suppress(ScreenGone):  # told by the next line that is written outside a stand-in's call
                    self._screen.progress(message.author, self._progress(message))

        unwatch = person.watch(show)
        try:
            if isinstance(asked, InteractionHandle):
                await asked.acknowledgement()
            for message in person.sees():
                show("message_created", message)
            outcome = await person.waits_for(is_outcome, _PATIENCE)
        finally:
            unwatch()
        self._show(outcome)
        # The outcome stands where the progress stood, or the progress goes.
        await person.waits_until(lambda: not any(map(is_progress, person.sees())), "the progress to be gone")
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


def _typed(name: str, value: str | int | Path) -> str:
    """An option as Discord's client shows it; a short one stays on one line."""
    typed = f"{name}:{value.name if isinstance(value, Path) else value}"
    return typed.replace(" ", NO_BREAK) if len(typed) <= _SHORT else typed


def _filled(field: Field, answer: Answer | None) -> Line:
    """A field of a form with what stands in it."""
    given = list(field.prefilled) if answer is None else as_list(answer) or []
    files = [each.name for each in given if isinstance(each, Path)]
    if files:
        return Line(f"{field.label}: {len(files)} files, {files[0]} to {files[-1]}", "form")
    return Line(f"{field.label}: {', '.join(map(str, given)) or '–'}", "form")


def _described(file: SeenFile) -> str:
    pixels = f"{file.width} × {file.height} pixels" if file.width and file.height else "no picture"
    return f"{file.filename}  {pixels}, {_size(file.size or 0)}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{count / 1e3:.0f} KB"


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
