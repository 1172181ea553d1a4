"""Requests in words that are refused: what was written and attached comes back in a form."""

from pathlib import Path

import pytest

from bot.sandbox.discord.people import Upload
from bot.texts import Text
from tests.forms import MODEL, PICTURES, PROMPT, RATIO, REOPEN, filenames, filled_in, hint, modal_of, reopened
from tests.messages import answered, painted
from tests.orders import NANO_BANANA_PRO
from tests.stage import Stage, open_stage
from tests.trouble import renamed
from tests.workshop import picture

HAT = Upload("hat.png", picture("red"))


async def test_words_choices_and_pictures_are_in_the_form_and_paint_what_was_meant(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, model="Nano Banana Pro", ratio="16:9", resolution="2K")
    files = [HAT, Upload("notes.txt", b"words")]
    asked = await ada.says("put the hat on it --zoom", reply_to=first, files=files)
    refusal = await answered(stage, ada, asked)
    assert [button.label for button in refusal.buttons] == [REOPEN]
    form = await reopened(ada, refusal)
    filled = filled_in(modal_of(form))
    assert filled[PROMPT] == "put the hat on it --zoom"
    assert filled[MODEL] == "Nano Banana Pro · 2K"
    assert filled[RATIO].startswith("16:9")
    assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")
    await ada.submits(form, {PROMPT: "put the hat on it"})
    result = await stage.result(ada, after=refusal)
    job = await stage.job_of(result)
    assert (job.request.prompt, job.request.model, job.request.size) == ("put the hat on it", NANO_BANANA_PRO, "16:9")
    assert job.parent == (await stage.job_of(first)).id
    assert [name.rpartition(".")[0].partition("-")[0] for name in await filenames(stage, result)] == ["easel", "hat"]
    assert not result.ephemeral


async def test_known_flags_stay_in_the_words_and_hold(stage: Stage) -> None:
    ada = stage.person()
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} a secret fox --private --pro", files=[HAT]))
    form = await reopened(ada, refusal)
    assert filled_in(modal_of(form))[PROMPT] == "a secret fox --private --pro"
    await ada.submits(form, {})
    result = await stage.result(ada, after=refusal)
    assert result.ephemeral
    job = await stage.job_of(result)
    assert (job.request.prompt, job.request.model, len(job.references)) == ("a secret fox", NANO_BANANA_PRO, 1)


async def test_a_used_up_allowance_loses_no_words_and_the_button_outlives_a_restart(tmp_path: Path) -> None:
    async with open_stage(tmp_path, user_images_per_window=1) as stage:
        await stage.start_bot()
        ada = stage.person()
        first = await painted(stage, ada)
        refusal = await answered(stage, ada, await ada.says("make it night", reply_to=first))
        await stage.stop_bot()
        await stage.start_bot()
        form = await reopened(ada, refusal)
        assert filled_in(modal_of(form))[PROMPT] == "make it night"
        assert hint(modal_of(form), PICTURES).startswith("1 picture kept.")


async def test_only_whoever_asked_can_open_the_form(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} a fox --zoom"))
    told = await (await bob.press(refusal, REOPEN)).answer()
    assert told.ephemeral
    assert told.content == str(Text("form.reopen_not_yours"))


async def test_what_cannot_be_kept_is_refused_all_the_same(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    ada = stage.person()
    renamed(stage, "drafts", "away")
    refusal = await answered(stage, ada, await ada.says(f"{stage.mention} a fox --zoom"))
    renamed(stage, "away", "drafts")
    assert "zoom" in refusal.content
    assert refusal.buttons == ()
    assert "was not kept" in caplog.text
