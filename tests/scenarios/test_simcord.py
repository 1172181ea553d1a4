"""The same stories in SimCord, a model of Discord that none of us wrote.

It puts no bytes on a wire, so that its files are served here, ignores nonces, has a size limit of its own and names no
installation, by which `/help` tells what is offered: about those it proves nothing.
"""

from bot.texts import Text
from tests.orders import NANO_BANANA_PRO
from tests.simcord_story import Story
from tests.workshop import picture


async def test_words_become_a_picture_in_the_channel(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt="a lighthouse", ratio="widescreen")
    assert used.acknowledged
    (result,) = story.messages
    assert [user.id for user in result.mentions] == [story.ada.id]
    assert "> a lighthouse" in result.content
    assert "16:9" in result.content
    assert [file.description for file in result.attachments] == ["Nano Banana 2: a lighthouse"]
    assert used.response is None


async def test_four_pictures_come_in_one_message(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse", model=NANO_BANANA_PRO, count=3)
    (result,) = story.messages
    assert len(result.attachments) == 3
    assert len(story.gateway.tasks) == 3


async def test_a_refusal_is_private_and_says_all_that_is_wrong(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt=" ", ratio="7:5", resolution="9K")
    assert used.response is not None
    assert used.response.ephemeral
    assert used.response.content.count("\n- ") == 3
    assert story.messages == []
    assert story.gateway.tasks == ()


async def test_a_private_result_stays_private(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt="a secret", private=True)
    assert used.response is not None
    assert used.response.ephemeral
    assert len(used.response.attachments) == 1
    assert story.messages == []


async def test_ratios_are_suggested_for_the_chosen_model(story: Story) -> None:
    choices = await story.ada.autocomplete(story.channel, "imagine", "ratio", "wide", model=NANO_BANANA_PRO)
    assert choices[0] == {"name": "16:9 widescreen", "value": "16:9"}


async def test_buttons_work_after_a_restart_until_the_allowance_is_used_up(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    await story.restart()
    for count in (2, 3):
        await story.bob.click(story.messages[0], label="Again")
        assert len(story.messages) == count
    assert [user.id for user in story.messages[-1].mentions] == [story.bob.id]
    await story.bob.click(story.messages[0], label="Again")
    refused = await story.bob.click(story.messages[0], label="Again")
    assert refused.response is not None
    assert refused.response.ephemeral
    assert "You have used 3 of your 3 pictures" in refused.response.content


async def test_only_the_owner_deletes_the_result(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    refused = await story.bob.click(story.messages[0], label="Delete")
    assert refused.response is not None
    assert refused.response.ephemeral
    assert refused.response.content == str(Text("button.not_yours"))
    assert len(story.messages) == 1
    await story.ada.click(story.messages[0], label="Delete")
    assert story.messages == []


async def test_a_failure_is_told_where_the_progress_was(story: Story) -> None:
    story.gateway.next_task(ending="failed")
    used = await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    assert used.response is not None
    assert "did not work" in used.response.content


async def test_attached_pictures_reach_the_gateway(story: Story) -> None:
    await story.ada.slash(
        story.channel,
        "imagine",
        prompt="a cat",
        image1=("cat.png", picture("red", (30, 20))),
        image2=("dog.png", picture("blue", (20, 30))),
    )
    (result,) = story.messages
    assert len(result.attachments) == 1
    (task,) = story.gateway.tasks
    assert [reference.pixels for reference in task.references] == [(30, 20), (20, 30)]


async def test_a_file_that_is_no_picture_is_refused_by_name(story: Story) -> None:
    used = await story.ada.slash(story.channel, "imagine", prompt="a cat", image1=("notes.png", b"no picture"))
    assert used.response is not None
    assert str(Text("image.not_an_image", {"name": "image1"})) in used.response.content
    assert story.gateway.tasks == ()
