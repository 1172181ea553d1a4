"""Every row about the calls of Discord's that are no part of a job; several share a stage."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.discord.people import Person
from bot.texts import Text
from tests.databases import watched_commits
from tests.faults.asides import LOOK_UPS, LOOK_UPS_IN_VAIN, NOTICES, SYNCS, Aside, Comes
from tests.faults.discord import FAULTS, ROUTES
from tests.messages import outcome_of, painted
from tests.stage import Stage, open_stage


def struck(stage: Stage, call: str, row: Aside, times: int = 1) -> None:
    """Let the row's fault strike the next such calls."""
    stage.faults.clear()
    method, _, route = ROUTES[call].partition(" ")
    stage.fault(route, method=method, service="discord", times=times, **FAULTS[row.fault])


def asked(stage: Stage, call: str) -> int:
    method, _, route = ROUTES[call].partition(" ")
    return len(stage.asked(method, route))


@pytest.mark.parametrize(("rows", "times"), [(LOOK_UPS, 1), (LOOK_UPS_IN_VAIN, 0)], ids=["once", "always"])
async def test_pictures_that_are_looked_up(stage: Stage, rows: Sequence[Aside], times: int) -> None:
    ada = stage.person()
    first = await painted(stage, ada)
    result, _ = await outcome_of(stage, ada, await ada.says("make it night", reply_to=first))
    stage.clock.advance(26 * 3600)
    stage.discord.gateway.manners.heartbeat_interval = 1e6
    came: dict[str, Any] = {}
    for row in rows:
        tasks, before = len(stage.gateway.tasks), asked(stage, "fetch")
        newest = ada.sees()[-1]
        struck(stage, "fetch", row, times)
        handle = await ada.press(result, "Again")
        if row.outcome is Comes.PAINTED:
            await stage.tidied(await stage.job_of(await stage.result(ada, after=newest)))
            came[row.fault] = Comes.PAINTED
        else:
            said = await handle.answer()
            wordings = {each: str(Text(each.value, {"name": "image1"})) for each in (Comes.LATER, Comes.GONE)}
            came[row.fault] = next((each for each, words in wordings.items() if words in said.content), said.content)
            assert said.ephemeral, row
        await stage.settled()
        came[row.fault] = came[row.fault], len(stage.gateway.tasks) - tasks, asked(stage, "fetch") - before
    assert came == {row.fault: (row.outcome, 1 if row.outcome is Comes.PAINTED else 0, row.asked) for row in rows}


async def untold(stage: Stage, person: Person) -> None:
    """Wait until there is something that the person must be told."""
    with watched_commits() as commits:
        seen = commits.count
        while not await stage.services.records.untold(int(person.user.id), 1):
            await commits.more_than(seen)
            seen = commits.count


async def test_notices_that_are_given(stage: Stage) -> None:
    ada = stage.person()
    ada.user.accepts_direct_messages = False
    came: dict[str, Any] = {}
    for row in NOTICES:
        stage.fault(ROUTES["edit"].partition(" ")[2], method="PATCH", **FAULTS["50027 token"], times=0)
        await ada.command("imagine", prompt="a secret", private=True)
        await untold(stage, ada)
        before = asked(stage, "follow_up")
        struck(stage, "follow_up", row)
        seen: list[int] = []
        for _ in range(2):
            handle = await ada.command("usage")
            await handle.answer()
            await stage.settled()
            await asyncio.gather(*stage.bot.handlers._tasks, return_exceptions=True)
            await stage.settled()
            seen.append(len(handle.followups))
        await stage.told(ada)
        came[row.fault] = tuple(seen), asked(stage, "follow_up") - before
    assert came == {row.fault: (row.outcome, row.asked) for row in NOTICES}


async def test_commands_that_are_told(tmp_path: Path) -> None:
    came: dict[str, Any] = {}
    async with open_stage(tmp_path) as stage:
        for row in SYNCS:
            before = asked(stage, "sync")
            struck(stage, "sync", row)
            await stage.start_bot()
            registered = not stage.asked("PUT", ROUTES["sync"].partition(" ")[2])[-1].replaced
            ada = stage.person()
            said = await ada.says(f"{stage.mention} a lighthouse")
            await outcome_of(stage, ada, said)
            await stage.stop_bot()
            await stage.start_bot()
            assert not stage.asked("PUT", ROUTES["sync"].partition(" ")[2])[-1].replaced
            await stage.services.store.remember("discord.commands", "those of an older version")
            await stage.stop_bot()
            came[row.fault] = registered, asked(stage, "sync") - before
    assert came == {row.fault: (row.outcome, row.asked) for row in SYNCS}
