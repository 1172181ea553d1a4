"""Forms while the database is slow, defective or broken: nothing in them is lost."""

import asyncio
import sqlite3

import pytest

from bot.texts import Text
from tests.forms import (
    MODEL,
    PICTURES,
    PRO,
    PROMPT,
    REOPEN,
    TOO_LONG,
    filenames,
    filled_in,
    hint,
    modal_of,
    opened,
    painted,
    refused,
    reopened,
)
from tests.stage import Stage
from tests.trouble import renamed, undecided, unreadable


class TestDatabase:
    async def test_a_slow_decision_is_deferred_and_then_shown_in_the_same_place(self, stage: Stage) -> None:
        ada = stage.person()
        form = await opened(ada)
        async with undecided(stage):
            sent = await ada.submits(form, {PROMPT: "x"})
            await sent.acknowledgement()
            assert sent.response is not None
            assert sent.response.loading
            assert not sent.response.ephemeral
        result = await stage.result(ada)
        assert not result.ephemeral
        await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")

    async def test_a_slow_decision_about_a_private_form_stays_private(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        form = await opened(ada, private=True)
        async with undecided(stage):
            sent = await ada.submits(form, {PROMPT: "x"})
            await sent.acknowledgement()
            assert sent.ephemeral
        assert (await stage.result(ada)).ephemeral
        assert bob.sees() == ()

    @pytest.mark.parametrize("private", [True, False])
    async def test_a_slow_refusal_is_private_and_keeps_everything(self, stage: Stage, private: bool) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        form = await opened(ada, private=private)
        async with undecided(stage):
            sent = await ada.submits(form, {PROMPT: TOO_LONG, MODEL: PRO, PICTURES: painted("red")})
            await sent.acknowledgement()
        answer = await sent.answer()
        assert answer.ephemeral
        assert "reads at most 1000" in answer.content
        assert not any(message.loading for message in ada.sees())
        assert bob.sees() == ()
        again = await reopened(ada, answer)
        assert hint(modal_of(again), PICTURES).startswith("1 picture kept.")

    async def test_a_form_is_opened_although_its_draft_cannot_be_written_in_time(self, stage: Stage) -> None:
        ada = stage.person()
        async with undecided(stage):
            form = await opened(ada, count=2)
            draft = modal_of(form).custom_id.partition(":")[2]
            assert await stage.services.drafts.draft(draft) is None
        kept = None
        async with asyncio.timeout(30):
            while kept is None:
                await asyncio.sleep(0.005)
                kept = await stage.services.drafts.draft(draft)
        await ada.submits(form, {PROMPT: "x"})
        assert len((await stage.result(ada)).files) == 2

    async def test_a_database_that_cannot_be_read_in_time_is_said(self, stage: Stage) -> None:
        ada = stage.person()
        refusal = await refused(ada)
        async with unreadable(stage):
            handles = [await ada.command("compose"), await ada.press(refusal, REOPEN)]
            answers = [await handle.answer() for handle in handles]
        for answer in answers:
            assert answer.ephemeral
            assert answer.content == str(Text("form.busy"))

    async def test_a_defect_while_accepting_keeps_everything(self, stage: Stage) -> None:
        ada = stage.person()
        form = await opened(ada)
        renamed(stage, "jobs", "elsewhere")
        answer = await (await ada.submits(form, {PROMPT: "x", PICTURES: painted("red")})).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("internal"))
        renamed(stage, "elsewhere", "jobs")
        again = await reopened(ada, answer)
        await ada.submits(again, {})
        assert await filenames(stage, await stage.result(ada)) == ["red.png"]
        assert stage.gateway.tasks[0].request.prompt == "x"

    async def test_the_prompt_comes_back_where_no_draft_can_be_read_or_kept(self, stage: Stage) -> None:
        ada = stage.person()
        form = await opened(ada)
        renamed(stage, "drafts", "elsewhere")
        prompt = "🗼 line\n" * 400
        answer = await (await ada.submits(form, {PROMPT: prompt})).answer()
        assert answer.ephemeral
        assert answer.content == f"{Text('internal')}\n{Text('form.text_back')}"
        (file,) = answer.files
        assert file.filename == "prompt.txt"
        assert (await ada.download(file)).decode() == prompt

    async def test_the_prompt_comes_back_where_the_refused_form_cannot_be_kept(self, stage: Stage) -> None:
        ada = stage.person()
        form = await opened(ada)
        with sqlite3.connect(stage.folder / "easel.db") as other:
            other.execute("CREATE TRIGGER no BEFORE INSERT ON drafts BEGIN SELECT RAISE(ABORT, 'full'); END")
        other.close()
        answer = await (await ada.submits(form, {PROMPT: TOO_LONG, MODEL: PRO})).answer()
        assert "reads at most 1000" in answer.content
        assert answer.content.endswith(str(Text("form.text_back")))
        assert (await ada.download(answer.files[0])).decode() == TOO_LONG.strip()
        assert answer.buttons == ()

    async def test_a_command_says_that_no_form_can_be_opened(self, stage: Stage) -> None:
        ada = stage.person()
        renamed(stage, "drafts", "elsewhere")
        answer = await (await ada.command("compose")).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("internal"))

    async def test_a_form_whose_draft_was_never_written_says_so_and_loses_nothing(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        form = await opened(ada)
        with sqlite3.connect(stage.folder / "easel.db") as other:
            other.execute("DELETE FROM drafts")
        other.close()
        sent = await ada.submits(form, {PROMPT: "x", MODEL: PRO, PICTURES: painted("red")})
        answer = await sent.answer()
        assert answer.ephemeral
        assert answer.content == str(Text("form.gone"))
        again = await reopened(ada, answer)
        assert filled_in(modal_of(again))[MODEL] == PRO
        await ada.submits(again, {})
        result = await stage.result(ada)
        assert result.ephemeral  # nobody knows whether it was to be private
        assert await filenames(stage, result) == ["red.png"]
        assert bob.sees() == ()
