import sqlite3

import discord
import pytest
from discord import app_commands

from bot.jobs.job import Job, JobState
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage
from bot.texts import Text
from bot.ui.interactions import answering, say_privately
from bot.ui.places import Interaction
from tests.stage import FOLLOW_UP, ORIGINAL, Stage
from tests.trouble import undecided

NO_WAY = "Discord left Easel no way"


async def undeliverable(stage: Stage, person: Person, prompt: str = "a secret") -> Job:
    """A private request whose outcome nobody could be shown: the token is over, direct messages are closed."""
    stage.gateway.next_task(seconds=20.0)
    person.user.accepts_direct_messages = False
    handle = await person.command("imagine", prompt=prompt, private=True)
    await handle.answer()
    job = await stage.newest_job()
    await stage.passing(lambda: any(task.request.prompt == prompt for task in stage.gateway.tasks))
    stage.clock.advance(15 * 60 + 1)
    job = await stage.tidied(job)
    assert job.state is JobState.UNDELIVERABLE
    return job


async def notice(person: Person, handle: InteractionHandle) -> SeenMessage:
    """The notice that follows an answer."""
    await person.waits_until(lambda: handle.followups, "a notice")
    (told,) = handle.followups
    return told


async def without_notice(stage: Stage, person: Person) -> None:
    """Use a command, once all is told, and see nothing but its answer."""
    await stage.told(person)
    handle = await person.command("usage")
    await handle.answer()
    await stage.settled()
    await stage.settled()
    assert handle.followups == ()


async def test_an_undeliverable_outcome_is_told_once_privately_after_the_next_answer(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    job = await undeliverable(stage, ada, "a *secret* for <@7>")
    handle = await ada.command("usage")
    told = await notice(ada, handle)
    assert told.ephemeral
    assert NO_WAY in told.content
    assert "does not count against your allowance" in told.content
    assert f"- <t:{int(job.created_at)}:f>: a \\*secret\\* for \\<\\@7\\>" in told.content
    assert handle.response is not None
    assert " 0 of 1000" in handle.response.content
    assert not any(NO_WAY in message.content for message in bob.sees())
    await without_notice(stage, ada)


async def test_nobody_else_is_told(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await undeliverable(stage, ada)
    await without_notice(stage, bob)
    assert NO_WAY in (await notice(ada, await ada.command("help"))).content


async def test_it_is_told_after_a_restart_and_not_again_after_another(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    assert NO_WAY in (await notice(ada, await ada.command("usage"))).content
    await stage.stop_bot()
    await stage.start_bot()
    await without_notice(stage, ada)


async def test_a_notice_that_discord_refuses_is_given_at_the_next_command(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    stage.fault(FOLLOW_UP, method="POST", status=403, body={"code": 50001, "message": "Missing Access"})
    handle = await ada.command("usage")
    await stage.record.wait_for(lambda exchange: exchange.route == FOLLOW_UP and exchange.status == 403, 30)
    await stage.settled()
    assert handle.followups == ()
    assert NO_WAY in (await notice(ada, await ada.command("usage"))).content


async def test_several_are_told_together_and_the_rest_the_next_time(stage: Stage) -> None:
    ada = stage.person()
    jobs = [await undeliverable(stage, ada, "the first")]
    await stage.stop_bot()
    with sqlite3.connect(stage.folder / "easel.db") as other:
        columns = [row[1] for row in other.execute("PRAGMA table_info(jobs)")]
        for number in range(6):
            changed = {"id": f"'{number:020}'", "interaction_id": number, "message_id": "NULL"}
            values = ", ".join(str(changed.get(column, column)) for column in columns)
            other.execute(f"INSERT INTO jobs SELECT {values} FROM jobs WHERE id = '{jobs[0].id}'")  # noqa: S608 - no words from outside
    other.close()
    await stage.start_bot()
    first = await notice(ada, await ada.command("usage"))
    assert "what became of 5 of your requests" in first.content
    assert first.content.count("\n- <t:") == 5
    await stage.told(ada, left=2)
    second = await notice(ada, await ada.command("usage"))
    assert second.content.count("\n- <t:") == 2
    await without_notice(stage, ada)


async def test_beside_a_late_answer_it_replaces_nothing_and_stays_private(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await undeliverable(stage, ada)
    stage.gateway.next_task(seconds=20.0)
    async with undecided(stage):
        handle = await ada.command("imagine", prompt="a lighthouse")
        await stage.passing(lambda: handle.acknowledged)
    assert NO_WAY in (await notice(ada, handle)).content
    assert (await notice(ada, handle)).ephemeral
    assert "> a lighthouse" in (await handle.answer()).content
    assert [message.loading for message in bob.sees()] == [False]
    assert "a secret" not in "".join(message.content for message in bob.sees())
    await stage.passing(lambda: len(stage.gateway.tasks) == 2)
    stage.clock.advance(30)
    assert (await stage.result(ada)).files


async def test_two_commands_at_once_bring_one_notice(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    stage.fault(FOLLOW_UP, method="POST", delay=0.3)
    first, second = await ada.command("usage"), await ada.command("help")
    await ada.waits_until(lambda: first.response and second.response, "both answers")
    await ada.waits_until(lambda: first.followups or second.followups, "a notice")
    await stage.stop_bot()  # which waits for what is on its way
    assert len((*first.followups, *second.followups)) == 1


async def test_beside_thinking_that_could_not_be_filled_nothing_is_told_until_the_next_command(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await undeliverable(stage, ada)
    stage.fault(ORIGINAL, method="PATCH", status=403, body={"code": 50001, "message": "Missing Access"}, times=0)
    async with undecided(stage):
        handle = await ada.command("imagine", prompt="a lighthouse")
        await stage.passing(lambda: handle.acknowledged)
    assert (await stage.result(ada)).files
    assert not any(NO_WAY in message.content for message in (*bob.sees(), *handle.followups))
    assert NO_WAY in (await notice(ada, await ada.command("usage"))).content


async def test_what_may_be_there_all_the_same_is_told_as_such(stage: Stage) -> None:
    ada = stage.person()
    await undeliverable(stage, ada)
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("UPDATE jobs SET uncertain = 1")
    other.close()
    told = await notice(ada, await ada.command("usage"))
    assert "(it may have arrived all the same): a secret" in told.content


async def pressed(person: Person, button: str) -> InteractionHandle:
    """Press a button below a result of one's own."""
    result = next(message for message in reversed(person.sees()) if message.files)
    return await person.press(result, button)


@pytest.mark.parametrize("button", ["Again", "Delete"])
async def test_it_is_told_after_a_button_too_and_beside_its_answer(stage: Stage, button: str) -> None:
    ada = stage.person("ada")
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await undeliverable(stage, ada)
    handle = await pressed(ada, button)
    told = await notice(ada, handle)
    assert told.ephemeral
    assert NO_WAY in told.content
    assert len(stage.asked("POST", FOLLOW_UP)) == 1
    await without_notice(stage, ada)


async def test_it_is_told_after_a_refusal_too(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await undeliverable(stage, bob)
    handle = await pressed(bob, "Delete")
    await bob.waits_until(lambda: handle.followups and NO_WAY in handle.followups[-1].content, "a notice")
    refusal, told = (each for each in (handle.response, *handle.followups) if each and each.ephemeral)
    assert refusal.content == str(Text("button.not_yours"))
    assert NO_WAY in told.content


async def test_whoever_is_given_a_form_is_told_once_it_is_sent(stage: Stage) -> None:
    class Form(discord.ui.Modal, title="A form"):
        words: discord.ui.Label["Form"] = discord.ui.Label(text="Words", component=discord.ui.TextInput())

        async def on_submit(self, interaction: Interaction) -> None:
            async with answering(interaction):
                await say_privately(interaction, "thank you")

    @app_commands.context_menu(name="Look closer")
    async def look(interaction: Interaction, _message: discord.Message) -> None:
        async with answering(interaction):
            await interaction.response.send_modal(Form())

    stage.bot.tree.add_command(look)
    await stage.bot.tree.sync()
    ada = stage.person("ada")
    await undeliverable(stage, ada)
    opened = await ada.uses("Look closer", await ada.says("hello"))
    await opened.opened_modal()
    await stage.settled()
    await stage.settled()
    assert opened.followups == ()
    sent = await ada.submits(opened, {"Words": "please"})
    assert NO_WAY in (await notice(ada, sent)).content
    assert sent.response is not None
    assert sent.response.content == "thank you"


async def test_a_menu_that_counts_as_a_command_and_as_answered_brings_one_notice(stage: Stage) -> None:
    @app_commands.context_menu(name="Look closer")
    async def look(interaction: Interaction, _message: discord.Message) -> None:
        async with answering(interaction):
            await say_privately(interaction, "nothing to see")

    stage.bot.tree.add_command(look)
    await stage.bot.tree.sync()
    ada = stage.person("ada")
    await undeliverable(stage, ada)
    stage.fault(FOLLOW_UP, method="POST", status=403, body={"code": 50001, "message": "Missing Access"})
    handle = await ada.uses("Look closer", await ada.says("hello"))
    await stage.record.wait_for(lambda exchange: exchange.route == FOLLOW_UP and exchange.status == 403, 30)
    await stage.settled()
    await stage.settled()
    assert handle.followups == ()
    assert len(stage.asked("POST", FOLLOW_UP)) == 1


async def test_where_people_bring_the_bot_along_a_notice_is_one_follow_up_of_the_five(stage: Stage) -> None:
    ada = stage.guest()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    await undeliverable(stage, ada)
    handle = await pressed(ada, "Again")
    assert NO_WAY in (await notice(ada, handle)).content
    assert len(stage.asked("POST", FOLLOW_UP)) == 1


async def test_a_notice_that_cannot_be_looked_up_leaves_the_answer_alone(stage: Stage) -> None:
    ada = stage.person("ada")
    await ada.command("imagine", prompt="a lighthouse")
    await stage.result(ada)
    stage.break_database()
    handle = await pressed(ada, "Again")
    assert (await handle.answer()).content == str(Text("internal"))
    await stage.settled()
    assert handle.followups == ()


async def test_it_is_told_after_a_form_that_was_sent(stage: Stage) -> None:
    ada = stage.person("ada")
    await undeliverable(stage, ada)
    opened = await ada.command("compose")
    await opened.opened_modal()
    await stage.settled()
    assert opened.followups == ()
    sent = await ada.submits(opened, {str(Text("form.prompt")): "a lighthouse"})
    assert NO_WAY in (await notice(ada, sent)).content
    assert (await stage.result(ada)).files


async def test_it_is_told_after_a_menu(stage: Stage) -> None:
    ada = stage.person("ada")
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    await undeliverable(stage, ada)
    handle = await ada.uses("Image details", result)
    told = await notice(ada, handle)
    assert told.ephemeral
    assert NO_WAY in told.content
