"""The rules of command definitions.

Source: Discord's API documentation, "Application Commands"; the codes of nested errors as Discord answers them.
"""

import re
from collections.abc import Sequence
from typing import Any

from bot.sandbox.discord.conversation import SLASH_COMMAND
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.forms import Form, is_list, is_object
from bot.sandbox.discord.refusals import FormErrors, form_error, too_many_commands

MOST_SLASH_COMMANDS = 100  # per scope: global, or one server
MOST_CONTEXT_MENUS = 15  # per scope and type
MOST_TEXT = 8000  # characters of names, descriptions and choices' values in one command

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
CHOOSABLE = (STRING, INTEGER, NUMBER)

_NAME = re.compile(r"[-_'\w]{1,32}")  # Discord: letters, digits and marks of any script


def check_commands(definitions: Any) -> list[Json]:
    """Check the whole list that replaces a scope's commands; returns it.

    Raises:
        Refused: with everything that is wrong, by the position in the list.
    """
    errors = FormErrors()
    if not is_list(definitions):
        raise form_error((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    forms = [Form(definition, errors, (index,)) for index, definition in enumerate(definitions)]
    seen: set[tuple[str, str]] = set()
    for form in forms:
        _check(form)
        key = (str(form.fields.get("name")), str(form.fields.get("type") or SLASH_COMMAND))
        if key in seen:
            form.refuse("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add(key)
    errors.raise_if_any()
    checked = [form.fields for form in forms]
    check_count(checked)
    return checked


def check_command(definition: Any) -> Json:
    """Check one definition; returns it.

    Raises:
        Refused: with everything that is wrong.
    """
    errors = FormErrors()
    form = Form(definition, errors)
    _check(form)
    errors.raise_if_any()
    return form.fields


def check_count(definitions: Sequence[Json]) -> None:
    """Check that a scope holds as many commands.

    Raises:
        Refused: 400 with code 30032.
    """
    types = [definition.get("type") or SLASH_COMMAND for definition in definitions]
    for kind in set(types):
        limit = MOST_SLASH_COMMANDS if kind == SLASH_COMMAND else MOST_CONTEXT_MENUS
        if types.count(kind) > limit:
            raise too_many_commands(limit)


def _check(command: Form) -> None:
    kind = command.one_of("type", (1, 2, 3)) or SLASH_COMMAND
    if kind == SLASH_COMMAND:
        _check_name(command)
        command.text("description", shortest=1, longest=100, required=True)
        _check_options(command)
    else:
        command.text("name", shortest=1, longest=32, required=True)
        if command.fields.get("description"):
            command.refuse(
                "description",
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID",
                "Context menu commands cannot have description",
            )
    for key in ("name_localizations", "description_localizations"):
        if localized := command.form(key):
            for locale in localized.fields:
                localized.text(locale, shortest=1, longest=32 if key.startswith("name") else 100)
    for key, choices in (("contexts", range(3)), ("integration_types", range(2))):
        for index, value in enumerate(command.list_of(key)):
            if value not in choices:
                path = (*command.path, key, index)
                command.errors.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {set(choices)}.")
    command.truth("dm_permission")
    command.truth("nsfw")
    if _text_length(command.fields) > MOST_TEXT:
        command.refuse(None, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")


def _check_name(form: Form) -> None:
    name = form.text("name", shortest=1, longest=32, required=True)
    if name and len(name) <= 32 and (not _NAME.fullmatch(name) or name != name.lower()):
        form.refuse("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(parent: Form, depth: int = 0) -> None:
    options = parent.forms("options", longest=25)
    names: set[str] = set()
    optional_before = False
    for option in options:
        kind = option.one_of("type", range(1, 12), required=True)
        _check_name(option)
        option.text("description", shortest=1, longest=100, required=True)
        name = str(option.fields.get("name"))
        if name in names:
            option.refuse("name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(name)
        if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
            _check_subcommand(option, int(kind), depth)
            continue
        required = option.truth("required")
        if required and optional_before:
            option.refuse(
                None,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_before |= not required
        _check_values(option, kind)


def _check_subcommand(option: Form, kind: int, depth: int) -> None:
    # A group holds subcommands, and only a command holds a group.
    if depth > 1 or (kind == SUB_COMMAND_GROUP and depth > 0):
        option.refuse("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option is invalid here")
        return
    _check_options(option, depth + 1)


def _check_values(option: Form, kind: int | None) -> None:
    choices = option.forms("choices", longest=25)
    autocomplete = option.truth("autocomplete")
    if choices and autocomplete:
        option.refuse(
            "autocomplete",
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
            "Autocomplete cannot be enabled for an option with choices",
        )
    if (choices or autocomplete) and kind not in CHOOSABLE:
        option.refuse(
            "choices" if choices else "autocomplete",
            "APPLICATION_COMMAND_OPTION_TYPE_INVALID",
            "Choices and autocomplete cannot be configured for this type of option",
        )
    check_choices(choices, kind)
    if kind == STRING:
        option.whole("min_length", least=0, most=6000)
        option.whole("max_length", least=1, most=6000)


def check_choices(choices: Sequence[Form], kind: int | None) -> None:
    """Check the choices of an option, or the suggestions of an autocomplete answer."""
    for choice in choices:
        choice.text("name", shortest=1, longest=100, required=True)
        if kind == STRING:
            choice.text("value", longest=100, required=True)
        elif kind == INTEGER:
            choice.whole("value", least=-(2**53), most=2**53, required=True)
        elif not isinstance(choice.fields.get("value"), int | float) or isinstance(choice.fields["value"], bool):
            choice.refuse("value", "NUMBER_TYPE_COERCE", f'Value "{choice.fields.get("value")}" is not float.')


def _text_length(definition: Any) -> int:
    if not is_object(definition):
        return 0
    nested: list[Any] = []
    for key in ("options", "choices"):
        value: Any = definition.get(key)
        if is_list(value):
            nested += value
    own = sum(len(str(definition.get(key) or "")) for key in ("name", "description", "value"))
    return own + sum(_text_length(each) for each in nested)
