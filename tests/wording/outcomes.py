"""The screens of who has asked: progress, outcomes, and what their buttons answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from bot.jobs.outcome import Phase, Progress
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from bot.texts import Text
from bot.ui import render
from tests.orders import NANO_BANANA_PRO
from tests.pictures import picture as shaded
from tests.pictures import with_exif
from tests.samples import job
from tests.stage import Stage
from tests.wording import reading
from tests.wording.samples import PROMPT
from tests.wording.screen import FORBIDDEN, Screen, answer, form, outcome, outcome_after
from tests.workshop import picture

_HOUR = 3600.0
_DETAILS = str(Text("menu.details"))


def progresses() -> Iterator[Screen]:
    """What stands in the channel until there is an outcome."""
    wanted = job(PROMPT, size="16:9", resolution="2K", model=NANO_BANANA_PRO)
    painting = Progress(phase=Phase.PAINTING, total=1, fraction=0.42, seconds_left=21.0)
    for title, progress in (
        ("In the queue", Progress(phase=Phase.WAITING)),
        ("In the queue, behind others", Progress(phase=Phase.WAITING, ahead=3)),
        ("References", Progress(phase=Phase.REHOSTING, done=2, total=5)),
        ("The image service is busy", Progress(phase=Phase.BUSY)),
        ("The image service does not answer", Progress(phase=Phase.UNREACHABLE)),
        ("Being sent", Progress(phase=Phase.SENDING)),
        ("Sent", Progress(phase=Phase.SENT)),
        ("Waiting there", Progress(phase=Phase.QUEUED)),
        ("Painting, how long is not known", replace(painting, seconds_left=None)),
        ("Painting", painting),
        ("Painting, long", replace(painting, seconds_left=130.0)),
        ("Painting several", replace(painting, done=1, total=4)),
        ("Painting, nearly done", replace(painting, fraction=0.97, seconds_left=0.5)),
        ("Posting", Progress(phase=Phase.DELIVERING)),
    ):
        cancel = [] if progress.phase is Phase.DELIVERING else ["[Cancel]"]  # too late, so the button goes
        yield Screen("Waiting", title, [*reading.words(render.progress(wanted, progress), {}, 0.0), *cancel])


async def cancelled(stage: Stage) -> AsyncIterator[Screen]:
    """What the button below the progress answers."""
    gail, hugo = stage.person("Gail"), stage.person("Hugo")
    stage.gateway.next_task(seconds=600.0)
    handle = await gail.command("imagine", prompt=PROMPT)
    progress = await handle.answer()
    await stage.passing(lambda: stage.gateway.tasks and stage.gateway.tasks[-1].script.seconds == 600.0)
    refused = await hugo.press(progress, "Cancel")
    yield Screen("Waiting", "Somebody else presses Cancel", await answer(stage, refused))
    await gail.press(progress, "Cancel")
    seen = await gail.waits_for(lambda message: message.id == progress.id and "Cancelled" in message.content)
    yield Screen("Waiting", "Cancelled", reading.message(seen, stage.world))


async def results(stage: Stage) -> AsyncIterator[Screen]:
    """Outcomes with all, some and no pictures."""
    ada = stage.person("Ada")
    asked = {"prompt": PROMPT, "ratio": "16:9"}

    async def shown(title: str, **options: Any) -> Screen:
        return Screen("Results", title, reading.message(await outcome(stage, ada, **asked, **options), stage.world))

    yield await shown("A picture", resolution="2K")
    yield await shown("Four pictures", count=4)
    stage.gateway.next_task(picture="grainy")
    yield await shown("A smaller copy", resolution="4K")
    yield await shown("A spoiler", spoiler=True)
    stage.gateway.next_task(ending="failed")
    yield await shown("One of two", model=NANO_BANANA_PRO, count=2)
    stage.gateway.next_task(refusal=FORBIDDEN)
    yield await shown("None")
    yield await shown("Private", private=True)
    unfit = reading.message(await _unfit_mask(stage, ada), stage.world)
    yield Screen("Results", "A mask that turns out not to fit", unfit)


async def buttons(stage: Stage) -> AsyncIterator[Screen]:
    """What the buttons of outcomes answer, and the menu of a message."""
    for part in (_pressed, _chain, _after_a_mask, _ended):
        async for screen in part(stage):
            yield screen


async def _pressed(stage: Stage) -> AsyncIterator[Screen]:
    ida, jack = stage.person("Ida"), stage.person("Jack")
    two = await outcome(stage, ida, prompt=PROMPT, ratio="16:9", count=2)
    for button in ("Full size", "Details", "Variations", "Delete"):
        title = f"Somebody else presses {button}"
        yield Screen("Buttons", title, await answer(stage, await jack.press(two, button)))
    one = await outcome(stage, ida, prompt=PROMPT, ratio="16:9")
    yield Screen("Buttons", "Edit", await form(await jack.press(one, "Edit")))
    nothing = await jack.uses(_DETAILS, await jack.says("good morning"))
    yield Screen("Buttons", "Image details, of something else", await answer(stage, nothing))


async def _chain(stage: Stage) -> AsyncIterator[Screen]:
    """A picture, what was made of it by words in three steps, of which one's message is gone."""
    nora, omar = stage.person("Nora"), stage.person("Omar")
    painted = await outcome(stage, nora, prompt=PROMPT, model=NANO_BANANA_PRO)
    night = await _edited(stage, omar, painted, "make it night")
    ship = await _edited(stage, nora, night, "add a ship with lit windows")
    last = await _edited(stage, omar, ship, "and a full moon")
    await omar.press(night, "Delete")
    taken_away = await stage.job_of(night)
    async with asyncio.timeout(30):
        while taken_away.deleted_at is None:
            await asyncio.sleep(0.005)
            taken_away = await stage.job_of(night)
    lines = await answer(stage, await nora.uses(_DETAILS, last))
    yield Screen("Buttons", "Image details, of a picture with a chain of edits", lines)


async def _after_a_mask(stage: Stage) -> AsyncIterator[Screen]:
    pia = stage.person("Pia")
    failed = await _unfit_mask(stage, pia)
    title = "after a mask that turned out not to fit"
    yield Screen("Buttons", f"Again, {title}", await answer(stage, await pia.press(failed, "Again")))
    yield Screen("Buttons", f"Edit, {title}", await form(await pia.press(failed, "Edit")))


async def _ended(stage: Stage) -> AsyncIterator[Screen]:
    """The originals, kept for a day at the longest."""
    quinn = stage.person("Quinn")
    stage.gateway.next_task(lifetime=_HOUR)
    stage.gateway.next_task(lifetime=24 * _HOUR)
    two = await outcome(stage, quinn, prompt=PROMPT, model=NANO_BANANA_PRO, count=2)
    one = await outcome(stage, quinn, prompt=PROMPT)
    largest = await outcome(stage, quinn, prompt=PROMPT, resolution="4K")
    stage.clock.advance(2 * _HOUR)
    yield Screen("Buttons", "Full size, of two of which one has ended", await _full_size(stage, quinn, two))
    stage.clock.advance(24 * _HOUR)
    yield Screen("Buttons", "Full size, ended", await _full_size(stage, quinn, one))
    yield Screen("Buttons", "Full size, ended, of the largest size", await _full_size(stage, quinn, largest))


async def _full_size(stage: Stage, person: Person, message: SeenMessage) -> list[str]:
    return await answer(stage, await person.press(message, "Full size"))


async def _edited(stage: Stage, person: Person, shown: SeenMessage, words: str) -> SeenMessage:
    return await outcome_after(stage, person, await person.says(words, reply_to=shown))


async def _unfit_mask(stage: Stage, person: Person) -> SeenMessage:
    """A failure after acceptance: only a look at the bytes tells that the picture stands upright."""
    photograph = Upload("cat.jpg", shaded("JPEG", (64, 48), exif=with_exif(orientation=6)))
    mask = Upload("mask.png", picture("white", size=(64, 48)))
    return await outcome(stage, person, prompt="give her a hat", model=NANO_BANANA_PRO, image1=photograph, mask=mask)
