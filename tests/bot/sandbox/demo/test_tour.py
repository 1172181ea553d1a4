import io
from pathlib import Path

import pytest

from bot.sandbox.demo import asking, going_on
from bot.sandbox.demo.offline import Allowance, Offline
from bot.sandbox.demo.scenery import PromiseBroken, Scenery
from bot.sandbox.demo.screen import Screen
from bot.sandbox.demo.sketches import cat, lighthouse, postcards
from bot.sandbox.demo.spectator import Spectator
from bot.sandbox.demo.tour import Tour
from bot.sandbox.discord.people import Person, SeenMessage
from bot.sandbox.toapis import Script
from tests.stage import Stage


@pytest.fixture
def scenery(stage: Stage, tmp_path: Path) -> Scenery:
    """The scenes with a bot whose allowance does not run out, and a gateway that paints at once."""
    offline = Offline(
        discord=stage.discord, gateway=stage.gateway, record=stage.record, guild=stage.guild, channel=stage.channel
    )
    screen = Screen(io.StringIO())
    return Scenery(offline=offline, screen=screen, spectator=Spectator(screen, stage.world, tmp_path), folder=tmp_path)


@pytest.fixture
def ada(scenery: Scenery) -> Person:
    return scenery.offline.person("Ada")


@pytest.fixture
async def picture(scenery: Scenery, ada: Person) -> SeenMessage:
    """The one of the first scene."""
    return await asking.words(scenery, ada)


def told(scenery: Scenery) -> str:
    """All that is on the screen."""
    stream = scenery.screen._stream
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


async def test_a_picture_that_is_not_painted_breaks_the_tour_s_promise(stage: Stage, scenery: Scenery) -> None:
    stage.gateway.every_task(Script(seconds=0, ending="failed"))
    with pytest.raises(PromiseBroken, match="no picture was posted"):
        await Tour(scenery).play()


async def test_a_picture_of_another_shape_breaks_the_tour_s_promise(stage: Stage, scenery: Scenery) -> None:
    stage.gateway.every_task(Script(seconds=0, picture=lighthouse()))
    with pytest.raises(PromiseBroken, match="640 × 800 pixels"):
        await Tour(scenery).play()


async def test_an_original_that_is_uploaded_again_breaks_the_promise_of_editing(
    stage: Stage, scenery: Scenery, ada: Person
) -> None:
    stage.gateway.next_task(seconds=0, lifetime=60.0)  # too short for the bot to count on
    posted = await asking.words(scenery, ada)
    with pytest.raises(PromiseBroken, match="has already"):
        await going_on.answers(scenery, posted, ada, scenery.offline.person("Cleo"))


async def test_fewer_variations_than_promised_break_the_promise(
    stage: Stage, scenery: Scenery, ada: Person, picture: SeenMessage
) -> None:
    stage.gateway.next_task(seconds=0, pictures=3)
    with pytest.raises(PromiseBroken, match="3 of 4 pictures were posted"):
        await going_on.variations(scenery, ada, picture)


async def test_variations_that_are_all_the_same_break_the_promise(
    stage: Stage, scenery: Scenery, ada: Person, picture: SeenMessage
) -> None:
    stage.gateway.next_task(seconds=0, picture=cat())
    with pytest.raises(PromiseBroken, match="are the same picture"):
        await going_on.variations(scenery, ada, picture)


@pytest.mark.exhaustive
async def test_a_picture_that_did_not_have_to_be_made_to_fit_breaks_the_promise(
    stage: Stage, scenery: Scenery, ada: Person
) -> None:
    await stage.stop_bot()
    stage.guild.tier = 3  # takes files of 100 MiB
    await stage.start_bot()
    with pytest.raises(PromiseBroken, match="the posted copy has 18"):
        await going_on.too_large(scenery, ada)


async def test_an_allowance_that_does_not_run_out_breaks_the_tour_s_promise(
    stage: Stage, scenery: Scenery, ada: Person, picture: SeenMessage
) -> None:
    asked_at, allowance = stage.clock.now(), Allowance(pictures=1, hours=3)
    with pytest.raises(PromiseBroken, match="not private"):
        await asking.no_more(scenery, ada, picture, asked_at=asked_at, allowance=allowance)


async def test_a_form_is_told_with_all_that_was_filled_in(scenery: Scenery, ada: Person) -> None:
    opened = await scenery.spectator.opens(ada, "compose")
    await scenery.spectator.fills_in(ada, opened, {"Prompt": "a fox"})
    form = told(scenery).partition("/compose")[2].partition("[Submit]")[0]
    assert [line.strip() for line in form.splitlines() if line.strip()] == [
        "│ What shall Easel paint?",
        "│ Prompt: a fox",
        "│ Model and resolution: Nano Banana 2 · 1K",
        "│ Ratio: Auto (as the first picture)",
        "│ Pictures: –",
        "│ More pictures: –",
    ]


async def test_an_answer_is_told_with_what_it_answers(
    stage: Stage, scenery: Scenery, ada: Person, picture: SeenMessage
) -> None:
    await scenery.spectator.replies(ada, picture, "make it blue")
    assert (
        f"Ada     answers {stage.bot_name}: a lighthouse on a cliff at dusk, gouache\n        make it blue\n"
        in told(scenery)
    )


@pytest.mark.exhaustive
def test_the_reference_pictures_are_the_same_every_time_and_no_two_alike() -> None:
    assert (cat(), lighthouse(), postcards()) == (cat(), lighthouse(), postcards())
    assert len({cat(), lighthouse(), *postcards().values()}) == 14
