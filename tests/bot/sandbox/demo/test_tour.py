import io
from pathlib import Path

import pytest

from bot.sandbox.demo.offline import Offline
from bot.sandbox.demo.screen import Screen
from bot.sandbox.demo.sketches import cat, lighthouse
from bot.sandbox.demo.spectator import Spectator
from bot.sandbox.demo.tour import PromiseBroken, Tour
from bot.sandbox.toapis import Script
from tests.stage import Stage


@pytest.fixture
def tour(stage: Stage, tmp_path: Path) -> Tour:
    """The tour with a bot whose allowance does not run out, and a gateway that paints at once."""
    offline = Offline(
        discord=stage.discord, gateway=stage.gateway, record=stage.record, guild=stage.guild, channel=stage.channel
    )
    screen = Screen(io.StringIO())
    return Tour(offline=offline, screen=screen, spectator=Spectator(screen, stage.world, tmp_path), folder=tmp_path)


async def test_a_picture_that_is_not_painted_breaks_the_tour_s_promise(stage: Stage, tour: Tour) -> None:
    stage.gateway.every_task(Script(seconds=0, ending="failed"))
    with pytest.raises(PromiseBroken, match="no picture was posted"):
        await tour.play()


async def test_a_picture_of_another_shape_breaks_the_tour_s_promise(stage: Stage, tour: Tour) -> None:
    stage.gateway.every_task(Script(seconds=0, picture=lighthouse()))
    with pytest.raises(PromiseBroken, match="640 × 800 pixels"):
        await tour.play()


async def test_an_allowance_that_does_not_run_out_breaks_the_tour_s_promise(stage: Stage, tour: Tour) -> None:
    with pytest.raises(PromiseBroken, match="not private"):
        await tour.play()
    assert len(stage.gateway.tasks) == 4


def test_the_reference_pictures_are_the_same_every_time() -> None:
    assert cat() == cat()
    assert lighthouse() == lighthouse()
    assert cat() != lighthouse()
