"""Results that are larger than Discord takes."""

import io

from PIL import Image

from bot.sandbox.toapis import Script
from bot.texts import Text
from tests.stage import Stage

MIB = 1024 * 1024


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
