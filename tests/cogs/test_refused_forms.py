"""What becomes of a form that is refused, cannot be decided, or is not what was sent out: nothing in it is lost."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.conversation import COMPONENT, MODAL_SUBMIT
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.texts import Text
from tests.forms import (
    COLORS,
    MODEL,
    MORE,
    PICTURES,
    PROMPT,
    RATIO,
    REOPEN,
    filled_in,
    forged,
    hint,
    modal_of,
    opened,
    painted,
    reopened,
)
from tests.orders import NANO_BANANA_PRO
from tests.stage import CALLBACK, MESSAGES, Stage, open_stage
from tests.workshop import picture

PRO = "Nano Banana Pro · 2K"
DAY = 24 * 3600.0
TOO_LONG = "a word " * 200  # for a model that reads 1000 characters


@contextmanager
def undecided(stage: Stage) -> Generator[None]:
    """Keep the database busy, so that nothing can be written meanwhile."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()
    other.close()


@asynccontextmanager
async def unreadable(stage: Stage) -> AsyncGenerator[None]:
    """Keep every reader of the database busy."""
    enough = asyncio.Event()

    async def work(_: AsyncConnection) -> None:
        await enough.wait()

    reading = [asyncio.create_task(stage.services.drafts._database.read(work)) for _ in range(4)]
    await asyncio.sleep(0)
    yield
    enough.set()
    await asyncio.gather(*reading)


def renamed(stage: Stage, table: str, name: str) -> None:
    """Give a table another name."""
    with sqlite3.connect(stage.folder / "easel.db") as other:
        other.execute(f"ALTER TABLE {table} RENAME TO {name}")
    other.close()


async def refused(person: Person, pictures: int = 5, **options: Any) -> SeenMessage:
    """A form that was refused for its long prompt."""
    form = await opened(person, **options)
    answers = {PROMPT: TOO_LONG, MODEL: PRO, RATIO: "21:9", PICTURES: painted(*COLORS[:pictures])}
    return await (await person.submits(form, answers)).answer()


async def filenames(stage: Stage, result: SeenMessage) -> list[str]:
    """The references of the job, by their files' names."""
    return [reference.filename for reference in (await stage.job_of(result)).references]


async def test_a_refusal_keeps_everything_and_the_button_brings_it_back(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await refused(ada, count=2, private=True, spoiler=True, more="orientation landscape")
    assert answer.ephemeral
    assert "Nano Banana Pro reads at most 1000" in answer.content
    assert [button.label for button in answer.buttons] == [REOPEN]
    assert stage.gateway.tasks == ()
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again)) == {PROMPT: TOO_LONG.strip(), MODEL: PRO, RATIO: "21:9 cinema"}
    assert hint(modal_of(again), PICTURES).startswith("5 pictures kept.")
    await ada.submits(again, {PROMPT: "short"})
    result = await stage.result(ada)
    assert result.ephemeral
    assert len(result.files) == 2
    job = await stage.job_of(result)
    assert job.spoiler
    assert job.request.options == {"orientation": "landscape"}
    assert await filenames(stage, result) == [f"{color}.png" for color in COLORS[:5]]
    assert (job.request.prompt, job.request.size, job.request.resolution) == ("short", "21:9", "2K")
    assert bob.sees() == ()


async def test_a_form_refused_again_still_keeps_everything(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    for _ in range(3):
        again = await reopened(ada, answer)
        answer = await (await ada.submits(again, {PROMPT: TOO_LONG + "!"})).answer()
    again = await reopened(ada, answer)
    assert hint(modal_of(again), PICTURES).startswith("5 pictures kept.")
    assert filled_in(modal_of(again))[PROMPT] == TOO_LONG + "!"


async def test_the_button_opens_a_form_as_often_as_it_is_pressed(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    first, second = await reopened(ada, answer), await reopened(ada, answer)
    await ada.submits(first, {PROMPT: "one"})
    one = await stage.result(ada)
    await ada.submits(second, {PROMPT: "two"})
    await stage.result(ada, after=one)
    assert [task.request.prompt for task in stage.gateway.tasks] == ["one", "two"]


async def test_added_pictures_come_after_those_that_were_kept(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 5))
    assert hint(modal_of(again), PICTURES) == "5 pictures kept. Add up to 9, or leave this empty."
    await ada.submits(again, {PROMPT: "short", PICTURES: painted(*COLORS[5:14])})
    result = await stage.result(ada)
    assert await filenames(stage, result) == [f"{color}.png" for color in COLORS]
    job, (task,) = await stage.job_of(result), stage.gateway.tasks
    assert [reference.name for reference in job.references] == [f"image{number}" for number in range(1, 15)]
    assert [reference.url for reference in task.references] == [reference.uploaded_url for reference in job.references]


async def test_pictures_put_in_the_place_of_the_kept_ones_replace_them_all(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 5))
    await ada.submits(again, {PROMPT: "short", MORE: painted("pink")})
    assert await filenames(stage, await stage.result(ada)) == ["pink.png"]
    assert len(stage.gateway.uploads) == 1


async def test_pictures_may_be_replaced_and_added_at_once(stage: Stage) -> None:
    ada = stage.person()
    again = await reopened(ada, await refused(ada, 1))
    answers = {PROMPT: "short", MORE: painted(*COLORS[:4]), PICTURES: painted(*COLORS[4:14])}
    await ada.submits(again, answers)
    assert await filenames(stage, await stage.result(ada)) == [f"{color}.png" for color in COLORS]


async def test_the_button_works_after_a_restart(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    await stage.stop_bot()
    await stage.start_bot()
    again = await reopened(ada, answer)
    await stage.stop_bot()
    await stage.start_bot()
    await ada.submits(again, {PROMPT: "short"})
    assert len(await filenames(stage, await stage.result(ada))) == 5


async def test_kept_pictures_that_have_gone_are_named_and_the_rest_is_kept(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada, 2)
    stage.clock.advance(DAY / 2)
    again = await reopened(ada, answer)
    answer = await (await ada.submits(again, {PROMPT: TOO_LONG, PICTURES: painted("pink")})).answer()
    stage.clock.advance(DAY * 0.75)
    again = await reopened(ada, answer)
    assert hint(modal_of(again), PICTURES).startswith("3 pictures kept.")
    answer = await (await ada.submits(again, {PROMPT: "short"})).answer()
    for name in ("image1", "image2"):
        assert f"{name}: this picture is no longer there. Please attach it again." in answer.content
    again = await reopened(ada, answer)
    assert filled_in(modal_of(again))[PROMPT] == "short"
    assert hint(modal_of(again), PICTURES).startswith("1 picture kept.")
    await ada.submits(again, {PICTURES: painted("red")})
    assert await filenames(stage, await stage.result(ada)) == ["pink.png", "red.png"]


async def test_a_button_that_is_older_than_a_week_says_so(stage: Stage) -> None:
    ada = stage.person()
    answer = await refused(ada)
    stage.clock.advance(8 * DAY)
    await opened(ada)
    told = await (await ada.press(answer, REOPEN)).answer()
    assert told.ephemeral
    assert told.content == str(Text("form.reopen_gone"))


async def test_nobody_else_s_button_opens_a_form(stage: Stage) -> None:
    ada, bob = stage.person("ada"), stage.person("bob")
    answer = await refused(ada)
    message = stage.world.message(answer.channel_id, answer.id)
    button = answer.button(REOPEN)
    assert button is not None
    data = {"custom_id": button.custom_id, "component_type": 2, "id": 1}
    told = await forged(stage, bob, COMPONENT, data, message).answer()
    assert told.ephemeral
    assert told.content == str(Text("form.reopen_not_yours"))


class TestImagine:
    async def test_a_refused_command_goes_on_as_a_form_with_everything_in_it(self, stage: Stage) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        handle = await ada.command(
            "imagine",
            prompt=TOO_LONG,
            model=NANO_BANANA_PRO,
            ratio="21:9",
            resolution="2K",
            count=2,
            image1=Upload("red.png", picture("red")),
            image2=Upload("notes.txt", b"words"),
            image3=Upload("SPOILER_blue.png", picture("blue")),
            private=True,
            more="orientation landscape",
        )
        answer = await handle.answer()
        assert answer.ephemeral
        assert [button.label for button in answer.buttons] == [REOPEN]
        form = await reopened(ada, answer)
        assert filled_in(modal_of(form)) == {PROMPT: TOO_LONG.strip(), MODEL: PRO, RATIO: "21:9 cinema"}
        assert hint(modal_of(form), PICTURES).startswith("2 pictures kept.")
        await ada.submits(form, {PROMPT: "short"})
        result = await stage.result(ada)
        job = await stage.job_of(result)
        assert result.ephemeral
        assert len(result.files) == 2
        assert await filenames(stage, result) == ["red.png", "SPOILER_blue.png"]
        assert (job.spoiler, job.request.options) == (True, {"orientation": "landscape"})
        assert bob.sees() == ()

    async def test_a_mask_is_kept_with_its_picture(self, stage: Stage) -> None:
        ada = stage.person()
        files = {"image1": Upload("red.png", picture("red")), "mask": Upload("mask.png", picture("black"))}
        answer = await (await ada.command("imagine", prompt=TOO_LONG, model=NANO_BANANA_PRO, **files)).answer()
        form = await reopened(ada, answer)
        assert "and of the mask" in hint(modal_of(form), MORE)
        await ada.submits(form, {PROMPT: "short", PICTURES: painted("blue")})
        job = await stage.job_of(await stage.result(ada))
        assert [reference.filename for reference in job.pictures] == ["red.png", "blue.png"]
        assert job.mask is not None
        (sent,) = stage.record.matching("POST", "/images/generations")
        assert sent.body["mask_url"] == job.mask.uploaded_url

    async def test_a_prompt_that_no_form_holds_is_cut_and_that_is_said(self, stage: Stage) -> None:
        ada = stage.person()
        answer = await (await ada.command("imagine", prompt="x" * 5000, model=NANO_BANANA_PRO)).answer()
        form = await reopened(ada, answer)
        assert "the last 1000 of your prompt" in hint(modal_of(form), PROMPT)
        assert filled_in(modal_of(form))[PROMPT] == "x" * 4000

    async def test_the_prompt_comes_back_where_the_database_fails(self, stage: Stage) -> None:
        ada = stage.person()
        renamed(stage, "preferences", "elsewhere")
        renamed(stage, "drafts", "elsewhere_too")
        answer = await (await ada.command("imagine", prompt="my words")).answer()
        assert answer.ephemeral
        assert (await ada.download(answer.files[0])).decode() == "my words"

    async def test_a_public_command_that_is_refused_late_keeps_everything_privately(self, tmp_path: Path) -> None:
        async with open_stage(tmp_path, user_images_per_window=1) as stage:
            await stage.start_bot()
            ada, bob = stage.person("ada"), stage.person("bob")
            await ada.command("imagine", prompt="the only one")
            await stage.result(ada)
            await ada.waits_until(lambda: len(ada.sees()) == 1, "the progress to be gone")
            with undecided(stage):
                handle = await ada.command("imagine", prompt="one more", image1=Upload("red.png", picture("red")))
                await handle.acknowledgement()
            answer = await handle.answer()
            assert answer.ephemeral
            assert len(bob.sees()) == 1
            form = await reopened(ada, answer)
            assert filled_in(modal_of(form))[PROMPT] == "one more"
            assert hint(modal_of(form), PICTURES).startswith("1 picture kept.")


class TestDatabase:
    async def test_a_slow_decision_is_deferred_and_then_shown_in_the_same_place(self, stage: Stage) -> None:
        ada = stage.person()
        form = await opened(ada)
        with undecided(stage):
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
        with undecided(stage):
            sent = await ada.submits(form, {PROMPT: "x"})
            await sent.acknowledgement()
            assert sent.ephemeral
        assert (await stage.result(ada)).ephemeral
        assert bob.sees() == ()

    @pytest.mark.parametrize("private", [True, False])
    async def test_a_slow_refusal_is_private_and_keeps_everything(self, stage: Stage, private: bool) -> None:
        ada, bob = stage.person("ada"), stage.person("bob")
        form = await opened(ada, private=private)
        with undecided(stage):
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
        with undecided(stage):
            form = await opened(ada, count=2)
            draft = modal_of(form).custom_id.partition(":")[2]
            assert await stage.services.drafts.draft(draft) is None
        kept = None
        async with asyncio.timeout(10):
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


def submission(draft: str, **fields: Json) -> Json:
    """The data of a submit, with a label around each field."""
    labels = [{"type": 18, "id": 1, "component": {"custom_id": name, **value}} for name, value in fields.items()]
    return {"custom_id": f"compose:{draft}", "components": labels}


class TestForgeries:
    @pytest.fixture
    async def ada(self, stage: Stage) -> Person:
        return stage.person()

    async def draft_of(self, form: InteractionHandle) -> str:
        return modal_of(form).custom_id.partition(":")[2]

    async def test_a_form_with_another_person_s_draft_tells_nothing_of_it(self, stage: Stage, ada: Person) -> None:
        bob = stage.person("bob")
        usual = Preferences(model=NANO_BANANA_PRO)
        await stage.services.preferences.keep(int(ada.user.id), usual)
        form = await reopened(ada, await refused(ada))
        data = submission(await self.draft_of(form), prompt={"type": 4, "value": "mine now"})
        answer = await forged(stage, bob, MODAL_SUBMIT, data).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("form.not_yours"))
        again = await reopened(bob, answer)
        assert filled_in(modal_of(again)) == {
            PROMPT: "mine now",
            MODEL: "Nano Banana 2 · 1K",
            RATIO: "Auto (as the first picture)",
        }
        assert "kept" not in hint(modal_of(again), PICTURES)
        await ada.submits(form, {PROMPT: "still hers"})
        assert len(await filenames(stage, await stage.result(ada))) == 5

    async def test_choices_that_were_never_offered_are_named(self, stage: Stage, ada: Person) -> None:
        form = await opened(ada)
        data = submission(
            await self.draft_of(form),
            prompt={"type": 4, "value": "x"},
            model={"type": 3, "values": ["dall-e/9K"]},
            ratio={"type": 3, "values": ["7:3"]},
        )
        answer = await forged(stage, ada, MODAL_SUBMIT, data).answer()
        assert answer.ephemeral
        assert "dall\\-e/9K" in answer.content
        assert "7\\:3" in answer.content
        assert stage.gateway.tasks == ()

    async def test_twenty_pictures_are_too_many(self, stage: Stage, ada: Person) -> None:
        form = await opened(ada)
        sent = await ada.submits(form, {PROMPT: "", PICTURES: painted(*COLORS[:10])} | {PROMPT: " "})
        answer = await sent.answer()  # refused for its empty prompt; what Discord made of the files can be sent again
        uploads = stage.world.interactions[sent.id].data["resolved"]["attachments"]
        names = list(uploads)
        data = submission(
            await self.draft_of(await reopened(ada, answer)),
            prompt={"type": 4, "value": "x"},
            pictures={"type": 19, "values": names},
            more={"type": 19, "values": names},
        )
        told = await forged(stage, ada, MODAL_SUBMIT, {**data, "resolved": {"attachments": uploads}}).answer()
        assert "at most 14 reference pictures; you attached 20" in told.content
        again = await reopened(ada, told)
        assert hint(modal_of(again), MORE).startswith("14 pictures kept")
        assert stage.gateway.tasks == ()

    async def test_files_that_discord_does_not_know_are_named(self, stage: Stage, ada: Person) -> None:
        form = await opened(ada)
        data = submission(
            await self.draft_of(form), prompt={"type": 4, "value": "x"}, pictures={"type": 19, "values": ["1", "2"]}
        )
        answer = await forged(stage, ada, MODAL_SUBMIT, data).answer()
        assert "image1: this picture is no longer there" in answer.content
        assert "image2: this picture is no longer there" in answer.content

    @pytest.mark.parametrize("custom_id", ["compose:", "compose:nothing", f"compose:{'0' * 20}"])
    async def test_a_draft_that_never_was_is_said_to_be_gone(self, stage: Stage, ada: Person, custom_id: str) -> None:
        data = {**submission("", prompt={"type": 4, "value": "my words"}), "custom_id": custom_id}
        answer = await forged(stage, ada, MODAL_SUBMIT, data).answer()
        assert answer.content == str(Text("form.gone"))
        assert filled_in(modal_of(await reopened(ada, answer)))[PROMPT] == "my words"

    async def test_a_form_that_nobody_knows_is_answered(self, stage: Stage, ada: Person) -> None:
        answer = await forged(stage, ada, MODAL_SUBMIT, {"custom_id": "survey:1", "components": []}).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("form.unknown"))

    @pytest.mark.parametrize(
        "components", [[], [{}], [{"type": 18}], [{"type": 18, "component": {"type": 4, "custom_id": PROMPT}}]]
    )
    async def test_a_form_with_nothing_in_it_is_refused_for_its_prompt(
        self, stage: Stage, ada: Person, components: list[Json]
    ) -> None:
        form = await opened(ada)
        data = {"custom_id": modal_of(form).custom_id, "components": components}
        answer = await forged(stage, ada, MODAL_SUBMIT, data).answer()
        assert answer.ephemeral
        assert answer.content == str(Text("check.prompt_empty"))
        assert stage.gateway.tasks == ()


async def test_a_kind_of_channel_that_is_not_known_keeps_the_form(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.start_bot()
        ada = stage.person()
        form = await opened(ada)
        stage.channel.type = 99
        await stage.stop_bot()
        await stage.start_bot()
        answer = await (await ada.submits(form, {PROMPT: "x"})).answer()
        assert answer.content == str(Text("ui.place_unknown"))
        assert filled_in(modal_of(await reopened(ada, answer)))[PROMPT] == "x"
        assert stage.asked("POST", MESSAGES) == ()
        assert len(stage.asked("POST", CALLBACK)) == 3
