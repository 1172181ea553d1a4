"""What Discord says of the slash commands comes from the texts, as everything else that people read."""

from typing import Any, TypeVar

from discord import app_commands

from bot.texts import Text

_Command = TypeVar("_Command", bound=app_commands.Command[Any, ..., Any])


def described(command: _Command) -> _Command:
    """Describe a command and its options with the texts of `bot/texts/commands.py`; the decorator above all others.

    Raises:
        KeyError: there is no text for it, or for one of its options.
    """
    key = f"command.{command.qualified_name}"
    command.description = str(Text(key))
    options = {option.name: str(Text(f"{key}.{option.name}")) for option in command.parameters}
    return app_commands.describe(**options)(command)
