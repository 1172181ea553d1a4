"""A result that is to be hidden until someone wants to see it is, whatever way it takes."""

import pytest

from bot.sandbox.discord.people import Person, SeenMessage
from tests.bot.ui.buttons.scene import painted
from tests.stage import Stage

HIDDEN = [True]


def spoilers(message: SeenMessage) -> list[bool]:
    return [file.spoiler for file in message.files]


def somebody(stage: Stage, where: str) -> Person:
    return {"server": stage.person, "direct": stage.stranger, "elsewhere": stage.guest}[where]()


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("where", ["server", "direct", "elsewhere"])
async def test_a_spoiler_is_hidden_on_every_way(stage: Stage, where: str, private: bool) -> None:
    ada = somebody(stage, where)
    first = await painted(stage, ada, spoiler=True, private=private)
    assert spoilers(first) == HIDDEN
    assert spoilers(await painted(stage, ada, after=first, private=private)) == [False]


async def test_a_spoiler_stays_hidden_over_a_restart_and_in_what_goes_on_from_it(stage: Stage) -> None:
    ada = stage.person()
    stage.gateway.next_task(seconds=30)
    await ada.command("imagine", prompt="a lighthouse", spoiler=True)
    await stage.submitted()
    await stage.stop_bot()
    stage.clock.advance(60)
    await stage.start_bot()
    first = await stage.result(ada)
    assert spoilers(first) == HIDDEN
    await stage.tidied(await stage.job_of(first))
    for button in ("Again", "Upscale to 2K"):
        await ada.press(first, button)
        after = await stage.result(ada, after=first)
        assert spoilers(after) == HIDDEN
        await stage.tidied(await stage.job_of(after))
        await ada.press(after, "Delete")
        await ada.waits_until(lambda gone=after: gone.id not in [seen.id for seen in ada.sees()], "it to be gone")


async def test_pictures_of_a_spoiler_are_hidden_where_one_is_asked_for(stage: Stage) -> None:
    ada = stage.person()
    first = await painted(stage, ada, spoiler=True, count=2)
    question = await (await ada.press(first, "Variations")).answer()
    (gallery,) = [each for each in question.payload["components"] if "items" in each]
    assert [item["spoiler"] for item in gallery["items"]] == [True, True]
    await ada.press(question, "1")
    assert spoilers(await stage.result(ada, after=question)) == [True] * 4
