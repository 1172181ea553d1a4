"""One request of the user's own, instead of the tour."""

from pathlib import Path
from typing import Any

from bot.sandbox.demo.offline import Offline
from bot.sandbox.demo.options import DemoOptions, wrong_argument
from bot.sandbox.demo.screen import Screen
from bot.sandbox.demo.spectator import Spectator


async def play_own_request(options: DemoOptions, offline: Offline, screen: Screen, spectator: Spectator) -> int:
    """Play it; returns how many pictures were posted.

    Raises:
        StartupError: the model is none of the command's choices.
        InteractionFailed, WaitedInVain, NotPossible: something else happened.
        OSError: a picture cannot be saved.
    """
    typed: dict[str, str | int | Path] = {**options.words}
    if options.model is not None:
        typed["model"] = _as_offered(options.model, offline)
    if options.count is not None:
        typed["count"] = options.count
    typed |= {f"image{number}": image for number, image in enumerate(options.images, start=1)}
    screen.heading("Your request")
    you = offline.person("You")
    answer = await spectator.imagine(you, **typed)
    await spectator.save(you, answer, _free_name(options.folder))
    return len(answer.files)


def _as_offered(model: str, offline: Offline) -> str:
    """The model as the command's choice spells it, which Discord's client finds in any case."""
    command = offline.discord.world.command(offline.guild, "imagine")
    options: list[dict[str, Any]] = command.definition["options"] if command else []
    choices: list[dict[str, Any]] = [
        each for option in options if option["name"] == "model" for each in option["choices"]
    ]
    names: list[str] = [choice["name"] for choice in choices]
    for name in names:
        if name.casefold() == model.strip().casefold():
            return name
    offered = ", ".join(f'"{name}"' for name in names)
    raise wrong_argument(f"--model: choose one of {offered}.")


def _free_name(folder: Path) -> str:
    """A name that overwrites no picture of an earlier request."""
    number = 1
    while any(folder.glob(f"picture-{number}.*")) or any(folder.glob(f"picture-{number}-*")):
        number += 1
    return f"picture-{number}"
