import pytest

from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.texts import Text
from tests.bot.ui.buttons.scene import failed, forge, painted
from tests.stage import Stage
from tests.workshop import picture

MENU = "Image details"
WAYS = ["Details", MENU]


async def asked(person: Person, message: SeenMessage, way: str) -> InteractionHandle:
    return await (person.uses(MENU, message) if way == MENU else person.press(message, way))


async def told(person: Person, message: SeenMessage, way: str = MENU) -> SeenMessage:
    answer = await (await asked(person, message, way)).answer()
    assert answer.ephemeral
    return answer


@pytest.mark.parametrize("way", WAYS)
async def test_anybody_who_sees_a_result_may_know_how_it_was_made(stage: Stage, way: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    result = await painted(stage, ada, ratio="16:9", count=2, image1=Upload("a.png", picture()))
    shown = (await told(bob, result, way)).content
    assert "> a lighthouse" in shown
    assert f"**Asked for by** <@{ada.user.id}>" in shown
    assert "**Counts against the allowance:** 2 of 2" in shown
    assert "**Charged by the image service:** 2\n" in shown
    assert "Given back" not in shown
    assert "Perhaps" not in shown
    assert "**Reference pictures:** 1" in shown
    assert "/imagine prompt:a lighthouse model:Nano Banana 2 ratio:16:9 resolution:1K count:2" in shown


@pytest.mark.parametrize("way", WAYS)
async def test_a_failure_tells_why_and_that_it_cost_nothing(stage: Stage, way: str) -> None:
    ada = stage.person()
    shown = (await told(ada, await failed(stage, ada), way)).content
    assert "**Failed**" in shown
    assert "**Counts against the allowance:** 0 of 1" in shown
    assert "**Given back by the image service:** 1" in shown


async def test_the_command_paints_the_same(stage: Stage) -> None:
    ada = stage.person()
    result = await painted(
        stage, ada, ratio="9:16", resolution="2K", model="Nano Banana Pro", more="orientation portrait"
    )
    shown = (await told(ada, result)).content
    assert (
        "/imagine prompt:a lighthouse model:Nano Banana Pro ratio:9:16 resolution:2K count:1 more:orientation portrait"
        in shown
    )


@pytest.mark.parametrize("way", WAYS)
async def test_details_are_told_after_a_restart(stage: Stage, way: str) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    await stage.stop_bot()
    await stage.start_bot()
    assert "> a lighthouse" in (await told(ada, result, way)).content


@pytest.mark.parametrize("way", WAYS)
async def test_a_chain_by_two_people_is_told_with_links(stage: Stage, way: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    first = await painted(stage, ada)
    await bob.press(first, "Variations")
    second = await stage.result(bob, after=first)
    await stage.tidied(await stage.job_of(second))
    shown = (await told(ada, second, way)).content
    link = f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{first.id}"
    assert link in shown
    deleted = await stage.services.engine.job((await stage.job_of(second)).parent or "")
    assert deleted is not None
    await stage.services.engine.outcome_deleted(deleted.id)
    again = (await told(ada, second, way)).content
    assert link not in again
    assert str(Text("details.lineage")) in again


@pytest.mark.parametrize("way", WAYS)
async def test_a_long_prompt_comes_as_a_file(stage: Stage, way: str) -> None:
    ada = stage.person()
    prompt = " ".join(["lighthouse"] * 500)
    result = await painted(stage, ada, prompt=prompt)
    answer = await told(ada, result, way)
    (file,) = answer.files
    assert prompt in (await ada.download(file)).decode()
    assert str(Text("details.in_file")) in answer.content


async def test_of_a_message_that_is_no_outcome_nothing_is_known(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    said = await bob.says("look at this", files=[Upload("a.png", picture())])
    assert (await told(ada, said)).content == str(Text("details.none"))


async def test_a_private_result_tells_its_owner(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    hidden = await painted(stage, ada, private=True)
    assert "private:True" in (await told(ada, hidden, "Details")).content
    own = await painted(stage, bob)
    forge(stage, own, "Details", f"details:{(await stage.job_of(hidden)).id}")
    assert (await told(bob, own, "Details")).content == str(Text("button.elsewhere"))


@pytest.mark.parametrize("way", WAYS)
async def test_details_are_told_in_direct_messages_and_where_the_bot_is_not(stage: Stage, way: str) -> None:
    for person in (stage.stranger("ada"), stage.guest("bob")):
        assert "> a lighthouse" in (await told(person, await painted(stage, person), way)).content


@pytest.mark.parametrize("way", WAYS)
async def test_details_that_cannot_be_read_end_in_one_private_sentence(stage: Stage, way: str) -> None:
    ada = stage.person()
    result = await painted(stage, ada)
    stage.break_database()
    assert (await told(ada, result, way)).content == str(Text("internal"))
