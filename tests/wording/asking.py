"""The screens of who asks: commands and what is suggested for them, forms, and words."""

from collections.abc import AsyncIterator, Mapping

from bot.jobs.hints import EVERY
from bot.sandbox.discord.people import Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from tests.stage import Stage
from tests.wording import reading
from tests.wording.samples import PRO, PROMPT
from tests.wording.screen import FORBIDDEN, PHOTO, Screen, answer, form, outcome, outcome_after
from tests.workshop import picture

_VERTEX = "Nano Banana (Vertex direct)"
_REOPEN = str(Text("form.reopen"))
_EDIT = str(Text("menu.edit"))
_SUGGESTED: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("imagine", "ratio", "", {}),
    ("imagine", "ratio", "wi", {"model": PRO}),
    ("imagine", "resolution", "", {}),
    ("imagine", "resolution", "", {"model": PRO, "ratio": "16:9"}),
    ("imagine", "more", "", {}),
    ("imagine", "more", "image", {}),
    ("imagine", "more", "", {"model": PRO}),
    ("imagine", "more", "", {"model": _VERTEX}),
    ("imagine", "more", "temperature 0.4, ", {"model": _VERTEX}),
    ("compose", "more", "", {}),
    ("defaults", "ratio", "21", {}),
    ("defaults", "resolution", "4", {"model": PRO}),
)


async def commands(stage: Stage) -> AsyncIterator[Screen]:
    """What can be asked, and what is suggested while it is typed."""
    yield Screen("Asking", "What can be asked", list(reading.commands(stage.world)))
    abby = stage.person("Abby")
    lines: list[str] = []
    for command, option, typed, others in _SUGGESTED:
        found = await abby.suggestions(command, focused=option, typed=typed, **others)
        chosen = "".join(f"{name}:{value} " for name, value in others.items())
        lines += [f"/{command} {chosen}{option}:{typed}▏", f"    ▾ {' | '.join(found)}"]
    yield Screen("Asking", "What is suggested", lines)


async def forms(stage: Stage) -> AsyncIterator[Screen]:
    """Forms as they open, and what is said instead."""
    dora = stage.person("Dora")
    fresh = await dora.command("compose")
    yield Screen("Forms", "/compose", await form(fresh))
    more = await dora.command("compose", more="vertex, temperature 3.5")
    yield Screen("Forms", "/compose, with what cannot be", await answer(stage, more))
    refused = await dora.submits(fresh, {"Prompt": "word " * 300, "Model and resolution": f"{PRO} · 1K"})
    yield Screen("Forms", "Not taken", await answer(stage, refused))
    photo = await dora.says("look", files=[PHOTO])
    yield Screen("Forms", "Edit with Easel, on a picture", await form(await dora.uses(_EDIT, photo)))
    refused = await dora.uses(_EDIT, await dora.says("good morning"))
    yield Screen("Forms", "Edit with Easel, without a picture", await answer(stage, refused))
    mask = Upload("mask.png", picture("white"))
    refused = await dora.command("imagine", prompt="give her a hat", model=PRO, ratio="8:1", image1=PHOTO, mask=mask)
    again = await dora.press(await refused.answer(), _REOPEN)
    yield Screen("Forms", "Open the form again, with a picture and its mask kept", await form(again))
    refused = await dora.command("imagine", prompt="word " * 300, model=PRO, image1=PHOTO, image2=PHOTO)
    told = await refused.answer()
    stage.clock.advance(25 * 3600)
    late = await form(await dora.press(told, _REOPEN))
    yield Screen("Forms", "Open the form again, a day later", late[-5:])


async def words(stage: Stage) -> AsyncIterator[Screen]:
    """What is answered to words."""
    for part in (_in_the_channel, _after_outcomes, _directly):
        async for screen in part(stage):
            yield screen


async def _in_the_channel(stage: Stage) -> AsyncIterator[Screen]:
    edgar = stage.person("Edgar")
    photo = await stage.person("Fay").says("my cat", files=[PHOTO])
    picture_of_easel = await outcome(stage, edgar, prompt=PROMPT)
    for title, said, to in (
        ("Mentioned without a wish", "", None),
        ("A picture answered without a wish", "", picture_of_easel),
        ("Somebody else's picture answered", "make it night", photo),
        ("A flag that is none", "a fox --modle pro", None),
        ("A flag without its value", "a fox --ratio", None),
        ("Privately, in a channel", "a fox --private", None),
    ):
        asked = await edgar.says(f"{stage.mention} {said}".strip(), reply_to=to)
        told = await edgar.waits_for(lambda seen, asked=asked: seen.reply_to == asked.id and not seen.files)
        spoken = f"Edgar: @Easel {said}".rstrip()
        yield Screen("Words", title, [spoken, *reading.message(told, stage.world)])
    asked = await edgar.says(stage.mention, files=[PHOTO])
    told = await edgar.waits_for(lambda seen: seen.reply_to == asked.id)
    yield Screen("Words", "A picture without a wish", ["Edgar: @Easel 🖼", *reading.message(told, stage.world)])


async def _after_outcomes(stage: Stage) -> AsyncIterator[Screen]:
    lena = stage.person("Lena")
    painted = await outcome(stage, lena, prompt=PROMPT)
    stage.gateway.next_task(refusal=FORBIDDEN)
    failed = await outcome_after(stage, lena, await lena.says(f"{stage.mention} what nobody should paint"))
    for title, to, ping in (
        ("A picture answered without a ping, which Easel cannot read", painted, False),
        ("A failure answered without mentioning Easel", failed, True),
    ):
        asked = await lena.says("then make it night", reply_to=to, ping=ping)
        told = await lena.waits_for(lambda seen, asked=asked: seen.reply_to == asked.id)
        yield Screen("Words", title, ["Lena: then make it night", *reading.message(told, stage.world)])
        stage.clock.advance(EVERY)


async def _directly(stage: Stage) -> AsyncIterator[Screen]:
    kim = stage.stranger("Kim")
    asked = await kim.says(stage.mention)
    told = await kim.waits_for(lambda seen: seen.reply_to == asked.id)
    lines = ["Kim: @Easel", *reading.message(told, stage.world)]
    yield Screen("Words", "Mentioned without a wish, in a direct message", lines)
    mona, easel = stage.person("Mona"), stage.world.application.bot
    stage.channel.deny(easel, Permission.ATTACH_FILES)
    await stage.settled()
    await mona.says(f"{stage.mention} {PROMPT}")
    told = await mona.at(stage.world.direct_channel(mona.user)).waits_for(lambda seen: seen.author == stage.bot_name)
    stage.channel.allow(easel, Permission.ATTACH_FILES)
    await stage.settled()
    lines = [f"Mona, in the channel: @Easel {PROMPT}", "Easel, in a direct message:"]
    title = "Where Easel may not post pictures"
    yield Screen("Words", title, [*lines, *reading.message(told, stage.world)])
