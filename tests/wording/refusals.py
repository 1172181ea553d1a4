"""The screens of who is refused: for what cannot be painted, and for what there is no room for."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.sandbox.discord.people import Person, Upload
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage
from tests.wording import reading
from tests.wording.samples import PROMPT
from tests.wording.screen import PHOTO, Screen, answer, outcome
from tests.workshop import picture

_DAY = 86_400.0
_VERTEX = "gemini-2.5-flash-image-official"
_PHOTOS = {f"image{number}": PHOTO for number in range(1, 5)}


async def refusals(stage: Stage) -> AsyncIterator[Screen]:
    """What cannot be painted, and what is more than one may have."""
    ben = stage.person("Ben")
    several: Mapping[str, Any] = {
        "prompt": "a cat " * 200,
        "model": NANO_BANANA_PRO,
        "ratio": "8:1",
        "resolution": "0.5K",
        "image1": PHOTO,
        "image2": Upload("notes.pdf", b"%PDF-"),
    }
    large = {"image1": PHOTO, "mask": Upload("mask.png", picture("white") + bytes(4 * 1024 * 1024))}
    for title, options in (
        ("One thing is wrong", {"prompt": "a long strip", "model": NANO_BANANA_PRO, "ratio": "8:1"}),
        ("Several things are wrong", several),
        ("More pictures than a request has", {"prompt": "a fox --count 9"}),
        ("More pictures to work from than the model takes", {"prompt": PROMPT, "model": _VERTEX, **_PHOTOS}),
        ("A mask that is too large", {"prompt": PROMPT, "model": NANO_BANANA_PRO, **large}),
    ):
        yield Screen("Refusals", title, await _refused(stage, ben, **options))
    yield Screen("Refusals", "More pictures to work from than any model takes", await _fifteen(stage))
    for _ in range(9):
        await outcome(stage, ben, prompt=PROMPT, model=NANO_BANANA_2, count=2)
        stage.clock.advance(60)
    yield Screen("Refusals", "More than is left", await _refused(stage, ben, prompt=PROMPT, count=4))
    yield Screen("Panels", "/usage, nearly used up", await answer(stage, await ben.command("usage")))


async def no_room(stage: Stage) -> AsyncIterator[Screen]:
    """What is more than one may have under way, or than everyone together may have; the bot is started anew for it."""
    rita, sam = stage.person("Rita"), stage.person("Sam")
    usual = stage.settings

    async def begin_anew(**limits: int) -> None:
        await stage.stop_bot()
        stage.settings = usual.model_copy(update=limits)
        await stage.start_bot()

    for _ in range(3):
        stage.gateway.next_task(seconds=600.0)
        await (await rita.command("imagine", prompt=PROMPT)).answer()
    await stage.passing(lambda: [task.script.seconds for task in stage.gateway.tasks[-3:]] == [600.0] * 3)
    yield Screen("No room", "Too many requests under way", await _refused(stage, rita, prompt=PROMPT))
    await begin_anew(bot_tasks_in_flight=3)
    yield Screen("No room", "Too many under way for everyone", await _refused(stage, sam, prompt=PROMPT))
    four = await _refused(stage, sam, prompt=PROMPT, model=NANO_BANANA_PRO, count=4)
    yield Screen("No room", "More than may ever be under way for everyone", four)
    full = await answer(stage, await sam.command("usage"))
    yield Screen("No room", "/usage, while there is no room for anyone", full)
    stage.clock.advance(_DAY)
    await begin_anew(user_images_per_window=3)
    four = await _refused(stage, sam, prompt=PROMPT, count=4)
    yield Screen("No room", "More than one person may ever have", four)
    await begin_anew(bot_images_per_day=3)
    four = await _refused(stage, sam, prompt=PROMPT, count=4)
    yield Screen("No room", "More than everyone may ever have", four)
    await outcome(stage, rita, prompt=PROMPT, count=2)
    two = await _refused(stage, sam, prompt=PROMPT, count=2)
    yield Screen("No room", "More than is left for everyone", two)


async def _refused(stage: Stage, person: Person, **options: Any) -> list[str]:
    return await answer(stage, await person.command("imagine", **options))


async def _fifteen(stage: Stage) -> list[str]:
    """Ten pictures in a message, and five more in an answer to it."""
    tess = stage.stranger("Tess")
    first = await tess.says("look", files=[PHOTO] * 10)
    asked = await tess.says("one of them all", files=[PHOTO] * 5, reply_to=first)
    told = await tess.waits_for(lambda seen: seen.reply_to == asked.id)
    return ["Tess: one of them all 🖼×5, about 🖼×10", *reading.message(told, stage.world)]
