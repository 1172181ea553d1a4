"""Forms in SimCord: filled in, refused and opened again, and sent to a bot that was restarted since."""

from typing import Any

import pytest
import simcord

from bot.errors import Refusal
from bot.texts import Text
from bot.ui import forms
from tests.orders import NANO_BANANA_PRO
from tests.simcord_story import Story
from tests.workshop import picture

CHOSEN: dict[str, Any] = {
    forms.PROMPT: "a cat before a lighthouse",
    forms.MODEL: [f"{NANO_BANANA_PRO}/2K"],
    forms.RATIO: ["3:4"],
    forms.PICTURES: [("cat.png", picture("red", (30, 20)))] * 10,
    forms.OTHER_PICTURES: [("lighthouse.png", picture("blue", (20, 30)))] * 4,
}

LONG = "long" * 300


def hints(opened: simcord.InteractionResult) -> list[str | None]:
    """What stands below the fields of an open form."""
    assert opened.modal is not None
    return [field.get("description") for field in opened.modal["components"]]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_form_with_fourteen_pictures_becomes_a_picture(story: Story, restarted: bool) -> None:
    opened = await story.ada.slash(story.channel, "compose")
    if restarted:
        await story.restart()
    await story.ada.submit_modal(opened, CHOSEN)
    (result,) = story.messages
    assert [user.id for user in result.mentions] == [story.ada.id]
    assert len(result.attachments) == 1
    (task,) = story.gateway.tasks
    assert (task.request.model.id, task.request.ratio, task.request.resolution) == (NANO_BANANA_PRO, "3:4", "2K")
    assert [reference.pixels for reference in task.references] == [(30, 20)] * 10 + [(20, 30)] * 4


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_refused_form_is_opened_again_with_its_words_and_pictures(story: Story, restarted: bool) -> None:
    opened = await story.ada.slash(story.channel, "compose")
    refused = await story.ada.submit_modal(opened, {**CHOSEN, forms.PROMPT: LONG, forms.OTHER_PICTURES: []})
    assert refused.response is not None
    assert refused.response.ephemeral
    assert story.gateway.tasks == ()
    if restarted:
        await story.restart()
    again = await story.ada.click(refused.response, label=str(Text("form.reopen")))
    assert again.modal is not None
    assert again.modal["components"][0]["component"]["value"] == LONG
    assert str(Text("form.add_several", {"count": 10, "most": 4})) in hints(again)
    await story.ada.submit_modal(
        again, {forms.PROMPT: "short", forms.MODEL: CHOSEN[forms.MODEL], forms.RATIO: CHOSEN[forms.RATIO]}
    )
    (result,) = story.messages
    assert "> short" in result.content
    (task,) = story.gateway.tasks
    assert len(task.references) == 10


async def test_the_menu_of_a_message_opens_a_form_with_its_picture(story: Story) -> None:
    photo = await story.bob.send(story.channel, "look", attachments=[("cat.png", picture("red", (30, 20)))])
    opened = await story.ada.context_menu(story.channel, str(Text("menu.edit")), photo)
    assert str(Text("form.add_one", {"most": 10})) in hints(opened)
    choices = {forms.MODEL: CHOSEN[forms.MODEL], forms.RATIO: ["auto"]}
    await story.ada.submit_modal(opened, {forms.PROMPT: "at night", **choices})
    assert "> at night" in story.messages[-1].content
    (task,) = story.gateway.tasks
    assert [reference.pixels for reference in task.references] == [(30, 20)]


async def test_the_menu_of_a_message_without_a_picture_says_so_privately(story: Story) -> None:
    words = await story.bob.send(story.channel, "good morning")
    told = await story.ada.context_menu(story.channel, str(Text("menu.edit")), words)
    assert told.response is not None
    assert told.response.ephemeral
    assert told.response.content == str(Text("menu.no_pictures"))
    simcord.assert_error(story.env, Refusal)  # what a command raises is an error to SimCord, even if it was answered
