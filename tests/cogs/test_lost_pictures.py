"""What a form promises of the pictures that it keeps, when some are gone before it is opened, or before it is sent."""

import asyncio

import pytest

from bot.sandbox.discord.people import NotPossible, Person, SeenMessage, Upload
from bot.texts import Text
from tests.bot.ui.buttons.scene import painted as outcome_of
from tests.forms import (
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PRO,
    PROMPT,
    REOPEN,
    TOO_LONG,
    field,
    filenames,
    filled_in,
    hint,
    modal_of,
    painted,
    refused,
    reopened,
)
from tests.orders import NANO_BANANA_PRO
from tests.stage import Stage
from tests.workshop import picture

HOUR = 3600.0
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def half_gone(stage: Stage, ada: Person) -> SeenMessage:
    """A refusal whose form kept two pictures that have expired since, and one that has not."""
    first = await refused(ada, 2)
    stage.clock.advance(12 * HOUR)
    again = await reopened(ada, first)
    answer = await (await ada.submits(again, {PROMPT: TOO_LONG, PICTURES: painted("pink")})).answer()
    stage.clock.advance(18 * HOUR)
    return answer


async def test_the_form_promises_what_lives_and_says_how_many_are_gone(stage: Stage) -> None:
    ada = stage.person()
    form = modal_of(again := await reopened(ada, await half_gone(stage, ada)))
    assert hint(form, PICTURES) == "1 of 3 pictures kept, 2 can no longer be fetched. Add up to 10, if you like."
    assert hint(form, OTHER_PICTURES) == "Up to 4 in place of the kept one, or leave this empty."
    assert not field(form, PICTURES).required
    await ada.submits(again, {PROMPT: "short"})
    job = await stage.job_of(await stage.result(ada))
    assert [(reference.name, reference.filename) for reference in job.references] == [("image1", "pink.png")]
    assert len(stage.gateway.uploads) == 1


async def test_the_form_says_it_again_as_often_as_it_is_opened_and_no_more(stage: Stage) -> None:
    ada = stage.person()
    answer = await half_gone(stage, ada)
    first, second = await reopened(ada, answer), await reopened(ada, answer)
    assert hint(modal_of(first), PICTURES) == hint(modal_of(second), PICTURES)
    answer = await (await ada.submits(second, {PROMPT: TOO_LONG})).answer()
    assert hint(modal_of(await reopened(ada, answer)), PICTURES).startswith("1 picture kept.")


async def test_where_all_are_gone_a_picture_must_be_put_in(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada, 3)
    stage.clock.advance(25 * HOUR)
    form = modal_of(again := await reopened(ada, answer))
    assert hint(form, PICTURES).startswith("The 3 kept pictures can no longer be fetched.")
    assert (field(form, PICTURES).required, field(form, OTHER_PICTURES).required) == (True, False)
    assert filled_in(form)[PROMPT] == TOO_LONG.strip()
    with pytest.raises(NotPossible):
        await ada.submits(again, {PROMPT: "short"})
    await ada.submits(again, {PROMPT: "short", PICTURES: painted("gold")})
    assert await filenames(stage, await stage.result(ada)) == ["gold.png"]


async def test_a_picture_must_be_put_in_still_where_it_was_the_refusal_that_named_the_lost_ones(stage: Stage) -> None:
    ada = stage.person()
    form = await reopened(ada, await refused(ada, 2))
    stage.clock.advance(25 * HOUR)
    answer = await (await ada.submits(form, {PROMPT: "short"})).answer()
    form = await reopened(ada, answer)
    assert hint(modal_of(form), PICTURES).startswith("The 2 kept pictures can no longer be fetched.")
    answer = await (await ada.submits(form, {PROMPT: TOO_LONG, PICTURES: painted("gold")})).answer()
    again = modal_of(await reopened(ada, answer))
    assert (hint(again, PICTURES)[:15], field(again, PICTURES).required) == ("1 picture kept.", False)


async def test_without_pictures_from_the_beginning_none_is_asked_for(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada, 0)
    stage.clock.advance(25 * HOUR)
    form = modal_of(await reopened(ada, answer))
    assert not field(form, PICTURES).required
    assert hint(form, PICTURES) == "Up to 10 to work from, if you like."


async def test_what_goes_between_opening_and_sending_is_named_and_nothing_is_spent(stage: Stage) -> None:
    ada = stage.person()
    first = await refused(ada, 2)
    stage.clock.advance(23 * HOUR)
    form = await reopened(ada, first)
    assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")
    stage.clock.advance(2 * HOUR)
    answer = await (await ada.submits(form, {PROMPT: "short", PICTURES: painted("pink")})).answer()
    assert answer.ephemeral
    for name in ("image1", "image2"):
        assert str(Text("download.gone", {"name": name})) in answer.content
    assert (stage.gateway.tasks, stage.gateway.uploads) == ((), ())
    assert (await stage.services.engine.usage(int(ada.user.id))).images == 0
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again))[PROMPT] == "short"
    assert hint(modal_of(again), PICTURES).startswith("1 of 3 pictures kept, 2 can no longer be fetched.")
    await ada.submits(again, {})
    assert await filenames(stage, await stage.result(ada)) == ["pink.png"]


@pytest.mark.parametrize("added", [True, False])
async def test_a_mask_goes_with_its_picture_and_that_is_said(stage: Stage, added: bool) -> None:
    ada = stage.person()
    files = {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture("black"))}
    command = await ada.command("imagine", prompt=TOO_LONG, model=NANO_BANANA_PRO, **files)
    answer = await command.answer()
    if added:
        stage.clock.advance(12 * HOUR)
        form = await reopened(ada, answer)
        assert "and of the mask" in hint(modal_of(form), OTHER_PICTURES)
        answer = await (await ada.submits(form, {PROMPT: TOO_LONG, PICTURES: painted("pink")})).answer()
    stage.clock.advance(18 * HOUR if added else 25 * HOUR)
    form = await reopened(ada, answer)
    said = "1 of 2 pictures kept" if added else "The kept picture can no longer be fetched."
    assert hint(modal_of(form), PICTURES).startswith(said)
    assert hint(modal_of(form), OTHER_PICTURES).startswith("The mask is left out")
    await ada.submits(form, {PROMPT: "short"} if added else {PROMPT: "short", PICTURES: painted("pink")})
    job = await stage.job_of(await stage.result(ada))
    assert (job.mask, [reference.filename for reference in job.pictures]) == (None, ["pink.png"])


async def test_a_failure_is_edited_without_its_lost_pictures(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(ending="failed")
    await ada.command("imagine", prompt="make it night", image1=Upload("red.png", picture("red")))
    told = await ada.waits_for(lambda message: message.button("Edit"))
    stage.clock.advance(25 * HOUR)
    handle = await ada.press(told, "Edit")
    form = await handle.opened_modal()
    assert hint(form, PICTURES).startswith("The kept picture can no longer be fetched.")
    assert field(form, PICTURES).required


async def test_what_cannot_be_painted_again_says_in_its_form_how_many_are_gone(stage: Stage) -> None:
    ada = stage.person()
    red = Upload("red.png", picture("red"))
    first = await outcome_of(stage, ada, image1=red, image2=red)
    stage.clock.advance(25 * HOUR)
    answer = await (await ada.press(first, "Again")).answer()
    form = modal_of(await reopened(ada, answer))
    assert hint(form, PICTURES).startswith("The 2 kept pictures can no longer be fetched.")
    assert field(form, PICTURES).required


class TestDeletedMeanwhile:
    """A picture of the bot's own whose original has ended, and whose message somebody deletes."""

    async def refusal(self, stage: Stage, ada: Person) -> tuple[SeenMessage, SeenMessage]:
        """An outcome, and word that its edit was not taken."""
        outcome = await outcome_of(stage, ada)
        stage.clock.advance(25 * HOUR)
        form = await ada.press(outcome, "Edit")
        await form.opened_modal()
        looks = len(stage.asked("GET", MESSAGE))
        answers = {PROMPT: TOO_LONG, MODEL: PRO, PICTURES: painted("pink")}
        answer = await (await ada.submits(form, answers)).answer()
        assert len(stage.asked("GET", MESSAGE)) == looks
        return outcome, answer

    async def test_it_is_not_promised(self, stage: Stage) -> None:
        ada = stage.person()
        outcome, answer = await self.refusal(stage, ada)
        await ada.press(outcome, "Delete")
        await ada.waits_until(lambda: outcome.id not in {seen.id for seen in ada.sees()}, "the outcome to be gone")
        form = await reopened(ada, answer)
        assert hint(modal_of(form), PICTURES).startswith("1 of 2 pictures kept, 1 can no longer be fetched.")
        await ada.submits(form, {PROMPT: "short"})
        assert await filenames(stage, await stage.result(ada)) == ["pink.png"]

    async def test_it_is_promised_while_it_is_there(self, stage: Stage) -> None:
        ada = stage.person()
        _, answer = await self.refusal(stage, ada)
        form = await reopened(ada, answer)
        assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")

    async def test_it_is_promised_where_discord_does_not_say(self, stage: Stage) -> None:
        ada = stage.person()
        _, answer = await self.refusal(stage, ada)
        stage.fault(MESSAGE, method="GET", times=0, status=403, body={"code": 50001, "message": "Missing Access"})
        form = await reopened(ada, answer)
        assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")

    async def test_the_form_does_not_wait_for_discord(self, stage: Stage) -> None:
        ada = stage.person()
        _, answer = await self.refusal(stage, ada)
        released = asyncio.Event()
        stage.fault(MESSAGE, method="GET", times=0, hold=released)
        handle = await ada.press(answer, REOPEN)
        began = stage.clock.now()
        await stage.passing(lambda: handle.modal)
        assert stage.clock.now() - began < 2.5
        assert hint(modal_of(handle), PICTURES).startswith("2 pictures kept.")
        released.set()


async def test_nothing_is_asked_of_discord_where_it_has_just_shown_the_picture(stage: Stage) -> None:
    ada = stage.person()
    outcome = await outcome_of(stage, ada)
    stage.clock.advance(25 * HOUR)
    looks = len(stage.asked("GET", MESSAGE))
    for handle in (await ada.press(outcome, str(Text("button.edit"))), await ada.uses("Edit with Easel", outcome)):
        assert hint(await handle.opened_modal(), PICTURES).startswith("1 picture kept.")
    assert len(stage.asked("GET", MESSAGE)) == looks
