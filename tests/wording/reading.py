"""What stands on a person's screen, as lines of text: messages, forms, commands."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.demo.markup import readable
from bot.sandbox.discord.components import CHECKBOX, FILE_UPLOAD, SELECTS, TEXT_INPUT
from bot.sandbox.discord.conversation import MESSAGE_COMMAND, SLASH_COMMAND, USER_COMMAND
from bot.sandbox.discord.people import Modal, SeenMessage
from bot.sandbox.discord.people.modals import Field
from bot.sandbox.discord.world import World

_MARKS: Mapping[str, str] = {"quote": "┃ ", "small": "· "}
_ABSOLUTE = re.compile(r"<t:\d+:[^R]>")  # depends on where the reader lives
_CHANNEL = re.compile(r"<#\d+>")
_TOOK = re.compile(r"· (\d+ min )?\d+ s$")
_AGO = re.compile(r"\b\d+ seconds? ago")
_LASTED = re.compile(r"(\*\*Took:\*\*) \d+ s$")
_ADDRESS = re.compile(r"https?://[^\s)>]+")
_KINDS: Mapping[int, str] = {
    TEXT_INPUT: "text",
    FILE_UPLOAD: "files",
    CHECKBOX: "tick",
    **dict.fromkeys(SELECTS, "menu"),
}
_OPTIONS: Mapping[int, str] = {3: "text", 4: "whole number", 5: "yes or no", 10: "number", 11: "file"}


def words(content: str, names: Mapping[str, str], now: float) -> list[str]:
    """The lines of a message."""
    content = _CHANNEL.sub("#pictures", _ABSOLUTE.sub("‹date and time›", content))
    shown = [f"{_MARKS.get(line.kind, '')}{line.text}".rstrip() for line in readable(content, names, now)]
    return [_ADDRESS.sub("‹link›", line) for line in shown]


def message(seen: SeenMessage, world: World) -> list[str]:
    """A message with its pictures and buttons, and who sees it; what differs from run to run is left out."""
    lines = [
        _steady(line) for line in words(seen.text, {user.id: user.name for user in world.users.values()}, world.now())
    ]
    lines += [f"🖼 {'hidden: ' if file.spoiler else ''}{file.description or 'a picture'}" for file in seen.files]
    lines += [f"🖼 {file.description or 'a picture'}" for file in seen.pictures if file not in seen.files]
    if seen.buttons or seen.selects:
        lines.append(" ".join(map(str, (*seen.buttons, *seen.selects))))
    if seen.ephemeral:
        lines.append("(Only you can see this.)")
    return lines


def form(modal: Modal) -> list[str]:
    """A form with all that it says and asks."""
    lines = [f"┌ {modal.title}", *(f"│ {line}" for text in modal.texts for line in text.splitlines())]
    for field in modal.fields:
        lines += [f"│ {line}" for line in _field(field)]
    return [*lines, "└ [Submit]"]


def _field(field: Field) -> Iterator[str]:
    kind = _KINDS.get(field.component["type"], "choice")
    yield f"{field.label}{'' if field.required else ' (optional)'} [{kind}]: {', '.join(field.prefilled) or '…'}"
    if field.description:
        yield f"    {field.description}"
    if placeholder := field.component.get("placeholder"):
        yield f"    {placeholder} …"
    if field.choices:
        yield f"    ▾ {' | '.join(field.choices)}"


def commands(world: World) -> Iterator[str]:
    """Every command with its options, and every entry of a menu."""
    registered = world.commands[None].values()
    for command in (each for each in registered if each.type == SLASH_COMMAND):
        yield f"/{command.name}: {command.definition['description']}"
        yield from (f"    {line}" for line in _options(command.definition))
    for kind, where in ((MESSAGE_COMMAND, "a message"), (USER_COMMAND, "a person")):
        yield from (f"In the menu of {where}: {each.name}" for each in registered if each.type == kind)


def _options(definition: Mapping[str, Any]) -> Iterator[str]:
    for option in definition.get("options") or ():
        kind = _OPTIONS.get(option["type"])
        if kind is None:
            yield f"{option['name']}: {option['description']}"
            yield from (f"    {line}" for line in _options(option))
            continue
        needed = "" if option.get("required") else ", optional"
        yield f"{option['name']} ({kind}{needed}): {option['description']}"
        if choices := option.get("choices"):
            yield f"    ▾ {' | '.join(choice['name'] for choice in choices)}"


def _steady(line: str) -> str:
    line = _LASTED.sub(r"\1 14 s", _AGO.sub("a moment ago", line))
    return _TOOK.sub("· 14 s", line)
