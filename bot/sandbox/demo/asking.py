"""Scenes of asking: in words, with a form, for what cannot be, and for more than there is."""

import asyncio
import re
from datetime import datetime
from pathlib import Path

from bot.sandbox.demo.offline import Allowance
from bot.sandbox.demo.scenery import PromiseBroken, Scenery, promised
from bot.sandbox.demo.sketches import cat, lighthouse, postcards
from bot.sandbox.discord.people import Person, SeenMessage

_SLACK = 5.0  # seconds between a person's asking and the bot's taking note
_AGAIN_AT = re.compile(r"<t:(\d+)")
_FIRST_FIELD = 10  # files; a form takes no more in one field
_LONG_PROMPT = (
    "A poster for a harbour festival. In the middle the cat keeps the lighthouse at night, under a full moon. Around"
    " it twelve small windows in two rows, each with the view of one of the postcards, in the order in which they are"
    " attached. Thin gold frames, deep blue between them, no words."
)


async def words(scenery: Scenery, ada: Person) -> SeenMessage:
    """A text becomes a picture, which is returned."""
    posted = await scenery.spectator.imagine(
        ada, prompt="a lighthouse on a cliff at dusk, gouache", model="Nano Banana 2", ratio="16:9"
    )
    await scenery.keep(ada, posted, "1-lighthouse", 16 / 9)
    return posted


async def form(scenery: Scenery, ben: Person) -> SeenMessage:
    """A form takes a long text and 14 pictures, which become one; it is returned."""
    references = await asyncio.to_thread(_draw_references, scenery.folder / "references")
    opened = await scenery.spectator.opens(ben, "compose")
    posted = await scenery.spectator.fills_in(
        ben,
        opened,
        {
            "Prompt": _LONG_PROMPT,
            "Model and resolution": "Nano Banana Pro · 2K",
            "Ratio": "4:3 landscape",
            "Pictures": references[:_FIRST_FIELD],
            "More pictures": references[_FIRST_FIELD:],
        },
    )
    await scenery.keep(ben, posted, "2-poster", 4 / 3)
    used = scenery.offline.gateway.tasks[-1].references
    promised(len(used) == len(references), f"the gateway got {len(used)} of {len(references)} reference pictures")
    scenery.screen.note(f"All {len(used)} went to the gateway's upload API first; the painter hung them in.")
    return posted


async def wrong_ratio(scenery: Scenery, cleo: Person, *, others: tuple[Person, ...]) -> None:
    """What cannot be painted is refused, and nobody else sees it."""
    submitted = len(scenery.offline.gateway.tasks)
    seen_before = [person.sees() for person in others]
    answer = await scenery.spectator.imagine(
        cleo, prompt="a skyline as a long strip", model="Nano Banana Pro", ratio="8:1"
    )
    promised(answer.ephemeral, "the refusal is not private")
    promised("8\\:1" in answer.content or "8:1" in answer.content, "the refusal does not name the ratio")
    promised([person.sees() for person in others] == seen_before, "others see something of the refusal")
    promised(len(scenery.offline.gateway.tasks) == submitted, "the refused request was submitted")
    scenery.screen.note("Ada and Ben, in the same channel, see nothing of it. Nothing was submitted or spent.")


async def no_more(scenery: Scenery, ben: Person, first: SeenMessage, *, asked_at: float, allowance: Allowance) -> None:
    """The allowance has run out; `asked_at` is when the first of Ben's pictures was asked for, Unix seconds."""
    answer = await scenery.spectator.press(ben, first, "Again")
    promised(answer.ephemeral, "the refusal is not private")
    again_at = _AGAIN_AT.search(answer.content)
    if again_at is None:
        raise PromiseBroken("the refusal does not say when there is room again")
    late = int(again_at[1]) - asked_at - allowance.hours * 3600
    promised(0 <= late <= _SLACK, f"the allowance is said to return {late:.0f} s late")
    asked = datetime.fromtimestamp(asked_at).astimezone()
    scenery.screen.note(f"Exactly then the first of his pictures, asked for at {asked:%H:%M:%S}, leaves the window.")


def _draw_references(folder: Path) -> list[Path]:
    """Make the files that the form is filled in with."""
    folder.mkdir(exist_ok=True)
    drawn = {"cat.png": cat(), "lighthouse.png": lighthouse(), **postcards()}
    for name, data in drawn.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in drawn]
