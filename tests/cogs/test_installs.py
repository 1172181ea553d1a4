"""Easel where people bring it along: added to their own account, in places where it is no member."""

import pytest

from bot.jobs.job import JobState
from bot.sandbox.discord.people import Upload
from bot.sandbox.discord.permissions import Permission
from bot.texts import Text
from tests.stage import FOLLOW_UP, MESSAGES, Stage
from tests.workshop import picture


async def test_every_command_and_menu_is_offered_to_servers_and_accounts_everywhere(stage: Stage) -> None:
    commands = stage.world.commands[None].values()
    assert commands
    for command in commands:
        assert command.definition["integration_types"] == [0, 1], command.name
        assert command.definition["contexts"] == [0, 1, 2], command.name


async def test_in_a_server_without_the_bot_the_answer_becomes_the_result(stage: Stage) -> None:
    ada = stage.guest()
    handle = await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert handle.response is not None
    assert handle.response.id == result.id
    assert not result.ephemeral
    assert stage.asked("POST", MESSAGES) == ()
    assert stage.asked("POST", FOLLOW_UP) == ()


@pytest.mark.parametrize("others", [1, 2])
async def test_in_a_conversation_of_people_everyone_sees_the_result(stage: Stage, others: int) -> None:
    ada, *friends = people = [stage.guest(name) for name in ("ada", "bob", "cyd")[: others + 1]]
    talk = stage.conversation(*people)
    ada = ada.at(talk)
    handle = await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    assert handle.response is not None
    assert handle.response.id == result.id
    for friend in friends:
        assert [message.id for message in friend.at(talk).sees()] == [result.id]


async def test_someone_without_the_bot_may_press_again_below_a_result_of_somebody_who_has_it(stage: Stage) -> None:
    ada, bob = stage.guest("ada"), stage.person("bob")
    talk = stage.conversation(ada, bob, stage.person("cyd"))
    await ada.at(talk).command("imagine", prompt="a lighthouse")
    first = await stage.result(ada.at(talk))
    await stage.tidied(await stage.job_of(first))
    handle = await bob.at(talk).press(first, "Again")
    second = await stage.result(bob.at(talk), after=first)
    assert handle.response is not None
    assert handle.response.id == second.id
    assert second.mentioned == (bob.user.id,)
    job = await stage.job_of(second)
    assert job.place.user_id == int(bob.user.id)


async def test_delete_takes_the_result_away_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest()
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    await stage.tidied(await stage.job_of(result))
    await ada.press(result, "Delete")
    await ada.waits_until(lambda: ada.sees() == (), "the result to be gone")


async def test_where_external_apps_speak_privately_the_result_is_for_whoever_asked_alone(stage: Stage) -> None:
    ada = stage.guest()
    ada.channel.deny(ada.user, Permission.USE_EXTERNAL_APPS)
    await ada.command("imagine", prompt="a lighthouse")
    assert (await stage.result(ada)).ephemeral


async def test_what_takes_longer_than_the_answer_can_wait_comes_as_a_direct_message(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.guest()
    await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    stage.clock.advance(15 * 60 + 1)
    home = ada.at(stage.world.direct_channel(ada.user))
    result = await stage.result(home)
    assert "> a lighthouse" in result.content


async def test_where_no_way_is_left_it_is_told_at_the_next_command_by_a_single_follow_up(stage: Stage) -> None:
    stage.gateway.next_task(seconds=20.0)
    ada = stage.guest()
    ada.user.accepts_direct_messages = False
    await ada.command("imagine", prompt="a lighthouse")
    await stage.submitted()
    job = await stage.newest_job()
    stage.clock.advance(15 * 60 + 1)
    job = await stage.tidied(job)
    assert job.state is JobState.UNDELIVERABLE
    handle = await ada.command("usage")
    await ada.waits_until(lambda: handle.followups, "a notice")
    (told,) = handle.followups
    assert told.ephemeral
    assert "a lighthouse" in told.content
    assert len(stage.asked("POST", FOLLOW_UP)) == 1


async def test_direct_messages_with_the_bot_need_no_installation(stage: Stage) -> None:
    ada = stage.stranger()
    await ada.command("imagine", prompt="a lighthouse")
    assert (await stage.result(ada)).files


async def test_edit_with_easel_takes_pictures_of_messages_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest("ada")
    photo = await ada.says("my cat", files=[Upload("cat.png", picture("orange"))])
    opened = await ada.uses("Edit with Easel", photo)
    await opened.opened_modal()
    sent = await ada.submits(opened, {str(Text("form.prompt")): "as an astronaut"})
    result = await stage.result(ada, after=photo)
    assert "as an astronaut" in result.content
    assert sent.response is not None
    assert sent.response.id == result.id
    (task,) = stage.gateway.tasks
    assert len(task.references) == 1


async def test_buttons_below_a_result_work_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest("ada")
    await ada.command("imagine", prompt="a lighthouse")
    first = await stage.result(ada)
    await stage.tidied(await stage.job_of(first))
    for button in ("Again", "Variations"):
        await ada.press(first, button)
        first = await stage.result(ada, after=first)
        await stage.tidied(await stage.job_of(first))
    assert (await (await ada.press(first, "Full size")).answer()).ephemeral
    assert stage.asked("POST", MESSAGES) == ()


async def test_everything_private_works_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest("ada")
    for command in ("help", "usage", "history", "defaults"):
        answer = await (await ada.command(command)).answer()
        assert answer.ephemeral, command
    assert stage.asked("POST", FOLLOW_UP) == ()
