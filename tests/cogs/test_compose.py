from pathlib import Path

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.people import Upload
from tests.forms import (
    COLORS,
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PROMPT,
    RATIO,
    REOPEN,
    field,
    filled_in,
    hint,
    modal_of,
    opened,
    painted,
    reopened,
)
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO
from tests.stage import Stage, open_stage
from tests.workshop import picture

MIB = 1024 * 1024
PRO = "Nano Banana Pro · 2K"


async def test_a_form_with_words_alone_becomes_a_picture(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "a lighthouse at dusk"})
    result = await stage.result(ada)
    assert "> a lighthouse at dusk" in result.content
    assert result.mentioned == (ada.user.id,)
    (task,) = stage.gateway.tasks
    assert (task.request.model.id, task.request.resolution, task.references) == (NANO_BANANA_2, "1K", ())


async def test_fourteen_pictures_reach_the_gateway_in_order(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    answers = {PROMPT: "all of them", PICTURES: painted(*COLORS[:10]), OTHER_PICTURES: painted(*COLORS[10:14])}
    await ada.submits(form, answers)
    job = await stage.job_of(await stage.result(ada))
    (task,) = stage.gateway.tasks
    assert [reference.filename for reference in job.references] == [f"{color}.png" for color in COLORS]
    assert [reference.name for reference in job.references] == [f"image{number}" for number in range(1, 15)]
    assert [reference.url for reference in task.references] == [reference.uploaded_url for reference in job.references]


async def test_everything_chosen_reaches_the_gateway(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "x", MODEL: PRO, RATIO: "21:9 cinema"})
    result = await stage.result(ada)
    (task,) = stage.gateway.tasks
    assert (task.request.model.id, task.request.ratio, task.request.resolution) == (NANO_BANANA_PRO, "21:9", "2K")
    assert "Nano Banana Pro · 21:9 · 2K" in result.content


async def test_auto_follows_the_first_picture(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    assert field(modal_of(form), RATIO).prefilled == ("Auto (as the first picture)",)
    wide = Upload("wide.png", picture(size=(160, 90)))
    await ada.submits(form, {PROMPT: "x", PICTURES: [wide, *painted("red")]})
    await stage.result(ada)
    assert stage.gateway.tasks[0].request.ratio == "16:9"


async def test_a_long_prompt_reaches_the_gateway_whole(stage: Stage) -> None:
    ada = stage.person()
    prompt = "word\n" * 799 + "🗼.end"
    form = await opened(ada)
    await ada.submits(form, {PROMPT: prompt})
    await stage.result(ada)
    assert stage.gateway.tasks[0].request.prompt == prompt


async def test_what_the_command_says_goes_with_the_form(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    form = await opened(ada, count=3, private=True, spoiler=True, more="search, 4k, 16:9")
    assert filled_in(modal_of(form)) == {MODEL: "Nano Banana 2 · 4K", RATIO: "16:9 widescreen"}
    await ada.submits(form, {PROMPT: "a surprise"})
    result = await stage.result(ada)
    assert result.ephemeral
    assert len(result.files) == 3
    assert bob.sees() == ()
    job = await stage.job_of(result)
    assert job.spoiler
    assert job.request.options == {"google_search": True}
    assert (stage.gateway.tasks[0].request.ratio, stage.gateway.tasks[0].request.resolution) == ("16:9", "4K")


async def test_what_more_does_not_mean_anything_is_refused_before_a_form_is_filled_in(stage: Stage) -> None:
    ada = stage.person()
    answer = await (await ada.command("compose", more="abracadabra")).answer()
    assert answer.ephemeral
    assert "abracadabra" in answer.content


async def test_what_else_the_usual_model_can_do_is_suggested(stage: Stage) -> None:
    ada = stage.person()
    assert "search" in await ada.suggestions("compose", focused="more")
    await stage.services.preferences.keep(int(ada.user.id), Preferences(model=NANO_BANANA_PRO))
    found = await ada.suggestions("compose", focused="more")
    assert "search" not in found
    assert "orientation landscape" in found


async def test_what_is_usual_for_the_person_is_filled_in(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    usual = Preferences(model=NANO_BANANA_PRO, ratio="3:4", resolution="2K", private=True)
    await stage.services.preferences.keep(int(ada.user.id), usual)
    form = await opened(ada)
    assert filled_in(modal_of(form)) == {MODEL: PRO, RATIO: "3:4 portrait"}
    assert filled_in(modal_of(await opened(bob)))[MODEL] == "Nano Banana 2 · 1K"
    await ada.submits(form, {PROMPT: "x"})
    assert (await stage.result(ada)).ephemeral


async def test_what_the_command_says_counts_more_than_what_is_usual(stage: Stage) -> None:
    ada = stage.person()
    await stage.services.preferences.keep(int(ada.user.id), Preferences(model=NANO_BANANA_PRO, private=True))
    form = await opened(ada, private=False, more="nano banana 2")
    await ada.submits(form, {PROMPT: "x"})
    assert not (await stage.result(ada)).ephemeral
    assert stage.gateway.tasks[0].request.model.id == NANO_BANANA_2


async def test_a_picture_marked_as_spoiler_makes_the_result_one(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "x", PICTURES: Upload("SPOILER_end.png", picture())})
    assert (await stage.job_of(await stage.result(ada))).spoiler


async def test_a_form_may_be_filled_in_slowly(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    stage.clock.advance(6 * 24 * 3600)
    await ada.submits(form, {PROMPT: "x"})
    await stage.result(ada)


async def test_a_form_that_was_opened_before_a_restart_is_taken(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada, count=2, private=True)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.submits(form, {PROMPT: "still there", PICTURES: painted("red")})
    result = await stage.result(ada)
    assert result.ephemeral
    assert len(result.files) == 2
    assert len(stage.gateway.uploads) == 1


async def test_it_works_in_direct_messages(stage: Stage) -> None:
    ada = stage.stranger()
    form = await opened(ada)
    await ada.submits(form, {PROMPT: "a lighthouse", PICTURES: painted("red")})
    assert len((await stage.result(ada)).files) == 1


async def test_it_works_where_the_bot_is_no_member(stage: Stage) -> None:
    ada = stage.guest()
    form = await opened(ada)
    sent = await ada.submits(form, {PROMPT: "a lighthouse", PICTURES: painted("red")})
    result = await stage.result(ada)
    assert sent.response is not None
    assert sent.response.id == result.id
    assert not result.ephemeral


async def test_too_many_pictures_for_a_model_are_refused_and_can_be_exchanged(stage: Stage) -> None:
    ada = stage.person()
    form = await opened(ada)
    vertex = "Nano Banana (Vertex direct)"
    sent = await ada.submits(form, {PROMPT: "x", MODEL: vertex, PICTURES: painted(*COLORS[:5])})
    answer = await sent.answer()
    assert "at most 3 reference pictures; the request has 5" in answer.content
    again = await reopened(ada, answer)
    await ada.submits(again, {OTHER_PICTURES: painted("gold", "pink")})
    job = await stage.job_of(await stage.result(ada))
    assert [reference.filename for reference in job.references] == ["gold.png", "pink.png"]
    assert len(stage.gateway.uploads) == 2


async def test_a_used_up_allowance_keeps_the_form(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1, user_window_hours=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        await ada.command("imagine", prompt="the only one")
        first = await stage.result(ada)
        form = await opened(ada)
        answer = await (await ada.submits(form, {PROMPT: "one more", PICTURES: painted("red")})).answer()
        assert "You have used 1 of your 1 pictures" in answer.content
        stage.clock.advance(3700)
        again = await reopened(ada, answer)
        assert hint(modal_of(again), PICTURES).startswith("1 picture kept.")
        await ada.submits(again, {})
        await stage.result(ada, after=first)
        assert len(stage.gateway.uploads) == 1


@pytest.mark.parametrize("kind", ["text", "too large"])
async def test_a_file_that_is_no_good_is_named_and_the_others_are_kept(stage: Stage, kind: str) -> None:
    stage.guild.tier = 3
    bad = Upload("notes.txt", b"words") if kind == "text" else Upload("huge.png", picture() + bytes(25 * MIB))
    ada = stage.person()
    form = await opened(ada)
    answer = await (await ada.submits(form, {PROMPT: "x", PICTURES: [*painted("red"), bad, *painted("blue")]})).answer()
    assert answer.ephemeral
    assert answer.content.startswith("image2:")
    assert stage.record.matching(service="cdn") == ()
    again = await reopened(ada, answer)
    assert hint(modal_of(again), PICTURES).startswith("2 pictures kept.")
    await ada.submits(again, {})
    job = await stage.job_of(await stage.result(ada))
    assert [(reference.name, reference.filename) for reference in job.references] == [
        ("image1", "red.png"),
        ("image2", "blue.png"),
    ]
    assert answer.button(REOPEN) is not None
