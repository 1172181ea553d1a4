"""Every parameter of every model at its boundaries: from the slash command to the JSON that the gateway received.

What is expected stands in `tests/contracts.py`, and is nowhere taken from the bot. More pictures to work from than the
command takes, up to the models' limits, are in `test_reference_counts.py`; files at theirs in `test_references.py`.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from PIL import Image

from bot.sandbox.discord.people import NotPossible, Person, Upload
from bot.sandbox.toapis.account import RateLimiter, Window
from tests.contracts import ALWAYS_REFUSED, CONTRACTS, EVERY_RATIO, EVERY_RESOLUTION, OTHERS, Contract
from tests.stage import Stage, open_stage
from tests.workshop import picture, until

Refused: TypeAlias = tuple[Mapping[str, Any], str]
COLORS = ("red", "lime", "blue", "yellow")
EVERY_MODEL = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is typed into the command, and of the body what differs from the shortest possible one."""

    options: Mapping[str, Any]
    body: Mapping[str, object] = field(default_factory=dict[str, object])
    tasks: int = 1


def file(color: str) -> Upload:
    return Upload(f"{color}.png", picture(color))


def pictures(count: int) -> dict[str, Upload]:
    return {f"image{number + 1}": file(color) for number, color in enumerate(COLORS[:count])}


def accepted(contract: Contract) -> Iterator[Case]:
    """All that this model takes, parameter by parameter up to the limit."""
    yield Case(options={})
    for ratio in contract.ratios:
        yield Case(options={"ratio": ratio}, body={"size": ratio})
    yield Case(options={"ratio": "auto"})
    for resolution in contract.resolutions:
        yield Case(options={"resolution": resolution.lower()}, body={"metadata": {"resolution": resolution}})
    for count in range(1, 5):
        together = contract.most_per_task >= count
        yield Case(options={"count": count}, body={"n": count if together else 1}, tasks=1 if together else count)
    longest = contract.prompt_limit or 6000
    for prompt in ("x" * longest, "🦊" * (longest if contract.prompt_limit else longest // 2)):
        yield Case(options={"prompt": prompt}, body={"prompt": prompt})
    for count in range(1, min(contract.references, 4) + 1):
        # One whose ratio every model has, so that it is sent: the pictures are 32 by 24 pixels large.
        yield Case(options=pictures(count), body={"size": "4:3", "image_urls": list(COLORS[:count])})
    for text, metadata in contract.further.items():
        yield Case(options={"more": text}, body={"metadata": metadata})
    if contract.mask:
        options = {"image1": file("red"), "mask": file("white")}
        yield Case(options=options, body={"size": "4:3", "image_urls": ["red"], "mask_url": "white"})
    if contract.resolutions:
        text, metadata = next(iter(contract.further.items()))
        options = {"ratio": "1:1", "resolution": "1K", "more": text, "image1": file("blue")}
        body = {"size": "1:1", "metadata": {**metadata, "resolution": "1K"}, "image_urls": ["blue"]}
        yield Case(options=options, body=body)


def refused(contract: Contract) -> Iterator[Refused]:
    """What is one past the limits, with words of the reason."""
    for ratio in (*EVERY_RATIO, "17:9", "0:1"):
        if ratio not in contract.ratios:
            yield {"ratio": ratio}, f"{contract.name} does not know the ratio “{ratio}”. It can do 1:1, "
    yield from resolutions_refused(contract)
    yield from files_refused(contract)
    yield from further_refused(contract)
    yield {"prompt": " "}, "The prompt is empty"
    if (limit := contract.prompt_limit) is not None:
        reason = f"The prompt has {limit + 1} characters; {contract.name} reads at most {limit}. Shorten it by 1"
        yield {"prompt": "x" * (limit + 1)}, reason
        yield {"prompt": "🦊" * (limit + 1)}, reason


def resolutions_refused(contract: Contract) -> Iterator[Refused]:
    for resolution in (*EVERY_RESOLUTION, "8K"):
        if not contract.resolutions:
            yield {"resolution": resolution}, f"{contract.name} has no choice of resolution"
        elif resolution not in contract.resolutions:
            yield {"resolution": resolution}, f"{contract.name} does not offer the resolution “{resolution}”"


def files_refused(contract: Contract) -> Iterator[Refused]:
    if contract.references < 4:
        yield (
            pictures(contract.references + 1),
            f"{contract.name} takes at most {contract.references} reference pictures; the request has 4",
        )
    if contract.mask:
        yield {"mask": file("white")}, "A mask needs a reference picture"
    else:
        yield {"image1": file("red"), "mask": file("white")}, "“mask”. It can be used with Nano Banana Pro"


def further_refused(contract: Contract) -> Iterator[Refused]:
    own = {name for metadata in contract.further.values() for name in metadata}
    for text, reason in OTHERS.items():
        if text not in contract.further and not own & {"imageOutputOptions", text.split()[0]}:
            yield {"more": text}, reason
    for text, reason in {**contract.refused, **ALWAYS_REFUSED}.items():
        yield {"more": text}, reason


@pytest.fixture
async def patient_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A bot with room for everything, which never asks what became of a task."""
    generous: dict[str, Any] = {
        "user_images_per_window": 100_000,
        "user_jobs_in_flight": 100_000,
        "bot_images_per_day": 100_000,
        "bot_tasks_in_flight": 100_000,
        "toapis_submits_per_minute": 100_000,
        "poll_first_seconds": 600,
        "poll_max_seconds": 600,
    }
    async with open_stage(tmp_path, **generous) as stage:
        wide = (Window(100_000, 60),)
        stage.gateway.limiter = RateLimiter({"async_submit": wide, "async_query": wide}, stage.clock.now)
        await stage.start_bot()
        yield stage


def shown(stage: Stage, url: str) -> str:
    """The color of the picture that was uploaded under this address."""
    (upload,) = [upload for upload in stage.gateway.uploads if upload.url == url]
    pixel = Image.open(io.BytesIO(upload.data)).convert("RGB").getpixel((0, 0))
    return next(color for color in (*COLORS, "white") if pixel == Image.new("RGB", (1, 1), color).getpixel((0, 0)))


def received(stage: Stage, body: Mapping[str, Any]) -> str:
    """A body as the gateway received it, with colors for addresses and without our id, which is checked here."""
    plain = dict(body)
    assert plain.pop("client_business_id")
    if "image_urls" in plain:
        plain["image_urls"] = [shown(stage, url) for url in plain["image_urls"]]
    if "mask_url" in plain:
        plain["mask_url"] = shown(stage, plain["mask_url"])
    return json.dumps(plain, sort_keys=True)  # 1, 1.0 and true are three things in JSON


async def asked(person: Person, contract: Contract, options: Mapping[str, Any]) -> str | None:
    """Type the command. Returns the reason, if it is refused."""
    handle = await person.command("imagine", **{"prompt": "a fox", "model": contract.id, **options})
    answer = await handle.answer()
    return answer.content.replace("\\", "") if answer.ephemeral else None


@pytest.mark.exhaustive
@EVERY_MODEL
async def test_everything_up_to_the_limit_reaches_the_gateway_exactly(patient_stage: Stage, contract: Contract) -> None:
    ada, gateway = patient_stage.person(), patient_stage.gateway
    for case in accepted(contract):
        before = len(gateway.tasks)
        assert await asked(ada, contract, case.options) is None, case.options
        async with asyncio.timeout(30):
            await until(lambda before=before, tasks=case.tasks: len(gateway.tasks) == before + tasks)
        shortest = {"model": contract.id, "prompt": "a fox", "n": 1}
        expected = json.dumps({**shortest, **case.body}, sort_keys=True)
        bodies = [received(patient_stage, task.request.body) for task in gateway.tasks[before:]]
        assert bodies == [expected] * case.tasks, case.options
    ids = [task.request.business_id for task in gateway.tasks]
    assert len(set(ids)) == len(ids)


@EVERY_MODEL
async def test_everything_past_the_limit_is_refused_with_its_reason_and_costs_nothing(
    patient_stage: Stage, contract: Contract
) -> None:
    ada = patient_stage.person()
    for options, reason in refused(contract):
        assert reason in (await asked(ada, contract, options) or "nothing was refused"), options
    await patient_stage.settled()
    assert patient_stage.gateway.tasks == ()
    assert patient_stage.gateway.uploads == ()


async def test_discord_itself_keeps_counts_and_prompts_within_their_limits(patient_stage: Stage) -> None:
    ada = patient_stage.person()
    for options in ({"count": 0}, {"count": 5}, {"prompt": "x" * 6001}):
        with pytest.raises(NotPossible):
            await ada.command("imagine", **{"prompt": "a fox", **options})
