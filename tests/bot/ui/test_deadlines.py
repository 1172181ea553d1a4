"""Every way to ask while the database takes longer to read than Discord waits for an answer."""

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.texts import Text
from tests.bot.ui.buttons.scene import painted
from tests.forms import PROMPT, modal_of, opened
from tests.history import history_of
from tests.stage import Stage
from tests.trouble import undecided, unreadable
from tests.workshop import picture


async def slowly(stage: Stage, ask: Callable[[], Awaitable[InteractionHandle]]) -> InteractionHandle:
    """Ask while nothing can be read, for longer than Discord waits."""
    async with unreadable(stage):
        handle = await ask()
        await stage.passing(lambda: handle.acknowledged or handle.failed)
        assert handle.acknowledged
    return handle


async def shown(stage: Stage, *, private: bool = False, count: int = 1) -> tuple[Person, SeenMessage]:
    ada = stage.person()
    return ada, await painted(stage, ada, private=private, count=count)


@pytest.mark.parametrize("name", ["usage", "help", "history"])
async def test_a_private_command_is_answered(stage: Stage, name: str) -> None:
    ada = stage.person()
    answer = await (await slowly(stage, lambda: ada.command(name))).answer()
    assert answer.ephemeral
    assert answer.text
    assert not any(message.loading for message in ada.sees())


async def test_new_defaults_are_confirmed_although_they_are_written_late(stage: Stage) -> None:
    ada = stage.person()
    async with undecided(stage):
        handle = await ada.command("defaults", ratio="16:9")
        await stage.passing(lambda: handle.acknowledged or handle.failed)
        assert handle.acknowledged
    answer = await handle.answer()
    assert answer.ephemeral
    assert "Ratio: 16:9" in answer.content


@pytest.mark.parametrize("button", ["Full size", "Details"])
async def test_a_private_answer_to_a_button_comes(stage: Stage, button: str) -> None:
    ada, result = await shown(stage)
    bob = stage.person("bob")
    handle = await slowly(stage, lambda: bob.press(result, button))
    answer = await handle.answer()
    assert answer.ephemeral
    assert answer.content.startswith("### Image details" if button == "Details" else str(Text("full_size.links")))
    assert answer.id not in {message.id for message in ada.sees()}


async def test_details_too_long_for_a_message_come_as_a_file(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada, prompt="a lighthouse " * 200)
    answer = await (await slowly(stage, lambda: ada.press(result, "Details"))).answer()
    assert [file.filename for file in answer.files] == ["image-details.txt"]


async def test_image_details_come(stage: Stage) -> None:
    ada, result = await shown(stage)
    answer = await (await slowly(stage, lambda: ada.uses(str(Text("menu.details")), result))).answer()
    assert answer.ephemeral
    assert answer.content.startswith("### Image details")


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("button", ["Again", "Variations", "Upscale to 2K"])
async def test_a_new_request_is_shown_to_nobody_else_before_it_is_known_whether_it_may(
    stage: Stage, button: str, private: bool
) -> None:
    ada, result = await shown(stage, private=private)
    handle = await slowly(stage, lambda: ada.press(result, button))
    assert handle.ephemeral
    new = await stage.result(ada, after=result)
    assert new.ephemeral is private
    await stage.tidied(await stage.job_of(new))
    assert not any(message.loading for message in ada.sees())


@pytest.mark.parametrize("private", [True, False])
async def test_which_one_is_asked_privately(stage: Stage, private: bool) -> None:
    ada, result = await shown(stage, private=private, count=2)
    bob = stage.person("bob")
    handle = await slowly(stage, lambda: ada.press(result, "Upscale to 2K"))
    question = await handle.answer()
    assert question.ephemeral
    assert question.text == str(Text("button.which"))
    assert not any(message.loading for message in (*ada.sees(), *bob.sees()))
    await slowly(stage, lambda: ada.press(question, "2"))
    assert (await stage.result(ada, after=question)).ephemeral is private


async def test_a_refusal_below_a_public_outcome_is_private(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(stage, ada, prompt="darker", image1=Upload("a.png", picture()))
    stage.clock.advance(4 * 86_400)
    bob = stage.person("bob")
    answer = await (await slowly(stage, lambda: bob.press(result, "Variations"))).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.reference_gone", {"name": "image1"}))
    assert not any(message.loading for message in bob.sees())


async def test_the_outcome_is_deleted(stage: Stage) -> None:
    ada, result = await shown(stage)
    await slowly(stage, lambda: ada.press(result, "Delete"))
    await ada.waits_until(lambda: ada.sees() == (), "the outcome to be gone")


async def test_others_are_told_privately_that_they_cannot_delete_it(stage: Stage) -> None:
    ada, result = await shown(stage)
    answer = await (await slowly(stage, lambda: stage.person("bob").press(result, "Delete"))).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("button.not_yours"))
    assert len(ada.sees()) == 1


async def test_that_no_form_can_be_opened_now_is_said(stage: Stage) -> None:
    ada, result = await shown(stage)
    answer = await (await slowly(stage, lambda: ada.press(result, "Edit"))).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("form.busy"))


@pytest.mark.parametrize("private", [True, False])
async def test_a_form_that_is_sent_is_shown_to_nobody_else_before_it_is_known_whether_it_may(
    stage: Stage, private: bool
) -> None:
    ada = stage.person()
    form = await opened(ada, private=private)
    handle = await slowly(stage, lambda: ada.submits(form, {PROMPT: "a lighthouse"}))
    assert handle.ephemeral
    result = await stage.result(ada)
    assert result.ephemeral is private
    assert modal_of(form).custom_id


async def test_a_past_request_is_painted_again(stage: Stage) -> None:
    ada, result = await shown(stage)
    panel = await history_of(ada)
    await slowly(stage, lambda: ada.press(panel, "Again"))
    assert (await stage.result(ada, after=panel)).files
    assert result.files
