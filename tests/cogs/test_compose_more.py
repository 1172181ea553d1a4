"""What `/compose` is told in `more` is checked before its form opens."""

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import Person, SeenMessage
from bot.texts import Text
from tests.forms import MODEL, PROMPT, RATIO, filled_in, modal_of, opened
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage

VERTEX = "gemini-2.5-flash-image-official"
DIRECT = "Nano Banana (Vertex direct)"


async def prefers(stage: Stage, person: Person, model: str | None) -> None:
    """Have this as the person's usual model."""
    await stage.services.preferences.keep(int(person.user.id), Preferences(model=model))


async def refused(stage: Stage, person: Person, more: str) -> SeenMessage:
    """The answer in place of a form."""
    handle = await person.command("compose", more=more)
    answer = await handle.answer()
    assert answer.ephemeral
    assert handle.modal is None
    assert (stage.gateway.tasks, stage.gateway.uploads) == ((), ())
    return answer


@pytest.mark.parametrize(
    ("usual", "more", "reasons"),
    [
        (VERTEX, "temperature 3.5", ["“temperature” cannot be 3.5; for Nano Banana (Vertex direct)"]),
        (VERTEX, "temperature -1, top p 2", ["“temperature” cannot be -1", "“top P” cannot be 2"]),
        (VERTEX, "quality 101", ["“quality” cannot be 101"]),
        (VERTEX, "quality 0.5", ["“quality” cannot be 0.5; for Nano Banana (Vertex direct) it must be a whole number"]),
        (VERTEX, "png, quality 90", ["A PNG keeps every pixel"]),
        (VERTEX, "search", ["Nano Banana (Vertex direct) has no option “Google Search”"]),
        (VERTEX, "2k", ["Nano Banana (Vertex direct) has no choice of resolution"]),
        (NANO_BANANA_2, "temperature 0.4", ["Nano Banana 2 has no option “temperature”"]),
        (NANO_BANANA_2, "image search, search=no", ["“Google Image Search” works only together with “Google Search”"]),
        (NANO_BANANA_PRO, "orientation sideways", ["“orientation” cannot be sideways"]),
        (NANO_BANANA_PRO, "8:1", ["Nano Banana Pro does not know the ratio “8:1”"]),
        (NANO_BANANA_PRO, "0.5k", ["Nano Banana Pro does not offer the resolution “0.5K”"]),
        (None, "vertex, temperature 3.5", ["“temperature” cannot be 3.5; for Nano Banana (Vertex direct)"]),
        (None, "model of tomorrow", ["There is no model called “of”"]),
        (None, "temperature 3.5", ["Nano Banana 2 has no option “temperature”"]),
        (None, "search, temperature 0.4", ["Nano Banana 2 has no option “temperature”"]),
        (None, "7:2", ["Nano Banana 2 does not know the ratio “7:2”"]),
        (None, "9k", ["Nano Banana 2 does not offer the resolution “9k”"]),
        (None, "count 9", ["The number of pictures is 9"]),
        (None, "zoom", ["“zoom” is not something Easel knows. There is search"]),
        (None, "temperature 0.4, safety settings off", ["“safety settings” is for Easel's operator to decide"]),
        (NANO_BANANA_2, "zoom, temperature 0.4", ["“zoom” is not something", "Nano Banana 2 has no option"]),
        (VERTEX, "pro, temperature 0.4", ["Nano Banana Pro has no option “temperature”"]),
    ],
)
async def test_what_cannot_be_is_refused_as_imagine_refuses_it(
    stage: Stage, usual: str | None, more: str, reasons: list[str]
) -> None:
    ada = stage.person()
    await prefers(stage, ada, usual)
    answer = await refused(stage, ada, more)
    said, _, written = answer.content.rpartition("\n")
    assert all(reason in said.replace("\\", "") for reason in reasons)
    assert written.replace("\\", "") == str(Text("form.written", {"more": more}))
    painting = await (await ada.command("imagine", prompt="a fox", more=more)).answer()
    assert painting.content.startswith(said)


@pytest.mark.parametrize(
    ("more", "model", "options"),
    [
        ("temperature 0.4", DIRECT, {"temperature": 0.4}),
        ("png", DIRECT, {"imageOutputOptions": {"mimeType": "image/png"}}),
        ("orientation landscape", "Nano Banana Pro · 1K", {"orientation": "landscape"}),
        ("orientation landscape, 4k", "Nano Banana Pro · 4K", {"orientation": "landscape"}),
        ("search", "Nano Banana 2 · 1K", {"google_search": True}),
        ("temperature 2, top p 0", DIRECT, {"temperature": 2, "topP": 0}),
    ],
)
async def test_whoever_names_no_model_gets_one_that_can(
    stage: Stage, more: str, model: str, options: dict[str, object]
) -> None:
    ada = stage.person()
    form = await opened(ada, more=more)
    assert filled_in(modal_of(form))[MODEL] == model
    await ada.submits(form, {PROMPT: "a fox"})
    assert (await stage.job_of(await stage.result(ada))).request.options == options


async def test_a_ratio_of_another_model_s_comes_with_that_model(stage: Stage) -> None:
    form = modal_of(await opened(stage.person(), more="orientation portrait, 21:9"))
    assert filled_in(form) == {MODEL: "Nano Banana Pro · 1K", RATIO: "21:9 cinema"}


async def test_the_model_of_the_option_counts_more_than_the_usual_one(stage: Stage) -> None:
    ada = stage.person()
    await prefers(stage, ada, NANO_BANANA_PRO)
    form = modal_of(await opened(ada, more="vertex, temperature 0.4"))
    assert filled_in(form)[MODEL] == DIRECT


async def test_a_usual_model_that_is_no_longer_there_names_none(stage: Stage) -> None:
    ada = stage.person()
    await prefers(stage, ada, "a model of yesterday")
    assert filled_in(modal_of(await opened(ada, more="temperature 0.4")))[MODEL] == DIRECT


async def test_a_form_that_is_sent_with_another_model_is_refused_still(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, more="temperature 0.4")
    answer = await (await ada.submits(form, {PROMPT: "a fox", MODEL: "Nano Banana Pro · 2K"})).answer()
    assert "Nano Banana Pro has no option “temperature”" in answer.content
    assert stage.gateway.tasks == ()


async def test_what_was_written_is_shown_as_it_was_typed_and_does_nothing(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(stage, ada, "**zoom** <@1> @everyone")
    assert answer.content.splitlines()[-1] == r"In “more” you wrote: \*\*zoom\*\* \<\@1\> \@everyone"
    assert answer.mentioned == ()


async def test_what_was_written_is_shown_however_much_is_wrong_with_it(stage: Stage) -> None:
    more = ", ".join(f"unheard{number}" for number in range(16))
    answer = await refused(stage, stage.person(), more)
    assert len(answer.content) <= 2000
    assert answer.content.count("is not something Easel knows") >= 5
    assert answer.content.splitlines()[-1] == f"In “more” you wrote: {more}"
