"""One screen, and how somebody comes to see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.sandbox.toapis.envelopes import Refusal
from tests.stage import Stage
from tests.wording import reading
from tests.workshop import picture

FORBIDDEN = Refusal(422, "content_policy_violation", "Your request was refused by our content policy")
PHOTO = Upload("cat.png", picture())


@dataclass(frozen=True)
class Screen:
    """What somebody sees at one moment."""

    section: str
    title: str
    lines: Sequence[str]


async def outcome(stage: Stage, person: Person, **options: Any) -> SeenMessage:
    """What a command leads to in the end, once nothing is left to do for it."""
    before = person.sees()
    await person.command("imagine", **options)
    return await outcome_after(stage, person, before[-1] if before else None)


async def outcome_after(stage: Stage, person: Person, before: SeenMessage | None) -> SeenMessage:
    """The next outcome, once nothing is left to do for it."""
    seen = await person.waits_for(lambda message: message.button("Again"), after=before)
    await stage.tidied(await stage.job_of(seen))
    return seen


async def answer(stage: Stage, handle: InteractionHandle) -> list[str]:
    """What a command, a button or a form is answered with."""
    return reading.message(await handle.answer(), stage.world)


async def form(handle: InteractionHandle) -> list[str]:
    """The form that opens."""
    return reading.form(await handle.opened_modal())
