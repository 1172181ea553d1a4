import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.texts import Text
from bot.ui.forms import PROMPT
from tests.bot.ui.buttons.scene import asked_which, failed, painted
from tests.stage import Stage
from tests.workshop import picture


async def form_of(person: Person, message: SeenMessage) -> InteractionHandle:
    """The form that the button opens."""
    handle = await person.press(message, "Edit")
    await handle.opened_modal()
    return handle


async def test_edit_opens_the_form_filled_in_and_works_from_all_pictures(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, ratio="16:9", resolution="2K", count=2)
    question = await asked_which(bob, first, "Edit")
    assert [button.label for button in question.buttons] == ["1", "2", "All"]
    form = await bob.press(question, "All")
    await form.opened_modal()
    assert form.modal is not None
    prefilled = [value for field in form.modal.fields for value in field.prefilled]
    assert "a lighthouse" in prefilled
    await bob.submits(form, {PROMPT: "a lighthouse at night"})
    second = await stage.result(bob, after=first)
    request = stage.gateway.tasks[-1].request
    assert (request.prompt, request.ratio, request.resolution, request.count) == (
        "a lighthouse at night",
        "16:9",
        "2K",
        1,
    )
    parent = await stage.job_of(first)
    assert request.image_urls == tuple(original.url for original in parent.originals)
    edited = await stage.job_of(second)
    assert edited.parent == parent.id
    assert edited.place.user_id == int(bob.user.id)


async def test_edit_is_private_for_whoever_has_it_so_usually(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    await stage.services.preferences.keep(int(bob.user.id), Preferences(private=True))
    await bob.submits(await form_of(bob, first), {})
    assert (await stage.result(bob, after=first)).ephemeral
    assert len(ada.sees()) == 1


async def test_edit_of_an_upscaled_picture_asks_for_words(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await ada.press(first, "Upscale to 2K")
    larger = await stage.result(ada, after=first)
    form = await form_of(ada, larger)
    assert form.modal is not None
    (prompt,) = (field for field in form.modal.fields if field.custom_id == PROMPT)
    assert not [value for value in prompt.prefilled if value]


async def test_edit_below_a_failure_keeps_its_words_and_its_own_pictures(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(ending="failed")
    await ada.command("imagine", prompt="a lighthouse", image1=Upload("a.png", picture()))
    told = await ada.waits_for(lambda message: "did not work" in message.content)
    await stage.tidied(await stage.job_of(told))
    await ada.submits(await form_of(ada, told), {PROMPT: "a lighthouse by day"})
    await stage.result(ada, after=told)
    request = stage.gateway.tasks[-1].request
    assert request.prompt == "a lighthouse by day"
    assert len(request.image_urls) == 1


async def test_edit_below_a_failure_without_pictures_starts_from_its_words(stage: Stage) -> None:
    ada = stage.person()
    told = await failed(stage, ada)
    await ada.submits(await form_of(ada, told), {PROMPT: "a lighthouse by day"})
    await stage.result(ada, after=told)
    assert stage.gateway.tasks[-1].request.image_urls == ()


async def test_edit_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    form = await form_of(ada, first)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.submits(form, {PROMPT: "and a boat"})
    assert (await stage.result(ada, after=first)).files


async def test_edit_below_a_private_result_stays_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, private=True)
    await ada.submits(await form_of(ada, first), {PROMPT: "and a boat"})
    assert (await stage.result(ada, after=first)).ephemeral
    assert bob.sees() == ()


async def test_edit_keeps_a_spoiler_hidden(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, spoiler=True)
    await ada.submits(await form_of(ada, first), {PROMPT: "and a boat"})
    second = await stage.result(ada, after=first)
    assert [file.spoiler for file in second.files] == [True]


async def test_edit_works_in_direct_messages_and_where_the_bot_is_not(stage: Stage) -> None:
    for person in (stage.stranger("ada"), stage.guest("bob")):
        first = await painted(stage, person)
        await person.submits(await form_of(person, first), {PROMPT: "and a boat"})
        assert (await stage.result(person, after=first)).files


async def test_edit_of_several_pictures_works_from_the_one_that_is_chosen(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, count=2)
    question = await asked_which(ada, first, "Edit")
    assert question.ephemeral
    form = await ada.press(question, "2")
    await form.opened_modal()
    await ada.submits(form, {PROMPT: "and a boat"})
    await stage.result(ada, after=question)
    parent = await stage.job_of(first)
    assert stage.gateway.tasks[-1].request.image_urls == (parent.originals[1].url,)


@pytest.mark.parametrize("button", ["Edit", "Upscale to 2K"])
async def test_the_question_is_answered_in_vain_once_outcome_and_originals_are_gone(stage: Stage, button: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada, count=2)
    question = await asked_which(bob, first, button)
    stage.clock.advance(25 * 3600)
    await ada.press(first, "Delete")
    await ada.waits_until(lambda: ada.sees() == (), "the outcome to be gone")
    answer = await (await bob.press(question, "2")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.no_picture"))
    assert len(stage.gateway.tasks) == 1
