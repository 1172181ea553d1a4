"""The buttons below a result in SimCord, before and after a restart.

SimCord does not tell from which message's button a message came, so that the answer to "Which one?" is not believed
there.
"""

import discord
import pytest

from bot.texts import Text
from tests.orders import NANO_BANANA_2
from tests.simcord_story import Story, button, read


@pytest.fixture(params=["running", "restarted"])
async def result(story: Story, request: pytest.FixtureRequest) -> discord.Message:
    """A picture of Ada's, whose bot may have been restarted since."""
    await story.asks(story.ada, "a lighthouse", ratio="16:9", model=NANO_BANANA_2)
    if request.param == "restarted":
        await story.restart()
    return story.messages[0]


async def test_again_paints_the_same_for_whoever_presses_it(story: Story, result: discord.Message) -> None:
    await story.bob.click(result, label="Again")
    again = story.messages[-1]
    assert [user.id for user in again.mentions] == [story.bob.id]
    assert "> a lighthouse" in again.content
    first, second = story.gateway.tasks
    assert first.request.ratio == second.request.ratio == "16:9"


async def test_variations_are_four_pictures_from_this_one(story: Story, result: discord.Message) -> None:
    await story.bob.click(result, label="Variations")
    assert len(story.messages[-1].attachments) == 4
    assert [len(task.references) for task in story.gateway.tasks] == [0, 1]
    assert story.gateway.uploads == ()  # the gateway has its own picture still


async def test_which_of_several_pictures_is_meant_is_asked_privately(story: Story, result: discord.Message) -> None:
    await story.ada.click(result, label="Variations")
    asked = await story.bob.click(story.messages[-1], label="Variations")
    assert asked.response is not None
    assert asked.response.ephemeral
    assert read(asked.response) == str(Text("button.which"))
    assert button(asked.response, "4").startswith("variations:")
    assert len(story.messages) == 2


async def test_upscale_paints_the_next_resolution(story: Story, result: discord.Message) -> None:
    await story.ada.click(result, label="Upscale to 2K")
    assert "2K" in story.messages[-1].content
    assert [task.request.resolution for task in story.gateway.tasks] == ["1K", "2K"]


async def test_full_size_tells_whoever_asks_where_the_original_is(story: Story, result: discord.Message) -> None:
    told = await story.bob.click(result, label="Full size")
    assert told.response is not None
    assert told.response.ephemeral
    assert f"({story.gateway.files_url}/generated/" in told.response.content.replace("<", "")
    await story.env.advance_time(25 * 3600)
    ended = await story.bob.click(result, label="Full size")
    assert ended.response is not None
    assert story.gateway.files_url not in ended.response.content


async def test_only_the_owner_deletes_the_result(story: Story, result: discord.Message) -> None:
    refused = await story.bob.click(result, label="Delete")
    assert refused.response is not None
    assert refused.response.ephemeral
    assert refused.response.content == str(Text("button.not_yours"))
    assert len(story.messages) == 1
    await story.ada.click(result, label="Delete")
    assert story.messages == []
