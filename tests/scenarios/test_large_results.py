"""Results that are larger than Discord takes."""

import io

import pytest
from PIL import Image

from bot.jobs.job import JobState
from bot.sandbox.toapis import Script
from bot.texts import Text
from tests.pictures import noise, opened, picture
from tests.stage import MESSAGES, Stage

MIB = 1024 * 1024


@pytest.mark.exhaustive
async def test_a_4k_result_is_fitted_under_the_channel_s_limit_in_all_its_pixels_and_says_so(stage: Stage) -> None:
    stage.gateway.every_task(Script(picture="grainy"))
    ada = stage.person("Ada")
    await ada.command("imagine", prompt="a lighthouse", ratio="16:9", resolution="4K")
    result = await stage.result(ada)
    (file,) = result.files
    assert (file.width, file.height) == (5456, 3069)
    assert file.size is not None
    assert 2 * MIB < file.size <= 10 * MIB
    assert str(Text("result.reduced")) in result.content
    with Image.open(io.BytesIO(await ada.download(file))) as image:
        assert image.size == (5456, 3069)


async def test_what_discord_refuses_at_its_own_limit_is_posted_smaller_and_says_so_and_is_painted_once(
    stage: Stage,
) -> None:
    # A 413 although the stated limit was kept: of several steps down, the last that is needed.
    large = noise((1_900, 1_400), strength=60)
    assert 6 * MIB < len(large) < 10 * MIB
    stage.gateway.every_task(Script(picture=large))
    refused = {"code": 40005, "message": "Request entity too large"}
    stage.fault(MESSAGES, method="POST", status=413, body=refused, times=3)
    ada = stage.person("Ada")
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    (file,) = result.files
    assert file.size is not None
    assert file.size <= 10 * MIB * 0.7**3 + 1
    assert (file.width, file.height) == (1_900, 1_400), "quality gives way before pixels"
    assert str(Text("result.reduced")) in result.content
    assert [post.status for post in stage.asked("POST", MESSAGES)] == [413, 413, 413, 200]
    assert len(stage.gateway.tasks) == 1
    assert len(stage.gateway.record.matching("POST", "/images/generations")) == 1
    job = await stage.tidied(await stage.job_of(result))
    assert job.state is JobState.DELIVERED
    assert len(ada.sees()) == 1


async def test_a_result_that_can_be_stored_better_is_posted_without_loss(stage: Stage) -> None:
    careless = picture("PNG", (2_600, 1_800), compress_level=0)
    assert len(careless) > 10 * MIB
    stage.gateway.every_task(Script(picture=careless))
    ada = stage.person("Ada")
    await ada.command("imagine", prompt="a lighthouse")
    result = await stage.result(ada)
    (file,) = result.files
    assert str(Text("result.reduced")) not in result.content
    assert opened(await ada.download(file)).convert("RGB").tobytes() == opened(careless).tobytes()
