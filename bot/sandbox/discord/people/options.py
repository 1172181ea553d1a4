"""Filling in a slash command as Discord's client lets a person do it.

Source: Discord's API documentation, "Application Commands" (option types, choices, ranges, autocomplete accepts
free text).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.sandbox.discord.command_rules import INTEGER, NUMBER, STRING, SUB_COMMAND, SUB_COMMAND_GROUP
from bot.sandbox.discord.entities import Channel, Json, Role, User
from bot.sandbox.discord.people.resolved import Resolved
from bot.sandbox.discord.people.values import NotPossible, Upload, Value

BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE = 5, 6, 7, 8, 9
ATTACHMENT = 11
LONGEST_TEXT = 6000
LARGEST_NUMBER = 2**53


def find_subcommand(definition: Json, path: list[str]) -> Json:
    """The definition that the words after a command's name lead to.

    Raises:
        NotPossible: there is no such subcommand, or one is missing.
    """
    subcommands = {
        each["name"]: each for each in _options(definition) if each["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP)
    }
    if not path:
        if subcommands:
            raise NotPossible(f"{definition['name']} needs one of: {', '.join(subcommands)}.")
        return definition
    if path[0] not in subcommands:
        raise NotPossible(f"{definition['name']} has no subcommand {path[0]}.")
    return find_subcommand(subcommands[path[0]], path[1:])


def nest(definition: Json, path: list[str], options: list[Json]) -> list[Json]:
    """The `options` of the interaction data, inside the subcommands they belong to."""
    if not path:
        return options
    subcommand = next(each for each in _options(definition) if each["name"] == path[0])
    inner = nest(subcommand, path[1:], options)
    return [{"name": path[0], "type": subcommand["type"], "options": inner}]


async def fill_in(definition: Json, given: Mapping[str, Value], resolved: Resolved) -> list[Json]:
    """The options as the client sends them, in the order of the definition.

    Raises:
        NotPossible: an option is missing, unknown, or not what the client accepts.
    """
    known = _known(definition, given)
    if missing := [name for name, option in known.items() if option.get("required") and name not in given]:
        raise NotPossible(f"This option is required. Specify a value: {', '.join(missing)}.")
    return [await _filled(option, given[name], resolved) for name, option in known.items() if name in given]


async def fill_in_partly(
    definition: Json, given: Mapping[str, Value], focused: str, typed: str, resolved: Resolved
) -> list[Json]:
    """The options while the person is still typing `focused`; nothing is required yet.

    Raises:
        NotPossible: the focused option suggests nothing, or another is not what the client accepts.
    """
    known = _known(definition, {**given, focused: typed})
    if not known[focused].get("autocomplete"):
        raise NotPossible(f"{focused} has no suggestions.")
    options: list[Json] = []
    for name, option in known.items():
        if name == focused:
            options.append({"name": name, "type": option["type"], "value": typed, "focused": True})
        elif name in given:
            options.append(await _filled(option, given[name], resolved))
    return options


def _options(definition: Json) -> list[Json]:
    return definition.get("options") or []


def _known(definition: Json, given: Mapping[str, Value]) -> dict[str, Json]:
    known = {option["name"]: option for option in _options(definition)}
    if unknown := [name for name in given if name not in known]:
        raise NotPossible(f"{definition['name']} has no option {', '.join(unknown)}; it has: {', '.join(known)}.")
    return known


async def _filled(option: Json, value: Value, resolved: Resolved) -> Json:
    kind = option["type"]
    if kind == ATTACHMENT:
        return {"name": option["name"], "type": kind, "value": await _attach(option, value, resolved)}
    if option.get("choices"):
        return {"name": option["name"], "type": kind, "value": _chosen(option, value)}
    return {"name": option["name"], "type": kind, "value": _CONVERSIONS[kind](option, value, resolved)}


async def _attach(option: Json, value: Value, resolved: Resolved) -> str:
    if not isinstance(value, Upload | Path | bytes):
        raise NotPossible(f"{option['name']} takes a file.")
    return await resolved.file(value)


def _chosen(option: Json, value: Value) -> Any:
    for choice in option["choices"]:
        if value in (choice["name"], choice["value"]):
            return choice["value"]
    shown = ", ".join(f'"{choice["name"]}"' for choice in option["choices"])
    raise NotPossible(f"{option['name']}: choose one of: {shown}.")


def _text(option: Json, value: Value, _resolved: Resolved) -> str:
    if not isinstance(value, str):
        raise NotPossible(f"{option['name']} takes text.")
    least, most = option.get("min_length") or 0, option.get("max_length") or LONGEST_TEXT
    if not least <= len(value) <= most:
        raise NotPossible(f"{option['name']} takes {least} to {most} characters, not {len(value)}.")
    return value


def _number(option: Json, value: Value, _resolved: Resolved) -> int | float:
    whole = option["type"] == INTEGER
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise NotPossible(f"{option['name']} takes a {'whole ' if whole else ''}number.")
    least = option["min_value"] if option.get("min_value") is not None else -LARGEST_NUMBER
    most = option["max_value"] if option.get("max_value") is not None else LARGEST_NUMBER
    if not least <= value <= most:
        raise NotPossible(f"{option['name']} takes a number from {least} to {most}, not {value}.")
    return value


def _truth(option: Json, value: Value, _resolved: Resolved) -> bool:
    if not isinstance(value, bool):
        raise NotPossible(f"{option['name']} takes True or False.")
    return value


def _entity(option: Json, value: Value, resolved: Resolved) -> str:
    kind = option["type"]
    if isinstance(value, User) and kind in (USER, MENTIONABLE):
        return resolved.user(value)
    if isinstance(value, Role) and kind in (ROLE, MENTIONABLE):
        return resolved.role(value)
    if isinstance(value, Channel) and kind == CHANNEL:
        types: list[int] = option.get("channel_types") or []
        if not types or value.type in types:
            return resolved.place(value)
    raise NotPossible(f"{option['name']} does not take {value!r}.")


_CONVERSIONS: dict[int, Callable[[Json, Value, Resolved], str | int | float | bool]] = {
    STRING: _text,
    INTEGER: _number,
    NUMBER: _number,
    BOOLEAN: _truth,
    **dict.fromkeys((USER, CHANNEL, ROLE, MENTIONABLE), _entity),
}
