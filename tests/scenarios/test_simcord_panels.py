"""Private panels in SimCord: history, allowances, help."""

from bot.texts import Text
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
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


async def test_defaults_hold_for_whoever_set_them_also_after_a_restart(story: Story) -> None:
    told = await story.ada.slash(story.channel, "defaults", model=NANO_BANANA_PRO, ratio="9:16", private=True)
    assert told.response is not None
    assert told.response.ephemeral
    assert str(Text("defaults.ratio", {"ratio": "9:16"})) in told.response.content
    await story.restart()
    hidden = await story.ada.slash(story.channel, "imagine", prompt="a lighthouse")
    assert hidden.ephemeral
    assert story.messages == []
    await story.bob.slash(story.channel, "imagine", prompt="a lighthouse")
    mine, his = story.gateway.tasks
    assert (mine.request.model.id, mine.request.ratio) == (NANO_BANANA_PRO, "9:16")
    assert (his.request.model.id, his.request.ratio) == (NANO_BANANA_2, "1:1")


async def test_the_details_of_a_picture_are_told_privately_by_its_menu_and_its_button(story: Story) -> None:
    await story.asks(story.ada, "a lighthouse", ratio="16:9")
    (result,) = story.messages
    by_menu = await story.bob.context_menu(story.channel, str(Text("menu.details")), result)
    by_button = await story.bob.click(result, label="Details")
    for told in (by_menu.response, by_button.response):
        assert told is not None
        assert told.ephemeral
        assert "> a lighthouse" in told.content
        assert "/imagine prompt:a lighthouse" in told.content
