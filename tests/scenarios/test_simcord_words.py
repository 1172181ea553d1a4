"""Requests in words in SimCord: mentions, answers to pictures, direct messages; with a restart in between."""

from bot.texts import Text
from tests.simcord_story import Story
from tests.workshop import picture


async def test_a_mention_with_a_picture_is_a_request(story: Story) -> None:
    await story.ada.send(
        story.channel,
        f"{story.bot_mention} this cat as an astronaut",
        attachments=[("cat.png", picture(size=(30, 20)))],
    )
    result = story.messages[-1]
    assert [user.id for user in result.mentions] == [story.ada.id]
    assert "> this cat as an astronaut" in result.content
    (task,) = story.gateway.tasks
    assert [reference.pixels for reference in task.references] == [(30, 20)]


async def test_a_chain_of_answers_by_two_people_over_a_restart(story: Story) -> None:
    await story.asks(story.ada, "a lighthouse", ratio="16:9")
    await story.bob.send(story.channel, "make it night", reply_to=story.messages[-1])
    await story.restart()
    await story.ada.send(story.channel, "add a ship --ratio 1:1 --2k", reply_to=story.messages[-1])
    last = story.messages[-1]
    assert [user.id for user in last.mentions] == [story.ada.id]
    assert "> add a ship\n" in last.content
    assert [(task.request.ratio, task.request.resolution) for task in story.gateway.tasks] == [
        ("16:9", "1K"),
        ("16:9", "1K"),
        ("1:1", "2K"),
    ]
    assert [len(task.references) for task in story.gateway.tasks] == [0, 1, 1]
    assert story.gateway.uploads == ()  # each goes on from the gateway's own original


async def test_an_answer_to_somebody_else_s_picture_is_not_heard_without_the_intent(story: Story) -> None:
    photo = await story.bob.send(story.channel, attachments=[("cat.png", picture())])
    await story.ada.send(story.channel, f"{story.bot_mention} make it night", reply_to=photo)
    assert story.gateway.tasks == ()
    assert str(Text("words.hint", {"command": str(Text("menu.edit"))})) in story.messages[-1].content


async def test_words_that_are_not_for_the_bot_stay_unanswered(story: Story) -> None:
    await story.ada.send(story.channel, "good morning")
    assert len(story.messages) == 1


async def test_a_direct_message_is_a_request(story: Story) -> None:
    await story.ada.send_dm("a lighthouse --ratio 16:9")
    result = story.ada.user.dm_channel.history()[-1]
    assert len(result.attachments) == 1
    assert story.gateway.tasks[-1].request.ratio == "16:9"
