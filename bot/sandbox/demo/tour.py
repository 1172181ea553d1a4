"""The tour: short scenes with three people, each of which checks that what it promises has happened."""

from dataclasses import dataclass

from bot.sandbox.demo import asking, going_on
from bot.sandbox.demo.offline import Allowance
from bot.sandbox.demo.scenery import Scenery

ALLOWANCE = Allowance(pictures=5, hours=3)

_SCENES = 7
_PICTURES = 9  # that are posted


@dataclass(frozen=True)
class Tour:
    """All scenes, in order."""

    scenery: Scenery

    async def play(self) -> int:
        """All of it; returns how many pictures were posted.

        Raises:
            PromiseBroken, InteractionFailed, WaitedInVain, NotPossible: something else happened.
            OSError: a picture cannot be saved.
        """
        scenery = self.scenery
        ada, ben, cleo = (scenery.offline.person(name) for name in ("Ada", "Ben", "Cleo"))
        self._begin(1, "Words become a picture")
        lighthouse = await asking.words(scenery, ada)
        self._begin(2, "A form takes many words and 14 pictures")
        asked_at = scenery.offline.discord.world.now()
        poster = await asking.form(scenery, ben)
        self._begin(3, "Answering a picture changes it, whoever made it")
        ship = await going_on.answers(scenery, lighthouse, ada, cleo)
        self._begin(4, "A button makes variations")
        await going_on.variations(scenery, ben, ship)
        self._begin(5, "4K is more than Discord takes, so it is made to fit")
        await going_on.too_large(scenery, cleo)
        self._begin(6, "What cannot be painted is refused, privately")
        await asking.wrong_ratio(scenery, cleo, others=(ada, ben))
        self._begin(7, f"The allowance runs out: here {ALLOWANCE.pictures} pictures in {ALLOWANCE.hours} hours")
        await asking.no_more(scenery, ben, poster, asked_at=asked_at, allowance=ALLOWANCE)
        return _PICTURES

    def _begin(self, scene: int, title: str) -> None:
        self.scenery.screen.heading(f"{scene} of {_SCENES} · {title}")
