"""What Discord sends: real events with odd parts over the real socket, forged buttons, and whatever people write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.discord.conversation import COMPONENT, MODAL_SUBMIT
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.people import Person, Upload
from bot.sandbox.discord.ratelimits import Limit, RateLimits
from tests.forms import PROMPT, forged, opened
from tests.fuzz.mutations import ODD, RECIPES, Recipe, fuzzed, mutate
from tests.samples import NASTY
from tests.stage import Stage, open_stage
from tests.workshop import picture

pytestmark = [pytest.mark.fuzz, pytest.mark.exhaustive]

Deed: TypeAlias = Callable[[Stage, Person], Awaitable[object]]
_LONGEST = 30_000.0  # seconds of the bot's time for whatever it makes of an event


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened_stage:
        endless = Limit(10**9, 1.0)
        opened_stage.discord.limiter.limits = RateLimits(otherwise=endless, everywhere=endless)
        await opened_stage.start_bot()
        yield opened_stage
        opened_stage.record._exchanges.clear()  # what is answered to odd requests may itself be odd


async def settled(stage: Stage) -> None:
    """Wait until the bot has done whatever it does, and is still there."""
    await asyncio.sleep(0.1)
    working = {*stage.bot.handlers._tasks, *stage.services.engine._running.values()}
    while working:
        done, _ = await asyncio.wait(working, timeout=_LONGEST)
        assert done, "the bot is still at it"
        working = {*stage.bot.handlers._tasks, *stage.services.engine._running.values()}
    assert stage.bot._running is not None
    assert not stage.bot._running.done(), "the bot has ended"


async def caught(stage: Stage, deed: Deed, person: Person) -> list[tuple[str, Json]]:
    """The events that Discord would send about it."""
    events: list[tuple[str, Json]] = []

    def catch(event: str, data: Json) -> None:
        events.append((event, data))

    outbox, stage.world.outbox = stage.world.outbox, catch
    try:
        await deed(stage, person)
    finally:
        stage.world.outbox = outbox
    return events


async def _command(_: Stage, person: Person) -> None:
    await person.command("imagine", prompt="a lighthouse", image1=Upload("red.png", picture("red")))


async def _typing(_: Stage, person: Person) -> None:
    asking = asyncio.create_task(person.suggestions("imagine", focused="ratio", typed="1", prompt="x"))
    await asyncio.sleep(0)
    asking.cancel()


async def _mention(stage: Stage, person: Person) -> None:
    await person.says(f"{stage.mention} a lighthouse", files=[Upload("red.png", picture("red"))])


async def _reply(stage: Stage, person: Person) -> None:
    await person.says("make it night", reply_to=_outcome(stage, person))


async def _again(stage: Stage, person: Person) -> None:
    await person.press(_outcome(stage, person), "Again")


async def _menu(stage: Stage, person: Person) -> None:
    await person.uses("Image details", _outcome(stage, person))


async def _renamed(stage: Stage, _: Person) -> None:
    stage.guild.add_channel("another")


async def _joined(stage: Stage, _: Person) -> None:
    stage.world.add_guild("Elsewhere")


DEEDS = (_command, _typing, _mention, _reply, _again, _menu, _renamed, _joined)


def _outcome(stage: Stage, person: Person) -> Any:
    return next(seen for seen in person.sees() if seen.author == stage.bot_name and seen.files)


@fuzzed(40)
@given(st.sampled_from(DEEDS), RECIPES)
async def test_an_odd_event_is_answered_or_ignored_and_paid_for_once_at_most(
    stage: Stage, deed: Deed, recipe: Recipe
) -> None:
    ada = stage.person()
    if not stage.gateway.tasks:
        await ada.command("imagine", prompt="the first")
        await stage.result(ada)
        await settled(stage)
    before = len(stage.gateway.tasks)
    for event, data in await caught(stage, deed, ada):
        for session in stage.discord.gateway.sessions:
            session.dispatch(event, mutate(recipe, data))
    await settled(stage)
    assert len(stage.gateway.tasks) <= before + 1
    assert not stage.gateway.paid_twice


VERBS = st.sampled_from(("again", "edit", "variations", "upscale", "full", "details", "delete", "cancel", "reopen"))
ENDS = st.one_of(
    st.sampled_from(("", ":", ":0", ":1", ":99", ":-1", ":1:1", "\n", ":" + "0" * 60)), st.text(max_size=12)
)
CUSTOM_IDS = st.one_of(
    st.tuples(VERBS, st.sampled_from((":{job}", ":", "", ":{job}{job}", "history:{job}")), ENDS).map("".join),
    st.tuples(st.sampled_from(("history:again:", "history:delete:", "history:older:")), ENDS).map("{job}".join),
    st.text(min_size=1, max_size=100),
)


@fuzzed(25)
@given(CUSTOM_IDS, st.sampled_from((2, 3, 5)))
async def test_a_forged_button_is_answered_and_costs_nobody_else_anything(
    stage: Stage, custom_id: str, kind: int
) -> None:
    ada, eve = stage.person("ada"), stage.person("eve")
    await ada.command("imagine", prompt="hers", private=True)
    await settled(stage)
    job = await stage.newest_job()
    counted = (await stage.services.engine.usage(int(ada.user.id))).images
    data: Json = {"custom_id": custom_id.replace("{job}", job.id)[:100], "component_type": kind, "id": 0}
    message = stage.world.messages(stage.channel.id, seen_by=ada.user)[-1]
    forged(stage, eve, COMPONENT, data | ({} if kind == 2 else {"values": ["1"]}), message)
    await settled(stage)
    assert (await stage.services.engine.usage(int(ada.user.id))).images == counted
    assert (await stage.services.engine.job(job.id)) == job, "somebody else's private request was changed"


@fuzzed(15)
@given(RECIPES, NASTY)
async def test_an_odd_form_is_answered_or_ignored(stage: Stage, recipe: Recipe, words: str) -> None:
    ada = stage.person()
    before = len(stage.gateway.tasks)
    form = await opened(ada)
    assert form.modal is not None
    filled: Json = {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": PROMPT, "value": words}}
    data = {"custom_id": form.modal.custom_id, "components": mutate(recipe, [filled])}
    forged(stage, ada, MODAL_SUBMIT, data)
    await settled(stage)
    assert len(stage.gateway.tasks) <= before + 1


@fuzzed(20)
@given(NASTY.filter(str.strip), st.booleans(), ODD.filter(lambda odd: isinstance(odd, str)))
async def test_whatever_people_write_is_answered_or_ignored(
    stage: Stage, words: str, mentioned: bool, flag: str
) -> None:
    ada = stage.person()
    before = len(stage.gateway.tasks)
    mention = stage.mention if mentioned else ""
    await ada.says(f"{mention} {words} --{flag}"[:2000])
    await settled(stage)
    assert len(stage.gateway.tasks) <= before + 4  # as many as a request may ask for
    assert mentioned or len(stage.gateway.tasks) == before
