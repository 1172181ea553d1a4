"""What every scene of the tour has at hand, and how it holds the bot to what it promises."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bot.sandbox.demo.offline import Offline
from bot.sandbox.demo.screen import Screen
from bot.sandbox.demo.spectator import Spectator
from bot.sandbox.discord.people import Person, SeenMessage

_TOLERANCE = 0.02  # how far the sides of a picture may be from the ratio asked for, which they are rounded to


class PromiseBroken(Exception):
    """Something was not as the tour says it would be."""


@dataclass(frozen=True, kw_only=True)
class Scenery:
    """Where the scenes are played. `folder` is where pictures are saved."""

    offline: Offline
    screen: Screen
    spectator: Spectator
    folder: Path

    async def keep(
        self, person: Person, message: SeenMessage, name: str, ratio: float, *, count: int = 1
    ) -> list[Path]:
        """Save the pictures of an outcome; returns where.

        Raises:
            PromiseBroken: it has not `count` public pictures of this ratio (width by height).
        """
        promised(message.files, "no picture was posted")
        promised(len(message.files) == count, f"{len(message.files)} of {count} pictures were posted")
        promised(not message.ephemeral, "the picture is not public")
        paths = await self.spectator.save(person, message, name)
        for path in paths:
            with Image.open(io.BytesIO(path.read_bytes())) as image:
                width, height = image.size
            promised(abs(width / height / ratio - 1) < _TOLERANCE, f"the picture has {width} × {height} pixels")
        return paths


def promised(holds: object, otherwise: str) -> None:
    """Make sure that something is as the tour says.

    Raises:
        PromiseBroken: it is not; `otherwise` says how it is instead.
    """
    if not holds:
        raise PromiseBroken(otherwise)
