"""The screens: what people see when the whole bot answers them, and what it would show while it works."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.jobs.outcome import Phase, Progress
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.sandbox.toapis.envelopes import Refusal
from bot.texts import Text
from bot.texts.operator import OPERATOR
from bot.ui import panels, render
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.samples import job
from tests.stage import Stage, open_stage
from tests.wording import reading
from tests.wording.samples import PROMPT, VALUES
from tests.workshop import picture

_FORBIDDEN = Refusal(422, "content_policy_violation", "Your request was refused by our content policy")
_PHOTO = Upload("cat.png", picture())


@dataclass(frozen=True)
class Screen:
    """What somebody sees at one moment."""

    section: str
    title: str
    lines: Sequence[str]


async def screens(folder: Path) -> AsyncIterator[Screen]:
    """All of them, in the order in which they are read."""
    async with open_stage(folder, user_images_per_window=20, user_jobs_in_flight=3) as stage:
        await stage.start_bot()
        await stage.settled()  # the bot knows the ids of its commands
        yield Screen("Asking", "What can be asked", list(reading.commands(stage.world)))
        for part in (_forms, _words):
            async for screen in part(stage):
                yield screen
        for screen in _progresses():
            yield screen
        for part in (_cancelled, _results, _buttons, _refusals, _panels):
            async for screen in part(stage):
                yield screen
        for screen in _told():
            yield screen


async def _forms(stage: Stage) -> AsyncIterator[Screen]:
    dora = stage.person("Dora")
    fresh = await dora.command("compose")
    yield Screen("Forms", "/compose", reading.form(await fresh.opened_modal()))
    more = await dora.command("compose", more="vertex, temperature 3.5")
    yield Screen("Forms", "/compose, with what cannot be", await _answer(stage, more))
    refused = await dora.submits(fresh, {"Prompt": "word " * 300, "Model and resolution": "Nano Banana Pro · 1K"})
    answer = await refused.answer()
    yield Screen("Forms", "Not taken", reading.message(answer, stage.world))
    again = await dora.press(answer, str(Text("form.reopen")))
    await again.opened_modal()
    photo = await dora.says("look", files=[_PHOTO])
    opened = await dora.uses(str(Text("menu.edit")), photo)
    yield Screen("Forms", "Edit with Easel, on a picture", reading.form(await opened.opened_modal()))
    refused = await dora.uses(str(Text("menu.edit")), await dora.says("good morning"))
    yield Screen("Forms", "Edit with Easel, without a picture", await _answer(stage, refused))
    refused = await dora.command("imagine", prompt="word " * 300, model=NANO_BANANA_PRO, image1=_PHOTO, image2=_PHOTO)
    answer = await refused.answer()
    stage.clock.advance(25 * 3600)
    late = await dora.press(answer, str(Text("form.reopen")))
    yield Screen("Forms", "Open the form again, a day later", reading.form(await late.opened_modal())[-5:])


async def _words(stage: Stage) -> AsyncIterator[Screen]:
    edgar = stage.person("Edgar")
    me = f"<@{stage.world.application.bot.id}>"
    photo = await stage.person("Fay").says("my cat", files=[_PHOTO])
    picture_of_easel = await _outcome(stage, edgar, prompt=PROMPT)
    for title, words, to in (
        ("Mentioned without a wish", me, None),
        ("A picture answered without a wish", me, picture_of_easel),
        ("Somebody else's picture answered", f"{me} make it night", photo),
        ("A flag that is none", f"{me} a fox --modle pro", None),
        ("A flag without its value", f"{me} a fox --ratio", None),
        ("Privately, in a channel", f"{me} a fox --private", None),
    ):
        said = await edgar.says(words, reply_to=to)
        answer = await edgar.waits_for(lambda seen, said=said: seen.reply_to == said.id and not seen.files)
        yield Screen("Words", title, [f"Edgar: {words.replace(me, '@Easel')}", *reading.message(answer, stage.world)])

    said = await edgar.says(me, files=[_PHOTO])
    answer = await edgar.waits_for(lambda seen: seen.reply_to == said.id)
    yield Screen("Words", "A picture without a wish", ["Edgar: @Easel 🖼", *reading.message(answer, stage.world)])
    kim = stage.stranger("Kim")
    said = await kim.says(me)
    answer = await kim.waits_for(lambda seen: seen.reply_to == said.id)
    yield Screen(
        "Words", "Mentioned without a wish, in a direct message", ["Kim: @Easel", *reading.message(answer, stage.world)]
    )


def _progresses() -> Iterator[Screen]:
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


async def _cancelled(stage: Stage) -> AsyncIterator[Screen]:
    gail, hugo = stage.person("Gail"), stage.person("Hugo")
    stage.gateway.next_task(seconds=600.0)
    handle = await gail.command("imagine", prompt=PROMPT)
    progress = await handle.answer()
    await stage.passing(lambda: stage.gateway.tasks and stage.gateway.tasks[-1].script.seconds == 600.0)
    refused = await hugo.press(progress, "Cancel")
    yield Screen("Waiting", "Somebody else presses Cancel", await _answer(stage, refused))
    await gail.press(progress, "Cancel")
    seen = await gail.waits_for(lambda message: message.id == progress.id and "Cancelled" in message.content)
    yield Screen("Waiting", "Cancelled", reading.message(seen, stage.world))


async def _results(stage: Stage) -> AsyncIterator[Screen]:
    ada = stage.person("Ada")
    asked = {"prompt": PROMPT, "ratio": "16:9"}

    async def shown(title: str, **options: Any) -> Screen:
        return Screen("Results", title, reading.message(await _outcome(stage, ada, **asked, **options), stage.world))

    yield await shown("A picture", resolution="2K")
    yield await shown("Four pictures", count=4)
    stage.gateway.next_task(picture="grainy")
    yield await shown("A smaller copy", resolution="4K")
    yield await shown("A spoiler", spoiler=True)
    stage.gateway.next_task(ending="failed")
    yield await shown("One of two", model=NANO_BANANA_PRO, count=2)
    stage.gateway.next_task(refusal=_FORBIDDEN)
    yield await shown("None")
    yield await shown("Private", private=True)


async def _buttons(stage: Stage) -> AsyncIterator[Screen]:
    ida, jack = stage.person("Ida"), stage.person("Jack")
    two = await _outcome(stage, ida, prompt=PROMPT, ratio="16:9", count=2)
    for button in ("Full size", "Details", "Variations", "Delete"):
        title = f"Somebody else presses {button}"
        yield Screen("Buttons", title, await _answer(stage, await jack.press(two, button)))
    opened = await jack.press(await _outcome(stage, ida, prompt=PROMPT, ratio="16:9"), "Edit")
    yield Screen("Buttons", "Edit", reading.form(await opened.opened_modal()))
    nothing = await jack.uses(str(Text("menu.details")), await jack.says("good morning"))
    yield Screen("Buttons", "Image details, of something else", await _answer(stage, nothing))


async def _refusals(stage: Stage) -> AsyncIterator[Screen]:
    ben = stage.person("Ben")
    several: Mapping[str, Any] = {
        "prompt": "a cat " * 200,
        "model": NANO_BANANA_PRO,
        "ratio": "8:1",
        "resolution": "0.5K",
        "image1": _PHOTO,
        "image2": Upload("notes.pdf", b"%PDF-"),
    }
    for title, options in (
        ("One thing is wrong", {"prompt": "a long strip", "model": NANO_BANANA_PRO, "ratio": "8:1"}),
        ("Several things are wrong", several),
    ):
        yield Screen("Refusals", title, await _answer(stage, await ben.command("imagine", **options)))
    for _ in range(9):
        await _outcome(stage, ben, prompt=PROMPT, model=NANO_BANANA_2, count=2)
        stage.clock.advance(60)
    more = await ben.command("imagine", prompt=PROMPT, count=4)
    yield Screen("Refusals", "More than is left", await _answer(stage, more))
    yield Screen("Panels", "/usage, nearly used up", await _answer(stage, await ben.command("usage")))


async def _panels(stage: Stage) -> AsyncIterator[Screen]:
    cleo = stage.person("Cleo")
    for name in ("help", "usage", "defaults", "history"):
        yield Screen("Panels", f"/{name}", await _answer(stage, await cleo.command(name)))
    chosen = await cleo.command("defaults", model=NANO_BANANA_PRO, ratio="16:9", resolution="2K", private=True)
    yield Screen("Panels", "/defaults, set", await _answer(stage, chosen))
    await _outcome(stage, cleo, prompt=PROMPT, private=False)
    stage.gateway.next_task(refusal=_FORBIDDEN)
    await _outcome(stage, cleo, prompt="what nobody should paint", private=False)
    listed = await _answer(stage, await cleo.command("history"))
    yield Screen("Panels", "/history, with requests", listed)


def _told() -> Iterator[Screen]:
    lost = [job(PROMPT), replace(job("a fox"), uncertain=True)]
    for title, jobs in (("After the next command: one", lost[:1]), ("After the next command: two", lost)):
        yield Screen("Notices", title, reading.words(panels.undelivered(jobs), {}, lost[0].created_at))
    for key in OPERATOR:
        said = render.sentence(Text(key, VALUES.get(key, {})))
        yield Screen("To the operator", key.partition(".")[2], reading.words(said, {}, lost[0].created_at))


async def _outcome(stage: Stage, person: Person, **options: Any) -> SeenMessage:
    """What a command leads to in the end, once nothing is left to do for it."""
    before = person.sees()
    await person.command("imagine", **options)
    seen = await person.waits_for(lambda message: message.button("Again"), after=before[-1] if before else None)
    await stage.tidied(await stage.job_of(seen))
    return seen


async def _answer(stage: Stage, handle: InteractionHandle) -> list[str]:
    return reading.message(await handle.answer(), stage.world)
