"""What tests of the history share: opening it, turning it, reading it, and filling it."""

import sqlite3
from dataclasses import dataclass

from bot.jobs.job import Job, new_job_id
from bot.sandbox.discord.components import THUMBNAIL, walk
from bot.sandbox.discord.conversation import IS_COMPONENTS_V2
from bot.sandbox.discord.people import Person, SeenMessage
from tests.clocks import START
from tests.stage import Stage


async def history_of(person: Person) -> SeenMessage:
    """What `/history` answers, after a look at who can read it and how it is made."""
    handle = await person.command("history")
    answer = await handle.answer()
    assert answer.ephemeral
    assert answer.payload["flags"] & IS_COMPONENTS_V2
    assert len(list(walk(answer.payload["components"]))) <= 40
    assert len(answer.text) <= 4000
    return answer


async def turned(person: Person, panel: SeenMessage, button: str) -> SeenMessage:
    """The panel after a press on one of its buttons."""
    await person.press(panel, button)
    return await person.waits_for(lambda message: message.id == panel.id and message.text != panel.text)


async def painted(stage: Stage, person: Person, prompt: str = "a lighthouse", **options: object) -> Job:
    """A request that is done."""
    before = person.sees()
    await person.command("imagine", prompt=prompt, **options)  # type: ignore[arg-type]
    outcome = await person.waits_for(lambda message: message.button("Again"), after=before[-1] if before else None)
    return await stage.tidied(await stage.job_of(outcome))


def thumbnails(message: SeenMessage) -> list[str]:
    return [each["media"]["url"] for each in walk(message.payload["components"]) if each["type"] == THUMBNAIL]


def prompts(message: SeenMessage) -> list[str]:
    return [line.removeprefix("> ") for line in message.text.splitlines() if line.startswith("> ")]


def labels(message: SeenMessage) -> list[str]:
    return [button.label for button in message.buttons]


@dataclass(kw_only=True)
class Shelf:
    """Many requests of one person, made of one that was painted."""

    stage: Stage
    pattern: Job

    def put(self, number: int, **changes: object) -> str:
        """Another request, as old as its number says: the higher, the newer."""
        job_id = new_job_id(START - 10_000 + number)
        values = {
            "id": job_id,
            "interaction_id": number,
            "message_id": None,
            "request": f'{{"model": "gemini-3.1-flash-image-preview", "prompt": "number {number}"}}',
            **changes,
        }
        with sqlite3.connect(self.stage.folder / "easel.db") as other:
            columns = [row[1] for row in other.execute("PRAGMA table_info(jobs)")]
            chosen = ", ".join(f":{column}" if column in values else column for column in columns)
            other.execute(
                f"INSERT INTO jobs SELECT {chosen} FROM jobs WHERE id = :pattern",  # noqa: S608 - no words from outside
                {**values, "pattern": self.pattern.id},
            )
        other.close()
        return job_id


async def shelf(stage: Stage, person: Person, count: int) -> Shelf:
    """As many requests of this person as told; the painted one is the newest, the others are numbered from 1."""
    filled = Shelf(stage=stage, pattern=await painted(stage, person, "the newest"))
    for number in range(1, count):
        filled.put(number)
    return filled


def forge(stage: Stage, person: Person, panel: SeenMessage, button: str, custom_id: str) -> None:
    """Have a button carry something else than the bot gave it, as a client that lies would."""
    message = stage.world.message(person.channel.id, panel.id)
    assert message is not None
    for component in walk(message.components):
        if component.get("label") == button:
            component["custom_id"] = custom_id
