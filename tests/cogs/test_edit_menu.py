"""“Edit with Easel” in the menu of a message, whoever wrote it and wherever it is."""

import io

import discord
import pytest

from bot.jobs.job import Job
from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.texts import Text
from tests.forms import MODEL, OTHER_PICTURES, PICTURES, PROMPT, RATIO, filled_in, hint, modal_of, painted
from tests.messages import forwards
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import ORIGINAL, Stage
from tests.workshop import picture

MENU = "Edit with Easel"


async def edited(person: Person, message: SeenMessage) -> InteractionHandle:
    """Choose the menu, up to the form."""
    handle = await person.uses(MENU, message)
    await handle.opened_modal()
    return handle


async def painted_by(stage: Stage, person: Person) -> SeenMessage:
    """The outcome, once it is written where it is."""
    result = await stage.result(person)
    await stage.tidied(await stage.job_of(result))
    return result


async def job_after(stage: Stage, person: Person, message: SeenMessage) -> Job:
    """The job that an edit of the message made."""
    return await stage.job_of(await stage.result(person, after=message))


async def test_other_people_s_pictures_are_worked_from(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    message = await bob.says(
        "look", files=[Upload("a.png", picture("red")), Upload("b.jpg", picture("blue", kind="JPEG"))]
    )
    form = await edited(ada, message)
    assert filled_in(modal_of(form)) == {MODEL: "Nano Banana 2 · 1K", RATIO: "Auto (as the first picture)"}
    assert hint(modal_of(form), PICTURES) == "2 pictures kept. Add up to 10, or leave this empty."
    await ada.submits(form, {PROMPT: "as a painting", PICTURES: painted("gold")})
    job = await job_after(stage, ada, message)
    assert [reference.filename for reference in job.references] == ["a.png", "b.jpg", "gold.png"]
    assert job.parent is None
    (task,) = stage.gateway.tasks
    assert [reference.url for reference in task.references] == [reference.uploaded_url for reference in job.references]


async def test_a_forwarded_picture_is_worked_from(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    message = forwards(stage, ada, await bob.says("look", files=[Upload("a.png", picture("red"))]))
    form = await edited(ada, message)
    await ada.submits(form, {PROMPT: "as a painting"})
    job = await job_after(stage, ada, message)
    assert [reference.filename for reference in job.references] == ["a.png"]


async def test_an_own_result_is_worked_from_by_its_original_without_an_upload(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt="a lighthouse", model=NANO_BANANA_PRO, ratio="16:9", resolution="2K")
    first = await painted_by(stage, ada)
    form = await edited(bob, first)
    assert filled_in(modal_of(form)) == {MODEL: "Nano Banana Pro · 2K", RATIO: "16:9 widescreen"}
    await bob.submits(form, {PROMPT: "at night"})
    job, parent = await job_after(stage, bob, first), await stage.job_of(first)
    assert job.parent == parent.id
    assert [reference.url for reference in stage.gateway.tasks[-1].references] == [parent.originals[0].url]
    assert stage.gateway.uploads == ()
    assert job.place.user_id == int(bob.user.id)


async def test_a_result_whose_original_is_over_is_worked_from_by_the_posted_copy(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    first = await painted_by(stage, ada)
    stage.clock.advance(2 * 24 * 3600)
    form = await edited(ada, first)
    await ada.submits(form, {PROMPT: "at night"})
    job = await job_after(stage, ada, first)
    assert job.parent == (await stage.job_of(first)).id
    assert len(stage.gateway.uploads) == 1


async def test_several_pictures_of_a_result_are_all_worked_from(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse", count=3)
    first = await painted_by(stage, ada)
    form = await edited(ada, first)
    assert hint(modal_of(form), PICTURES).startswith("3 pictures kept.")
    await ada.submits(form, {PROMPT: "one of them"})
    job = await job_after(stage, ada, first)
    assert len(job.references) == 3
    assert job.request.count == 1


@pytest.mark.parametrize("words", ["no picture here", ""])
async def test_a_message_without_a_picture_is_said_privately(stage: Stage, words: str) -> None:
    ada = stage.person()
    message = await ada.says(words, files=[] if words else [Upload("notes.txt", b"words")])
    answer = await (await ada.uses(MENU, message)).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("menu.no_pictures"))


async def test_a_spoiler_stays_one(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    message = await bob.says(files=[Upload("SPOILER_end.png", picture())])
    form = await edited(ada, message)
    await ada.submits(form, {PROMPT: "x"})
    assert (await job_after(stage, ada, message)).spoiler


async def test_an_edit_of_a_private_result_is_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt="a secret", private=True)
    first = await painted_by(stage, ada)
    form = await edited(ada, first)
    await ada.submits(form, {PROMPT: "another secret"})
    assert (await stage.result(ada, after=first)).ephemeral
    assert bob.sees() == ()


async def test_what_is_usual_for_the_person_is_filled_in_and_the_result_counts_more(stage: Stage) -> None:
    ada = stage.person()
    usual = Preferences(model=NANO_BANANA_PRO, ratio="3:4", resolution="4K", private=True)
    await stage.services.preferences.keep(int(ada.user.id), usual)
    message = await ada.says(files=[Upload("a.png", picture())])
    form = await edited(ada, message)
    assert filled_in(modal_of(form)) == {MODEL: "Nano Banana Pro · 4K", RATIO: "3:4 portrait"}
    await ada.submits(form, {PROMPT: "x"})
    assert (await stage.result(ada)).ephemeral
    await ada.command("imagine", prompt="x", model=NANO_BANANA_2, ratio="1:1", resolution="2K", private=False)
    made = await ada.waits_for(lambda seen: seen.files and "Nano Banana 2" in seen.content)
    await stage.tidied(await stage.job_of(made))
    assert filled_in(modal_of(await edited(ada, made))) == {MODEL: "Nano Banana 2 · 2K", RATIO: "1:1 square"}


async def test_the_menu_and_its_form_work_after_a_restart(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    message = await bob.says(files=[Upload("a.png", picture())])
    await stage.stop_bot()
    await stage.start_bot()
    form = await edited(ada, message)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.submits(form, {PROMPT: "x"})
    assert len((await job_after(stage, ada, message)).references) == 1


async def test_it_works_in_direct_messages(stage: Stage) -> None:
    ada = stage.stranger()
    message = await ada.says(files=[Upload("a.png", picture())])
    form = await edited(ada, message)
    await ada.submits(form, {PROMPT: "x"})
    assert len((await job_after(stage, ada, message)).references) == 1


async def test_it_works_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest("ada")
    bob = stage.guest("bob").at(ada.channel)
    assert ada.channel.guild is not None
    ada.channel.guild.join(bob.user)
    message = await bob.says(files=[Upload("a.png", picture())])
    form = await edited(ada, message)
    sent = await ada.submits(form, {PROMPT: "x"})
    job = await job_after(stage, ada, message)
    assert len(job.references) == 1
    assert sent.response is not None
    assert stage.asked("PATCH", ORIGINAL)


async def test_pictures_that_embeds_and_layouts_show_count_up_to_fourteen(stage: Stage) -> None:
    ada = stage.person()
    channel = stage.bot.get_partial_messageable(int(stage.channel.id))
    view = discord.ui.LayoutView()
    files = [discord.File(io.BytesIO(picture()), f"{number}.png") for number in range(10)]
    galleries = [discord.ui.MediaGallery[discord.ui.LayoutView]() for _ in range(2)]
    for number in range(20):
        galleries[number // 10].add_item(media=f"attachment://{number % 10}.png")
    for gallery in galleries:
        view.add_item(gallery)
    await channel.send(view=view, files=files)
    message = await ada.waits_for(lambda seen: len(seen.pictures) == 20)
    form = await edited(ada, message)
    fields = [each.custom_id for each in modal_of(form).fields]
    assert PICTURES not in fields
    assert hint(modal_of(form), OTHER_PICTURES) == "The first 14 of 20 pictures kept. Up to 10 replace them all."
    await ada.submits(form, {PROMPT: "x"})
    assert len((await job_after(stage, ada, message)).references) == 14


async def test_what_came_along_from_another_model_does_not_stand_in_the_way(stage: Stage) -> None:
    ada = stage.person()
    await ada.command("imagine", prompt="x", resolution="4K", ratio="16:9")
    first = await painted_by(stage, ada)
    form = await edited(ada, first)
    await ada.submits(form, {PROMPT: "y", MODEL: "Nano Banana (Vertex direct)"})
    job = await job_after(stage, ada, first)
    assert (job.request.size, job.request.resolution) == ("16:9", None)
