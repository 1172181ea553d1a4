"""Forms that are opened or sent twice, and openings whose answer is lost."""

from tests.forms import (
    PICTURES,
    PROMPT,
    filled_in,
    modal_of,
    opened,
    painted,
    reopened,
    replay,
)
from tests.stage import CALLBACK, MESSAGES, Stage


async def test_one_submit_is_handled_once(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")
    assert [exchange.status for exchange in stage.asked("POST", CALLBACK)] == [200, 200]
    assert len(stage.gateway.tasks) == 1


async def test_a_submit_that_comes_twice_makes_one_job_and_one_answer(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    sent = await ada.submits(form, {PROMPT: "x"})
    replay(stage, sent)
    await stage.result(ada)
    replay(stage, sent)
    await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")
    await stage.settled()
    assert len(stage.gateway.tasks) == 1
    assert len(stage.asked("POST", MESSAGES)) == 1
    assert len(ada.sees()) == 1


async def test_a_form_that_is_sent_again_is_not_painted_again_unless_it_is_meant(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, count=2)
    await ada.submits(form, {PROMPT: "x", PICTURES: painted("red")})
    first = await stage.result(ada)
    answer = await (await ada.submits(form, {PROMPT: "x once more", PICTURES: painted("blue")})).answer()
    assert answer.ephemeral
    assert "already been sent" in answer.content
    assert len(stage.gateway.tasks) == 1
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again))[PROMPT] == "x once more"
    await ada.submits(again, {})
    second = await stage.result(ada, after=first)
    assert len(second.files) == 2
    assert len({task.references for task in stage.gateway.tasks}) == 2


async def test_of_two_submits_at_once_one_is_painted(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    sent = [await ada.submits(form, {PROMPT: "x"}) for _ in range(2)]
    answers = [await each.answer() for each in sent]
    assert [answer.ephemeral for answer in answers].count(True) == 1
    await stage.result(ada)
    assert len(stage.gateway.tasks) == 1


async def test_an_opening_whose_answer_is_lost_opens_one_form(stage: Stage) -> None:
    stage.fault(CALLBACK, status=502, body="<html>bad gateway</html>", moment="after")
    ada = stage.person()
    form = await opened(ada)
    await stage.record.wait_for(lambda exchange: exchange.status == 400, 30)
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)
    assert [exchange.status for exchange in stage.asked("POST", CALLBACK)] == [502, 400, 200]
    assert form.followups == ()


async def test_an_opening_that_comes_too_late_can_be_tried_again(stage: Stage) -> None:
    stage.fault(CALLBACK, status=404, body={"code": 10062, "message": "Unknown interaction"})
    ada = stage.person()
    late = await ada.command("compose")
    await stage.record.wait_for(lambda exchange: exchange.status == 404, 30)
    assert late.modal is None
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)


async def test_a_command_to_open_a_form_that_comes_twice_opens_one(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    replay(stage, form)
    await stage.record.wait_for(lambda exchange: exchange.status == 400, 30)
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)
    assert len(stage.gateway.tasks) == 1


async def test_a_failed_acknowledgement_does_not_lose_what_was_accepted(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    stage.fault(CALLBACK, status=404, body={"code": 10062, "message": "Unknown interaction"})
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)
    assert len(stage.gateway.tasks) == 1
