"""Every row of the gateway socket's faults. A job is under way in each; those that pass share a few stages."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.client import EaselBot
from bot.errors import StartupError
from bot.sandbox.discord.people import InteractionHandle, Person
from bot.services import open_services
from tests.faults.socket import FATAL, PASSING, FatalRow, SocketRow
from tests.stage import Stage, open_stage

_MOST = 8  # rows of one test


@pytest.mark.parametrize("rows", [PASSING[start : start + _MOST] for start in range(0, len(PASSING), _MOST)])
async def test_trouble_that_passes(stage: Stage, rows: Sequence[SocketRow]) -> None:
    stage.discord.gateway.manners.heartbeat_interval = 1e6  # minutes pass, and discord.py's heart beats in real time
    await stage.discord.gateway.close(4000)  # what was said in HELLO counts
    for row in rows:
        assert await complaints_about(stage, row) == [], row.name


async def complaints_about(stage: Stage, row: SocketRow) -> list[str]:
    loop = asyncio.get_running_loop()
    ada, bob, eve = (stage.person(name, stage.guild.add_channel(name)) for name in ("ada", "bob", "eve"))
    await heard(stage)
    tasks = len(stage.gateway.tasks)
    stage.gateway.next_task(seconds=3.0)
    under_way = await asked(ada)
    await under_way.answer()
    before, began = len(stage.record.exchanges), loop.time()
    await row.trouble(stage)
    if row.heard:
        await asked(bob)
        await bob.waits_for(lambda message: message.files, timeout=row.seconds + 10)
    await ada.waits_for(lambda message: message.files, timeout=row.seconds + 10)
    await back(stage, before, row)
    took = loop.time() - began
    await asked(eve)
    people = (ada, bob, eve) if row.heard else (ada, eve)
    await asyncio.gather(*(alone(person) for person in people))
    sends = [each.route for each in stage.record.exchanges[before:] if each.method == "SEND"]
    return [
        *([] if tuple(dict.fromkeys(sends)) == row.sends else [f"it came back with {sends}"]),
        *([] if len(sends) <= 2 * (len(row.sends) + 10) else [f"it tried {len(sends)} times"]),
        *([] if took <= row.seconds + 10 else [f"it took {took:.0f} s"]),
        *([] if len(stage.gateway.tasks) - tasks == len(people) else ["not every request was painted once"]),
    ]


async def asked(person: Person) -> InteractionHandle:
    return await person.command("imagine", prompt="a lighthouse")


async def alone(person: Person) -> None:
    """Wait until the person sees one picture and nothing else."""
    await person.waits_for(lambda message: message.files)
    await person.waits_until(lambda: len(person.sees()) == 1, "one picture")


async def heard(stage: Stage) -> None:
    """Wait until the bot hears what is said."""
    async with asyncio.timeout(60):
        while not any(session.connected for session in stage.discord.gateway.sessions):  # noqa: ASYNC110 - of others
            await asyncio.sleep(0.1)
    await stage.settled()


async def back(stage: Stage, before: int, row: SocketRow) -> None:
    """Wait until the bot hears again."""
    begun = {"READY", "RESUMED"}
    if row.sends:
        await stage.record.wait_for(lambda each: each.number > before and each.route in begun, row.seconds + 10)
    await heard(stage)


async def test_codes_that_end_the_program(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        for row in FATAL:
            ada = stage.person("ada", stage.guild.add_channel("ada"))
            told = await ended(stage, row, ada)
            assert (told.exit_code, row.says in str(told), "\n" in str(told)) == (row.exit_code, True, False), told
            await stage.start_bot()
            await alone(ada)
            await stage.stop_bot()
        assert len(stage.gateway.tasks) == len(FATAL)


async def ended(stage: Stage, row: FatalRow, person: Person) -> StartupError:
    """How the program ends with a job under way."""
    stage.gateway.next_task(seconds=5.0)
    async with open_services(stage.settings, stage.clock) as services:
        bot = EaselBot(services, guild_ready_timeout=0.05)
        running = asyncio.create_task(bot.run_until_closed(stage.world.application.token))
        await bot._settled.wait()
        await (await asked(person)).answer()
        await stage.discord.gateway.close(row.code)
        with pytest.raises(StartupError) as told:
            await running
    return told.value
