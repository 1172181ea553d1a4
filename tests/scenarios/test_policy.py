"""What the operator decides of every picture, from the settings to the gateway."""

from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.jobs.order import Order
from bot.toapis.schema import ImageRequest
from tests.orders import place
from tests.stage import open_stage
from tests.workshop import open_workshop

VERTEX = "gemini-2.5-flash-image-official"
HATE = {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_ONLY_HIGH"}


async def test_the_same_request_again_follows_the_policy_of_the_day(tmp_path: Path) -> None:
    async with open_stage(tmp_path, person_generation="ALLOW_ALL") as stage:
        await stage.start_bot()
        ada = stage.person()
        await ada.command("imagine", prompt="a fox", model=VERTEX, more="temperature 0.4")
        first = await stage.result(ada)
        await stage.stop_bot()
        stage.settings = stage.settings.model_copy(
            update={"person_generation": "ALLOW_NONE", "safety_settings": {"HATE_SPEECH": "BLOCK_ONLY_HIGH"}}
        )
        await stage.start_bot()
        await ada.press(first, "Again")
        await stage.result(ada, after=first)
        before, after = (task.request.metadata for task in stage.gateway.tasks)
        assert before == {"temperature": 0.4, "personGeneration": "ALLOW_ALL"}
        assert after == {"temperature": 0.4, "personGeneration": "ALLOW_NONE", "safetySettings": [HATE]}


async def test_a_model_that_cannot_be_told_is_not_told(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, person_generation="ALLOW_NONE", safety_settings="HATE_SPEECH=OFF") as workshop:
        await workshop.ended(await workshop.accept())
        (task,) = workshop.gateway.tasks
        assert "metadata" not in task.request.body


async def test_a_request_that_brings_such_a_parameter_is_refused(tmp_path: Path) -> None:
    async with open_workshop(tmp_path) as workshop:
        request = ImageRequest(model=VERTEX, prompt="a fox", options={"personGeneration": "ALLOW_ALL"})
        with pytest.raises(Refusal) as refused:
            await workshop.services.engine.accept(Order(place=place(), request=request))
        assert [text.key for text in refused.value.texts] == ["check.option_reserved"]
        assert workshop.gateway.tasks == ()


async def test_a_job_that_was_written_with_such_a_parameter_is_painted_by_the_policy(tmp_path: Path) -> None:
    async with open_workshop(tmp_path, person_generation="ALLOW_ADULT") as workshop:
        request = ImageRequest(model=VERTEX, prompt="a fox", options={"maxOutputTokens": 1})
        store, engine = workshop.services.store, workshop.services.engine
        accepted = await store.accept(Order(place=place(), request=request), (1,), engine._policy.limits)
        await workshop.restart()
        await workshop.ended(accepted.job)
        (task,) = workshop.gateway.tasks
        assert task.request.metadata == {"personGeneration": "ALLOW_ADULT"}
