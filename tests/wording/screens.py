"""The screens: what people see when the whole bot answers them, and what it would show while it works."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

from bot.texts import Text
from bot.texts.operator import OPERATOR
from bot.ui import panels, render
from tests.orders import NANO_BANANA_PRO
from tests.samples import job
from tests.stage import Stage, open_stage
from tests.wording import reading
from tests.wording.asking import commands, forms, words
from tests.wording.outcomes import buttons, cancelled, progresses, results
from tests.wording.refusals import no_room, refusals
from tests.wording.samples import PROMPT, VALUES
from tests.wording.screen import FORBIDDEN, Screen, answer, outcome


async def screens(folder: Path) -> AsyncIterator[Screen]:
    """All of them, in the order in which they are read."""
    async with open_stage(folder, user_images_per_window=20, user_jobs_in_flight=3) as stage:
        await stage.start_bot()
        await stage.settled()  # the bot knows the ids of its commands
        for part in (commands, forms, words):
            async for screen in part(stage):
                yield screen
        for screen in progresses():
            yield screen
        for part in (cancelled, results, buttons, refusals, _panels, no_room):
            async for screen in part(stage):
                yield screen
        for screen in _told():
            yield screen


async def _panels(stage: Stage) -> AsyncIterator[Screen]:
    cleo = stage.person("Cleo")
    for name in ("help", "usage", "defaults", "history"):
        yield Screen("Panels", f"/{name}", await answer(stage, await cleo.command(name)))
    chosen = await cleo.command("defaults", model=NANO_BANANA_PRO, ratio="16:9", resolution="2K", private=True)
    yield Screen("Panels", "/defaults, set", await answer(stage, chosen))
    await outcome(stage, cleo, prompt=PROMPT, private=False)
    stage.clock.advance(1.0)  # of two requests of one millisecond, either may be the newer
    stage.gateway.next_task(refusal=FORBIDDEN)
    await outcome(stage, cleo, prompt="what nobody should paint", private=False)
    listed = await answer(stage, await cleo.command("history"))
    yield Screen("Panels", "/history, with requests", listed)


def _told() -> Iterator[Screen]:
    lost = [job(PROMPT), replace(job("a fox"), uncertain=True)]
    for title, jobs in (("After the next command: one", lost[:1]), ("After the next command: two", lost)):
        yield Screen("Notices", title, reading.words(panels.undelivered(jobs), {}, lost[0].created_at))
    for key in OPERATOR:
        said = render.sentence(Text(key, VALUES.get(key, {})))
        yield Screen("To the operator", key.partition(".")[2], reading.words(said, {}, lost[0].created_at))
