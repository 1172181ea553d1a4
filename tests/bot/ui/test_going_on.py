"""What of a picture holds for a request that goes on from it, by every way to do so."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from bot.jobs.job import Job
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from bot.texts import Text
from tests.bot.ui.buttons.scene import forge, painted
from tests.forms import PROMPT
from tests.messages import outcome_of
from tests.orders import NANO_BANANA_PRO
from tests.stage import MESSAGES, Stage
from tests.workshop import picture

MENU, DETAILS = str(Text("menu.edit")), str(Text("menu.details"))
UPLOAD = "/uploads/images"


@asynccontextmanager
async def fresh(stage: Stage, person: Person) -> AsyncGenerator[tuple[SeenMessage, Job]]:
    """A picture that everyone sees, while the bot does not know yet in which message."""
    hold = asyncio.Event()
    stage.fault(MESSAGES, method="POST", moment="after", hold=hold)
    await person.command("imagine", prompt="a lighthouse", model=NANO_BANANA_PRO, ratio="16:9", resolution="2K")
    seen = await stage.result(person)
    job = await stage.job_of(seen)
    assert job.message_id is None
    yield seen, job
    hold.set()


async def goes_on(stage: Stage, person: Person, message: SeenMessage, way: str) -> Job:
    """The job that somebody makes of a picture."""
    if way == "words":
        _, job = await outcome_of(stage, person, await person.says("make it night", reply_to=message))
        return job
    if way in {"Edit", MENU}:
        form = await (person.press(message, way) if way == "Edit" else person.uses(way, message))
        await form.opened_modal()
        await person.submits(form, {PROMPT: "make it night"})
    else:
        await person.press(message, way)
    return await stage.tidied(await stage.job_of(await stage.result(person, after=message)))


@pytest.mark.parametrize("way", ["words", MENU, "Edit", "Variations", "Upscale to 4K", "Again"])
async def test_model_ratio_and_resolution_carry_over_by_every_way(stage: Stage, way: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(
        stage, ada, model=NANO_BANANA_PRO, ratio="16:9", resolution="2K", more="orientation landscape"
    )
    request = (await goes_on(stage, bob, first, way)).request
    larger = "4K" if way.startswith("Upscale") else "2K"
    assert (request.model, request.size, request.resolution) == (NANO_BANANA_PRO, "16:9", larger)
    repeated = way in {"Variations", "Again"}
    assert request.options == ({"orientation": "landscape"} if repeated else {})


@pytest.mark.parametrize("way", ["words", MENU])
async def test_a_picture_that_is_not_written_down_yet_carries_over_as_well(stage: Stage, way: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    async with fresh(stage, ada) as (seen, before):
        going_on = asyncio.create_task(goes_on(stage, bob, seen, way))
        await bob.waits_until(lambda: len(stage.gateway.tasks) == 2, "the second request")
    made = await going_on
    assert made.parent == before.id
    assert (made.request.model, made.request.size, made.request.resolution) == (NANO_BANANA_PRO, "16:9", "2K")


@pytest.mark.parametrize("way", ["Details", DETAILS])
async def test_everybody_may_know_about_a_picture_that_is_not_written_down_yet(stage: Stage, way: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    async with fresh(stage, ada) as (seen, _):
        answer = await (await (bob.press(seen, way) if way == "Details" else bob.uses(way, seen))).answer()
        assert answer.content.startswith("### Image details")
        assert str(Text("details.active")) not in answer.content


async def test_a_button_of_another_message_is_refused_however_fresh_its_job_is(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    own = await painted(stage, bob, private=True)
    async with fresh(stage, ada) as (_, job):
        forge(stage, own, "Details", f"details:{job.id}")
        assert (await (await bob.press(own, "Details")).answer()).content == str(Text("button.elsewhere"))


async def test_a_file_of_somebody_elses_that_is_named_like_ours_tells_nothing(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    job = await stage.job_of(await painted(stage, ada, private=True))
    said = await bob.says("look", files=[Upload(f"easel-{job.id}-1.png", picture())])
    assert (await (await bob.uses(DETAILS, said)).answer()).content == str(Text("details.none"))


class TestDetailsOfWhatIsUnderWay:
    """The progress message tells them, too."""

    async def test_say_what_there_is_and_that_it_is_being_painted(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        stage.gateway.next_task(seconds=600.0)
        shown = await (await ada.command("imagine", prompt="a lighthouse", count=2)).answer()
        await stage.submitted()
        content = (await (await bob.uses(DETAILS, shown)).answer()).content
        assert "> a lighthouse" in content
        assert str(Text("details.active")) in content
        assert "**Counts against the allowance:** 2 of 2" in content
        assert "**Took" not in content

    async def test_are_there_for_a_request_in_words(self, stage: Stage) -> None:
        ada = stage.person("ada")
        stage.gateway.next_task(seconds=600.0)
        asked = await ada.says(f"{stage.mention} a lighthouse")
        shown = await ada.waits_for(lambda seen: seen.reply_to == asked.id)
        await stage.submitted()
        assert str(Text("details.active")) in (await (await ada.uses(DETAILS, shown)).answer()).content

    async def test_say_so_once_it_is_cancelled(self, stage: Stage) -> None:
        ada = stage.person("ada")
        stage.fault(UPLOAD, hold=asyncio.Event())
        shown = await (await ada.command("imagine", prompt="x", image1=Upload("a.png", picture()))).answer()
        await ada.press(shown, "Cancel")
        await ada.waits_for(lambda seen: seen.id == shown.id and "Cancelled" in seen.content)
        content = (await (await ada.uses(DETAILS, shown)).answer()).content
        assert str(Text("details.cancelled")) in content
        assert str(Text("details.active")) not in content
