"""The tour: four short scenes with three people, each of which checks that what it promises has happened."""

import asyncio
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image

from bot.sandbox.demo.offline import Allowance, Offline
from bot.sandbox.demo.screen import Screen
from bot.sandbox.demo.sketches import cat, lighthouse
from bot.sandbox.demo.spectator import Spectator
from bot.sandbox.discord.people import Person, SeenMessage

ALLOWANCE = Allowance(pictures=2, hours=3)

_TOLERANCE = 0.02  # how far the sides of a picture may be from the ratio asked for, which they are rounded to
_SLACK = 5.0  # seconds between a person's asking and the bot's taking note
_AGAIN_AT = re.compile(r"<t:(\d+)")


class PromiseBroken(Exception):
    """Something was not as the tour says it would be."""


@dataclass(frozen=True, kw_only=True)
class Tour:
    """The scenes. `folder` is where pictures are saved."""

    offline: Offline
    screen: Screen
    spectator: Spectator
    folder: Path

    async def play(self) -> int:
        """All of it; returns how many pictures were posted.

        Raises:
            PromiseBroken, InteractionFailed, WaitedInVain, NotPossible: something else happened.
            OSError: a picture cannot be saved.
        """
        ada, ben, cleo = (self.offline.person(name) for name in ("Ada", "Ben", "Cleo"))
        first_at = self.offline.discord.world.now()
        first = await self._words(ada)
        await self._references(ben)
        await self._wrong_ratio(cleo, others=(ada, ben))
        await self._allowance(ada, first, first_at)
        return 3

    async def _words(self, ada: Person) -> SeenMessage:
        self.screen.heading("1 of 4 · Words become a picture")
        posted = await self.spectator.imagine(
            ada, prompt="a lighthouse on a cliff at dusk, gouache", model="Nano Banana 2", ratio="16:9"
        )
        await self._check_picture(ada, posted, "1-lighthouse", 16 / 9)
        return posted

    async def _references(self, ben: Person) -> None:
        self.screen.heading("2 of 4 · Two pictures and words become a picture")
        references = self.folder / "reference-cat.png", self.folder / "reference-lighthouse.png"
        for path, draw in zip(references, (cat, lighthouse), strict=True):
            path.write_bytes(await asyncio.to_thread(draw))
        posted = await self.spectator.imagine(
            ben,
            prompt="the cat keeps the lighthouse at night, under a full moon",
            model="Nano Banana Pro",
            ratio="4:3",
            image1=references[0],
            image2=references[1],
        )
        await self._check_picture(ben, posted, "2-cat-and-lighthouse", 4 / 3)
        used = self.offline.gateway.tasks[-1].references
        _promised(len(used) == len(references), "the gateway did not get both reference pictures")
        self.screen.note("Both references went to the gateway's upload API first; the painter hung them in.")

    async def _wrong_ratio(self, cleo: Person, *, others: tuple[Person, ...]) -> None:
        self.screen.heading("3 of 4 · What cannot be painted is refused, privately")
        submitted = len(self.offline.gateway.tasks)
        seen_before = [person.sees() for person in others]
        answer = await self.spectator.imagine(
            cleo, prompt="a skyline as a long strip", model="Nano Banana Pro", ratio="8:1"
        )
        _promised(answer.ephemeral, "the refusal is not private")
        _promised("8\\:1" in answer.content or "8:1" in answer.content, "the refusal does not name the ratio")
        _promised([person.sees() for person in others] == seen_before, "others see something of the refusal")
        _promised(len(self.offline.gateway.tasks) == submitted, "the refused request was submitted")
        self.screen.note("Ada and Ben, in the same channel, see nothing of it. Nothing was submitted or spent.")

    async def _allowance(self, ada: Person, first: SeenMessage, first_at: float) -> None:
        self.screen.heading(
            f"4 of 4 · The allowance runs out: here {ALLOWANCE.pictures} pictures in {ALLOWANCE.hours} hours"
        )
        posted = await self.spectator.press(ada, first, "Again")
        await self._check_picture(ada, posted, "4-lighthouse-again", 16 / 9)
        answer = await self.spectator.imagine(ada, prompt="and once more, at night")
        _promised(answer.ephemeral, "the refusal is not private")
        again_at = _AGAIN_AT.search(answer.content)
        if again_at is None:
            raise PromiseBroken("the refusal does not say when there is room again")
        late = int(again_at[1]) - first_at - ALLOWANCE.hours * 3600
        _promised(0 <= late <= _SLACK, f"the allowance is said to return {late:.0f} s late")
        asked = datetime.fromtimestamp(first_at).astimezone()
        self.screen.note(f"Exactly then the first of her pictures, asked for at {asked:%H:%M:%S}, leaves the window.")

    async def _check_picture(self, person: Person, message: SeenMessage, name: str, ratio: float) -> None:
        _promised(len(message.files) == 1, "no picture was posted")
        _promised(not message.ephemeral, "the picture is not public")
        (path,) = await self.spectator.save(person, message, name)
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            width, height = image.size
        _promised(abs(width / height / ratio - 1) < _TOLERANCE, f"the picture has {width} × {height} pixels")


def _promised(holds: object, otherwise: str) -> None:
    if not holds:
        raise PromiseBroken(otherwise)
