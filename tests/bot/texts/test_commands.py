"""What Discord is told of the commands, and the texts that there are, are the same."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.sandbox.discord.conversation import SLASH_COMMAND
from bot.texts.commands import COMMANDS
from tests.stage import Stage


def described(definition: Mapping[str, Any], parent: str = "command") -> Iterator[tuple[str, str]]:
    """The descriptions of a command, or of an option, and of everything in it, by the keys of their texts."""
    key = f"{parent}.{definition['name']}"
    yield key, definition["description"]
    for option in definition.get("options") or ():
        yield from described(option, key)


async def test_every_command_and_option_has_its_text_and_every_text_its_command(stage: Stage) -> None:
    commands = [each for each in stage.world.commands[None].values() if each.type == SLASH_COMMAND]
    assert dict(pair for command in commands for pair in described(command.definition)) == COMMANDS


@pytest.mark.parametrize("key", sorted(COMMANDS))
def test_discord_takes_a_description_whole(key: str) -> None:
    assert 1 <= len(COMMANDS[key]) <= 100  # discord.py would cut an option's without a word
