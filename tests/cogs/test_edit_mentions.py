"""Requests in words that answer no picture: mentions of the bot and direct messages; and what is none."""

from bot.jobs.hints import EVERY
from bot.sandbox.discord.conversation import DEFAULT, Mentions, Message
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from tests.messages import answered, forwards, nothing_happens, outcome_of, sentence
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage
from tests.workshop import picture


async def test_a_mention_with_words_is_a_request(stage: Stage) -> None:
    ada = stage.person()
    asked = await ada.says(f"please {stage.mention} paint a lighthouse")
    _, job = await outcome_of(stage, ada, asked)
    assert job.request.prompt == "please paint a lighthouse"
    assert job.request.model == NANO_BANANA_2
    assert job.parent is None


async def test_a_mention_uses_the_persons_own_choices(stage: Stage) -> None:
    ada = stage.person()
    own = (await stage.services.preferences.of(1)).__class__(model=NANO_BANANA_PRO, ratio="16:9", resolution="2K")
    await stage.services.preferences.keep(int(ada.user.id), own)
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    assert (job.request.model, job.request.size, job.request.resolution) == (NANO_BANANA_PRO, "16:9", "2K")


async def test_a_mention_with_pictures_works_from_them(stage: Stage) -> None:
    ada = stage.person()
    files = [Upload("a.png", picture("red")), Upload("b.png", picture("blue"))]
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} mix them", files=files))
    assert [reference.name for reference in job.references] == ["image1", "image2"]
    assert len(stage.gateway.uploads) == 2


async def test_a_mention_alone_is_answered_with_how_to_ask(stage: Stage) -> None:
    ada = stage.person()
    reply = await answered(stage, ada, await ada.says(f" {stage.mention} "))
    assert reply.content == sentence("words.how_to")


async def test_other_mentions_become_names_and_ping_nobody(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    asked = await ada.says(f"{stage.mention}, {bob.user.mention} in <#{stage.channel.id}> <:cat:123456789012345678>")
    result, job = await outcome_of(stage, ada, asked)
    assert job.request.prompt == f"{bob.user.name} in #{stage.channel.name} :cat:"
    assert result.mentioned == (ada.user.id,)


async def test_words_that_do_not_concern_the_bot_are_left_alone(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    said = await bob.says("look", files=[Upload("cat.png", picture("red"))])
    await ada.says("how nice")
    await ada.says("how nice", reply_to=said)
    await ada.says("@everyone hello")
    await nothing_happens(stage, ada)


async def test_bots_and_webhooks_are_not_listened_to(stage: Stage) -> None:
    ada, robot = stage.person("ada"), stage.person("robot")
    robot.user.bot = True
    await robot.says(f"{stage.mention} a lighthouse")
    await nothing_happens(stage, ada)


async def test_words_to_a_failure_lead_to_its_button_once_an_hour_and_cost_nothing(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    failure = await failed(stage, ada)
    hint = sentence("words.after_failure", button="Edit")
    assert (await answered(stage, ada, await ada.says("a red one then", reply_to=failure))).content == hint
    await ada.says("thanks", reply_to=failure)
    await ada.says("thanks", reply_to=failure, ping=False)
    await nothing_happens(stage, ada)
    assert (await answered(stage, bob, await bob.says("try a red one", reply_to=failure))).content == hint
    stage.clock.advance(EVERY + 1)
    assert (await answered(stage, ada, await ada.says("a green one", reply_to=failure))).content == hint
    assert len(stage.gateway.tasks) == 1
    again = await ada.says(f"{stage.mention} a red lighthouse", reply_to=failure)
    _, job = await outcome_of(stage, ada, again)
    assert job.request.prompt == "a red lighthouse"


async def test_a_reaction_to_a_failure_or_words_to_anything_else_are_met_with_silence(stage: Stage) -> None:
    ada = stage.person()
    failure = await failed(stage, ada)
    for reaction in ("😂", "!!!"):
        await ada.says(reaction, reply_to=failure)
    how_to = await answered(stage, ada, await ada.says(stage.mention))
    await ada.says("thanks", reply_to=how_to)
    await nothing_happens(stage, ada)


async def test_editing_or_deleting_the_request_changes_nothing(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.person()
    asked = await ada.says(f"{stage.mention} a lighthouse")
    await answered(stage, ada, asked)
    await stage.submitted()
    await ada.edits(asked, f"{stage.mention} a cat")
    await ada.deletes(asked)
    await stage.passing(lambda: any(message.files for message in ada.sees()))
    result = await stage.result(ada)
    assert "a lighthouse" in result.content
    assert result.reply_to is None
    assert len(stage.gateway.tasks) == 1


async def test_direct_words_are_a_request_and_answers_are_edits(stage: Stage) -> None:
    ada = stage.stranger()
    first, job = await outcome_of(stage, ada, await ada.says("a lighthouse --private"))
    assert job.place.guild_id is None
    _, second = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first, ping=False))
    assert second.parent == job.id


async def test_a_direct_answer_to_ones_own_picture_works_from_it(stage: Stage) -> None:
    ada = stage.stranger()
    sent = await ada.says("", files=[Upload("cat.png", picture("red"))])
    assert (await answered(stage, ada, sent)).content == sentence("words.missing")
    asked = await ada.says("give it a hat", reply_to=sent)
    _, job = await outcome_of(stage, ada, asked)
    assert [reference.filename for reference in job.references] == ["cat.png"]


async def test_in_a_thread_it_works_as_in_a_channel(stage: Stage) -> None:
    thread = stage.guild.add_thread(stage.channel, "pictures")
    ada = stage.person(channel=thread)
    first, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} a lighthouse"))
    asked = await ada.says("make it night", reply_to=first)
    result, second = await outcome_of(stage, ada, asked)
    assert result.channel_id == thread.id
    assert second.parent == job.id


async def test_a_long_message_is_measured_by_the_models_own_limit(stage: Stage) -> None:
    ada = stage.person()
    ada.user.longest_message = 4000
    words = "on " * 1200
    _, job = await outcome_of(stage, ada, await ada.says(f"{stage.mention} {words}"))
    assert len(job.request.prompt) == len(words.strip())
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} {words} --model pro"))
    assert "1000" in refusal.content


async def test_a_system_message_is_nobodys_request(stage: Stage) -> None:
    ada = stage.person()
    message = Message(
        id=stage.world.snowflake(),
        channel=ada.channel,
        author=ada.user,
        created_at=stage.world.now(),
        content=f"{stage.mention} joined",
        type=7,
        mentions=Mentions(users=[stage.world.application.bot.id]),
    )
    assert message.type != DEFAULT
    stage.world.post(message)
    await nothing_happens(stage, ada)


async def test_a_forwarded_picture_is_asked_about_and_worked_from_when_it_is_answered(stage: Stage) -> None:
    bob, ada = stage.person("bob"), stage.stranger("ada")
    shown = await bob.says("look", files=[Upload("SPOILER_cat.png", picture("red"))])
    sent = forwards(stage, ada, shown)
    assert (await answered(stage, ada, sent)).content == sentence("words.missing_answer")
    _, job = await outcome_of(stage, ada, await ada.says("give it a hat", reply_to=sent))
    assert [reference.filename for reference in job.references] == ["SPOILER_cat.png"]
    assert job.spoiler
    assert job.parent is None


async def test_a_file_named_like_anothers_picture_leads_to_no_job(stage: Stage) -> None:
    bob, ada = stage.person("bob"), stage.stranger("ada")
    handle = await bob.command("imagine", prompt="a secret", private=True)
    await stage.submitted()
    await bob.waits_until(lambda: handle.response and handle.response.files, "the secret is painted")
    assert handle.response is not None
    (secret,) = handle.response.files
    sent = await ada.says("", files=[Upload(secret.filename, picture("red"))])
    _, job = await outcome_of(stage, ada, await ada.says("make it night", reply_to=sent))
    assert job.parent is None
    assert [reference.url for reference in stage.gateway.tasks[-1].references] == [job.references[0].uploaded_url]
    assert len(stage.gateway.uploads) == 1


async def failed(stage: Stage, person: Person) -> SeenMessage:
    """What tells of a failure, in the channel."""
    stage.gateway.next_task(ending="failed")
    asked = await person.says(f"{stage.mention} a lighthouse")
    told = await person.waits_for(lambda message: "did not work" in message.content, after=asked)
    await stage.tidied(await stage.job_of(told))
    return told
