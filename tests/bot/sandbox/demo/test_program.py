import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest
from PIL import Image

from bot.cli import run_command
from tests.bot.sandbox.demo.running import ROOT, is_running, running_demo
from tests.workshop import until

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.real_time,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]


def shape(path: Path) -> float:
    """Width by height of a picture that can be decoded to its end."""
    with Image.open(path) as image:
        image.load()
        return round(image.width / image.height, 2)


README = (ROOT / "README.md").read_text("utf-8")
KEPT = json.dumps({"prompt": "a fox", "keep": True})


def test_a_missing_picture_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "cat.png")
    arguments = ["demo", "--prompt", "x", "--image", missing, "--folder", str(tmp_path / "pictures")]
    assert run_command(arguments) == 2
    assert capsys.readouterr().err == f"easel: There is no picture {tmp_path / 'cat.png'}.\n"


async def test_the_bot_s_death_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with running_demo(tmp_path, seconds=60) as demo:
        await demo.shows("in the queue")
        os.kill(demo.bot_id, signal.SIGKILL)
        assert await demo.ends() == 1
    assert "ended by itself, with signal 9" in demo.output
    assert "registered 8 commands" in demo.output
    assert demo.complaints == ""
    assert demo.leftovers == []


@pytest.mark.parametrize(
    ("moment", "chosen", "seconds"),
    [("starting as process", "{}", 60.0), ("is painting", "{}", 60.0), ("Everything stays up", KEPT, 0.0)],
)
async def test_ctrl_c_ends_everything_in_order(tmp_path: Path, moment: str, chosen: str, seconds: float) -> None:
    async with running_demo(tmp_path, chosen, seconds=seconds) as demo:
        await demo.shows(moment)
        assert is_running(demo.bot_id)
        demo.interrupt()
        assert await demo.ends() == 130
    assert not is_running(demo.bot_id)
    assert demo.output.endswith("Stopped; nothing is left running.\n")
    assert demo.complaints == ""
    assert demo.leftovers == []


async def test_a_second_ctrl_c_does_not_wait_for_a_bot_that_hangs(tmp_path: Path) -> None:
    async with running_demo(tmp_path, seconds=60) as demo:
        await demo.shows("in the queue")
        os.kill(demo.bot_id, signal.SIGSTOP)
        demo.interrupt()
        await demo.shows("Stopping …")
        demo.interrupt()
        assert await demo.ends() == 130
    await until(lambda: not is_running(demo.bot_id))
    assert "Stopped" not in demo.output
    assert demo.complaints == ""
    assert demo.leftovers == []


async def test_what_keep_prints_brings_easel_check_to_the_stand_ins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=a-real-token\nDATABASE_URL=sqlite:///real.db\n", "utf-8")
    async with running_demo(tmp_path, KEPT) as demo:
        await demo.shows("Everything stays up")
        told = dict(re.findall(r"^ +export (\w+)=(.+)$", demo.output, re.MULTILINE))
        environment = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **told}
        check = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "check"), cwd=tmp_path, env=environment, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await check.communicate()
    assert check.returncode == 0, output.decode()
    assert "signs in as" in output.decode()
    assert not (tmp_path / "real.db").exists()


@pytest.mark.parametrize("moment", ["starting as process", "in the queue"])
async def test_a_demo_that_is_killed_takes_its_bot_and_its_files_with_it(tmp_path: Path, moment: str) -> None:
    async with running_demo(tmp_path, seconds=60) as demo:
        await demo.shows(moment)
        assert is_running(demo.bot_id)
        demo.process.kill()
        assert await demo.ends() == -signal.SIGKILL
    await until(lambda: not is_running(demo.bot_id))
    assert demo.leftovers == []


async def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    async with running_demo(tmp_path) as demo:
        await demo.shows("starting as process")
        assert demo.process.stdout is not None
        demo.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined] # as `head` does
        assert await demo.process.wait() == 141
        assert demo.process.stderr is not None
        assert await demo.process.stderr.read() == b""
    assert not is_running(demo.bot_id)
    assert demo.leftovers == []


async def test_a_refusal_is_shown_as_the_person_sees_it_on_any_terminal(tmp_path: Path) -> None:
    (tmp_path / "notes.png").write_text("no picture", "utf-8")
    chosen = json.dumps({"prompt": "Füchse 🦊", "model": "nano banana PRO", "ratio": "7:5", "images": ["notes.png"]})
    async with running_demo(tmp_path, chosen, environment={"PYTHONIOENCODING": "ascii"}) as demo:
        assert await demo.ends() == 1
    assert "/imagine prompt:F?chse ? model:Nano Banana Pro ratio:7:5 image1:notes.png" in demo.output
    assert 'does not know the ratio "7:5"' in demo.output
    assert "Only you can see this." in demo.output
    assert demo.complaints == ""


async def test_an_option_that_discord_does_not_take_is_said_in_a_sentence(tmp_path: Path) -> None:
    async with running_demo(tmp_path, json.dumps({"prompt": "x" * 6001})) as demo:
        assert await demo.ends() == 2
    assert "prompt takes 0 to 6000 characters, not 6001." in demo.output
    assert demo.complaints == ""


async def test_several_pictures_are_saved_under_names_of_their_own(tmp_path: Path) -> None:
    chosen = json.dumps({"prompt": "a fox", "count": 3, "resolution": "0.5K"})
    async with running_demo(tmp_path, chosen, seconds=0.2) as demo:
        assert await demo.ends() == 0
    assert "/imagine prompt:a fox resolution:0.5K count:3" in demo.output
    assert sorted(path.name for path in demo.pictures.glob("*.png")) == [f"picture-1-{n}.png" for n in (1, 2, 3)]


async def test_more_pictures_than_discord_lets_anyone_ask_for_are_refused_in_a_sentence(tmp_path: Path) -> None:
    async with running_demo(tmp_path, json.dumps({"prompt": "a fox", "count": 5})) as demo:
        assert await demo.ends() == 2
    assert "count takes a number from 1 to 4, not 5." in demo.output


async def test_a_model_that_discord_does_not_offer_is_answered_with_those_it_does(tmp_path: Path) -> None:
    async with running_demo(tmp_path, json.dumps({"prompt": "x", "model": "pro"})) as demo:
        assert await demo.ends() == 2
    assert demo.complaints.startswith('easel: --model: choose one of "Nano Banana 2", "Nano Banana Pro", "Nano Banana"')
    assert demo.complaints.count("\n") == 1
    assert demo.leftovers == []


@pytest.mark.timeout(180)
async def test_the_tour_keeps_its_promises_whatever_the_user_has_set(tmp_path: Path) -> None:
    mine = {"DISCORD_TOKEN": "a-real-token", "TOAPIS_API_KEY": "sk-real", "LOG_LEVEL": "none", "DATABASE_URL": "mine"}
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in mine.items()), "utf-8")
    async with running_demo(tmp_path, seconds=0.2, environment=mine) as demo:
        await demo.shows("is online")
        environment = demo.bot_environment
        assert await demo.ends() == 0
    assert "a-real-token" not in environment
    assert "sk-real" not in environment
    assert not is_running(demo.bot_id)
    assert demo.complaints == ""
    assert demo.leftovers == []
    for told in (
        "Ada     /imagine prompt:a lighthouse",
        "Ben     /compose",
        "│ Pictures: 10 files, cat.png to postcard-autumn.jpg",
        "All 14 went to the gateway's upload API first",
        "answers Easel: make it night, with a full moon",
        "Ben     presses [Variations] below the picture",
        "5-storm-full-size.png, 18.",
        "does not know the ratio “8:1”",
        "You have used 5 of your 5 pictures per 3",
        "again in 3 hours",
        "All of it went as it should",
    ):
        assert told in demo.output
    assert {path.name: shape(path) for path in demo.pictures.glob("?-*")} == {
        "1-lighthouse.png": 1.78,
        "2-poster.jpg": 1.33,
        "3-night.png": 1.78,
        "3-ship.png": 1.0,
        **{f"4-variation-{number}.png": 1.0 for number in (1, 2, 3, 4)},
        "5-storm.jpg": 1.78,
        "5-storm-full-size.png": 1.78,
    }
    assert len(list((demo.pictures / "references").iterdir())) == 14
    (section,) = re.findall("“(.*)” in README.md", demo.output)
    assert f"\n## {section}\n" in README
