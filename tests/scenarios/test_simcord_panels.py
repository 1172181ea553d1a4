"""Private panels in SimCord: history, allowances, help."""

from bot.texts import Text
from tests.simcord_story import Story, button, read


async def test_the_history_is_turned_and_thinned_also_after_a_restart(story: Story) -> None:
    for number in range(1, 7):
        await story.asks(story.bob, f"lighthouse {number}", private=number == 2)
    opened = await story.bob.slash(story.channel, "history")
    assert opened.response is not None
    assert opened.response.ephemeral
    assert "lighthouse 6" in read(opened.response)
    assert "lighthouse 1" not in read(opened.response)
    await story.restart()
    await story.bob.click(opened.response, label=str(Text("history.button_older")))
    assert "lighthouse 1" in read(opened.response)
    await story.bob.click(opened.response, label=str(Text("history.button_newer")))
    newest = button(opened.response, "Delete")
    await story.bob.click(opened.response, custom_id=newest)
    assert "lighthouse 6" not in read(opened.response)
    assert ["lighthouse 6" in message.content for message in story.messages] == [False] * 4


async def test_nobody_else_sees_the_history_s_requests(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    opened = await story.bob.slash(story.channel, "history")
    assert opened.response is not None
    assert read(opened.response) == str(Text("history.empty"))


async def test_usage_counts_what_was_painted(story: Story) -> None:
    await story.ada.slash(story.channel, "imagine", prompt="a lighthouse", count=2)
    told = await story.ada.slash(story.channel, "usage")
    assert told.response is not None
    assert told.response.ephemeral
    assert "2 of 1000" in told.response.content


async def test_help_is_private_and_has_examples(story: Story) -> None:
    told = await story.ada.slash(story.channel, "help")
    assert told.response is not None
    assert told.response.ephemeral
    assert str(Text("help.examples")) in told.response.content
