"""Asking again for a request whose pictures Discord serves at other addresses by now."""

import asyncio

import pytest

from bot.jobs.job import Job
from bot.sandbox.discord.people import Person, SeenMessage, Upload
from bot.texts import Text
from tests.bot.ui.buttons.scene import painted
from tests.history import history_of
from tests.messages import outcome_of
from tests.stage import Stage
from tests.workshop import picture

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
LATER = 26 * 3600


async def edited(stage: Stage, ada: Person, *, attached: bool = False) -> tuple[SeenMessage, SeenMessage, SeenMessage]:
    """A picture, the words that asked for an edit of it, and that edit."""
    first = await painted(stage, ada)
    files = [Upload("hat.png", picture("red"))] if attached else []
    asked = await ada.says("make it night", reply_to=first, files=files)
    result, _ = await outcome_of(stage, ada, asked)
    return first, asked, result


async def again_of(stage: Stage, ada: Person, result: SeenMessage, button: str = "Again") -> tuple[SeenMessage, Job]:
    """What a press comes to."""
    await ada.press(result, button)
    last = await stage.result(ada, after=result)
    return last, await stage.tidied(await stage.job_of(last))


async def refused(ada: Person, result: SeenMessage, button: str = "Again") -> SeenMessage:
    """The private word that a press is answered with."""
    answer = await (await ada.press(result, button)).answer()
    assert answer.ephemeral
    return answer


def gone(name: str) -> str:
    return str(Text("references.gone", {"name": name}))


@pytest.mark.parametrize("button", ["Again", "Variations"])
async def test_the_bots_own_picture_is_found_where_it_was_posted(stage: Stage, button: str) -> None:
    ada = stage.person()
    first, _, result = await edited(stage, ada)
    stage.clock.advance(LATER)
    _, job = await again_of(stage, ada, result, button)
    assert stage.gateway.tasks[-1].request.prompt == "make it night"
    (reference,) = stage.gateway.tasks[-1].references
    assert reference.size == first.files[0].size
    assert job.parent == (await stage.job_of(result)).id


async def test_it_is_found_from_the_history_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    _, _, result = await edited(stage, ada)
    await stage.stop_bot()
    stage.clock.advance(LATER)
    await stage.start_bot()
    panel = await history_of(ada)
    await ada.press(panel, "Again")
    last = await stage.result(ada, after=panel)
    assert last.files
    assert (await stage.job_of(last)).parent == (await stage.job_of(result)).id


async def test_what_was_attached_to_words_is_found_in_the_message_even_from_the_third_time_on(stage: Stage) -> None:
    ada = stage.person()
    _, _, result = await edited(stage, ada, attached=True)
    for _ in range(2):
        stage.clock.advance(LATER)
        result, job = await again_of(stage, ada, result)
        assert len(job.references) == 2
        assert len(stage.gateway.tasks[-1].references) == 2


async def test_nothing_is_asked_of_discord_while_the_pictures_are_there(stage: Stage) -> None:
    ada = stage.person()
    _, _, result = await edited(stage, ada, attached=True)
    looks = len(stage.asked("GET", MESSAGE))
    await again_of(stage, ada, result)
    assert len(stage.asked("GET", MESSAGE)) == looks


async def test_what_was_attached_to_a_command_is_refused_privately_with_the_form_at_hand(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, prompt="with a boat", image1=Upload("a.png", picture()))
    stage.clock.advance(LATER)
    before = len(stage.gateway.tasks)
    answer = await refused(ada, first)
    assert answer.content == gone("image1")
    form = await (await ada.press(answer, str(Text("form.reopen")))).opened_modal()
    assert "with a boat" in str(form)
    assert len(stage.gateway.tasks) == before
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0


async def test_only_the_picture_that_is_lost_is_named_when_the_message_was_deleted(stage: Stage) -> None:
    ada = stage.person()
    _, asked, result = await edited(stage, ada, attached=True)
    await ada.deletes(asked)
    stage.clock.advance(LATER)
    assert (await refused(ada, result)).content == gone("image2")


@pytest.mark.parametrize("status", [403, 404])
async def test_a_message_out_of_reach_is_refused_privately(stage: Stage, status: int) -> None:
    ada = stage.person()
    _, _, result = await edited(stage, ada)
    stage.clock.advance(LATER)
    stage.fault(MESSAGE, method="GET", times=0, status=status, body={"code": 50001, "message": "Missing Access"})
    assert (await refused(ada, result)).content == gone("image1")
    stage.faults.clear()
    assert (await again_of(stage, ada, result))[0].files


async def test_when_discord_does_not_answer_it_may_be_tried_again(stage: Stage) -> None:
    ada = stage.person()
    _, _, result = await edited(stage, ada)
    stage.clock.advance(LATER)
    released = asyncio.Event()
    stage.fault(MESSAGE, method="GET", times=0, hold=released)
    handle = await ada.press(result, "Again")
    await stage.passing(lambda: handle.acknowledged)
    said = str(Text("references.later", {"name": "image1"}))
    await stage.passing(lambda: any(message.content == said and message.ephemeral for message in ada.sees()))
    released.set()
    assert not any(message.loading for message in ada.sees())
    assert len(stage.gateway.tasks) == 2


async def test_a_name_that_says_it_is_the_bots_leads_to_nothing_of_anybody_elses(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    theirs = await painted(stage, bob)
    job = await stage.job_of(theirs)
    forged = Upload(f"easel-{job.id}-1.png", picture("red"))
    own = await painted(stage, ada, after=theirs, prompt="mine", image1=forged)
    stage.clock.advance(LATER)
    assert (await refused(ada, own)).content == gone("image1")


async def test_a_mask_without_its_picture_is_left_out_of_the_form(stage: Stage) -> None:
    ada = stage.person()
    mask = Upload("mask.png", picture("white"))
    image = Upload("a.png", picture())
    own = await painted(stage, ada, prompt="a hat", model="Nano Banana Pro", image1=image, mask=mask)
    stage.clock.advance(LATER)
    answer = await refused(ada, own)
    assert gone("image1") in answer.content
    assert gone("mask") in answer.content
