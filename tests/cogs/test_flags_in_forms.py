"""Flags in the prompt of a form: read as everywhere, and never painted."""

import pytest

from bot.jobs.preferences import Preferences
from tests.forms import MODEL, PICTURES, PRO, PROMPT, RATIO, REOPEN, filled_in, modal_of, opened, painted, reopened
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage


async def test_flags_win_over_what_is_chosen_and_are_not_painted(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, count=4)
    chosen = {MODEL: "Nano Banana 2 · 0.5K", RATIO: "8:1"}
    await ada.submits(form, {PROMPT: "a red fox --pro --16:9 --4k --count 2\nin snow", **chosen})
    result = await stage.result(ada)
    assert len(result.files) == 2
    request = stage.gateway.tasks[0].request
    assert (request.model.id, request.ratio, request.resolution) == (NANO_BANANA_PRO, "16:9", "4K")
    assert request.prompt == "a red fox\nin snow"


@pytest.mark.parametrize("flag", ["--private", "—private"])
async def test_a_private_flag_shows_progress_and_picture_to_nobody_else(stage: Stage, flag: str) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    form = await opened(ada)
    sent = await ada.submits(form, {PROMPT: f"a surprise {flag}"})
    assert (await sent.answer()).ephemeral
    result = await stage.result(ada)
    assert result.ephemeral
    assert bob.sees() == ()
    assert stage.gateway.tasks[0].request.prompt == "a surprise"


async def test_a_flag_may_show_what_is_usually_private(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(private=True))
    await ada.submits(await opened(ada), {PROMPT: "a fox --private=no"})
    assert not (await stage.result(ada)).ephemeral


async def test_further_parameters_and_spoilers_are_taken_beside_those_of_the_command(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, more="search")
    await ada.submits(form, {PROMPT: "a fox --image-search --spoiler", PICTURES: painted("red")})
    job = await stage.job_of(await stage.result(ada))
    assert job.request.options == {"google_search": True, "google_image_search": True}
    assert job.spoiler
    assert job.request.prompt == "a fox"


async def test_a_flag_that_is_not_known_is_refused_and_stays_in_the_form(stage: Stage) -> None:
    ada = stage.person()
    typed = "a fox --v 6 --private"
    answer = await (await ada.submits(await opened(ada), {PROMPT: typed})).answer()
    assert answer.ephemeral
    assert "belongs to another image generator" in answer.content
    assert [button.label for button in answer.buttons] == [REOPEN]
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again))[PROMPT] == typed
    await ada.submits(again, {PROMPT: "a fox --private"})
    assert (await stage.result(ada)).ephemeral
    assert len(stage.gateway.tasks) == 1


async def test_a_ratio_that_the_model_of_the_flag_lacks_is_refused(stage: Stage) -> None:
    ada = stage.person()
    sent = await ada.submits(await opened(ada), {PROMPT: "a fox --pro", RATIO: "8:1"})
    assert "Nano Banana Pro does not know the ratio" in (await sent.answer()).content


async def test_flags_alone_are_no_prompt(stage: Stage) -> None:
    ada = stage.person()
    sent = await ada.submits(await opened(ada), {PROMPT: "--pro --4k"})
    assert "The prompt is empty" in (await sent.answer()).content


@pytest.mark.parametrize(
    ("flags", "chosen", "expected"),
    [
        ("--pro", "Nano Banana 2 · 4K", (NANO_BANANA_PRO, "4K")),
        ("--pro", "Nano Banana 2 · 0.5K", (NANO_BANANA_PRO, "1K")),
        ("--4k", "Nano Banana 2 · 1K", (NANO_BANANA_2, "4K")),
        ("--model pro --resolution 2k", "Nano Banana 2 · 0.5K", (NANO_BANANA_PRO, "2K")),
        ("--count 2", PRO, (NANO_BANANA_PRO, "2K")),
    ],
)
async def test_a_model_by_flag_keeps_the_chosen_resolution_where_it_has_it(
    stage: Stage, flags: str, chosen: str, expected: tuple[str, str]
) -> None:
    ada = stage.person()
    await ada.submits(await opened(ada), {PROMPT: f"a fox {flags}", MODEL: chosen, RATIO: "1:1"})
    await stage.result(ada)
    request = stage.gateway.tasks[0].request
    assert (request.model.id, request.resolution) == expected
    assert (request.prompt, request.ratio) == ("a fox", "1:1")
