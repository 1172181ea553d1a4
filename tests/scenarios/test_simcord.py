"""The same stories in SimCord, a model of Discord that none of us wrote.

It puts no bytes on a wire, so that its files are served here, ignores nonces, has a size limit of its own and names no
installation, by which `/help` tells what is offered: about those it proves nothing.
"""

from pathlib import Path

from bot.texts import Text
from tests.orders import NANO_BANANA_PRO
from tests.simcord_story import Story, open_story
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


async def test_an_allowance_runs_out_for_whoever_presses_again(tmp_path: Path) -> None:
    async with open_story(tmp_path, user_images_per_window=1) as story:
        await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
        await story.bob.click(story.messages[0], label="Again")
        assert [[user.id for user in message.mentions] for message in story.messages] == [
            [story.ada.id],
            [story.bob.id],
        ]
        refused = await story.bob.click(story.messages[0], label="Again")
        assert refused.response is not None
        assert refused.response.ephemeral
        assert "You have used 1 of your 1 pictures" in refused.response.content


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
