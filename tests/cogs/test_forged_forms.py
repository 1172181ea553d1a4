"""Forms that were never sent out, or come from somebody else."""

import pytest

from bot.jobs.preferences import Preferences
from bot.sandbox.discord.conversation import MODAL_SUBMIT
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.people import InteractionHandle, Person
from bot.texts import Text
from tests.forms import (
    COLORS,
    MODEL,
    OTHER_PICTURES,
    PICTURES,
    PROMPT,
    RATIO,
    filenames,
    filled_in,
    forged,
    hint,
    modal_of,
    opened,
    painted,
    refused,
    reopened,
)
from tests.orders import NANO_BANANA_PRO
from tests.stage import Stage


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
        assert "dall\\-e\\/9K" in answer.content
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
        assert "at most 14 reference pictures; the request has 20" in told.content
        again = await reopened(ada, told)
        assert hint(modal_of(again), OTHER_PICTURES).startswith("14 pictures kept")
        assert stage.gateway.tasks == ()

    async def test_files_that_discord_does_not_know_are_named(self, stage: Stage, ada: Person) -> None:
        form = await opened(ada)
        data = submission(
            await self.draft_of(form), prompt={"type": 4, "value": "x"}, pictures={"type": 19, "values": ["1", "2"]}
        )
        answer = await forged(stage, ada, MODAL_SUBMIT, data).answer()
        assert "image1: this picture can no longer be fetched" in answer.content
        assert "image2: this picture can no longer be fetched" in answer.content

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
