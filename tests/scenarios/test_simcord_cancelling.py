"""Cancelling in SimCord what is still being painted. It moves no time while the bot is not idle."""

from bot.texts import Text
from tests.simcord_story import Story


async def test_only_the_owner_cancels_what_is_being_painted_and_is_told_what_was_spent(story: Story) -> None:
    story.gateway.next_task(seconds=60.0)
    await story.meanwhile(story.ada.slash(story.channel, "imagine", prompt="a lighthouse"))
    (progress,) = story.messages
    await story.meanwhile(story.bob.click(progress, label="Cancel"))
    assert str(Text("cancel.not_yours")) in story.env.transcript()
    assert story.messages[0].content == progress.content
    await story.meanwhile(story.ada.click(progress, label="Cancel"))
    (left,) = story.messages
    assert left.attachments == []
    assert left.content == str(Text("cancelled.all_one", {"prompt": "a lighthouse"}))
