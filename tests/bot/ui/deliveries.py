"""Jobs and outcomes to be delivered, once more or for the first time."""

from dataclasses import replace

from bot.jobs.job import Job
from bot.jobs.outcome import Outcome, Picture
from bot.sandbox.discord.people import Person
from tests.stage import Stage
from tests.workshop import picture


async def delivered(stage: Stage, person: Person, **options: str | bool) -> Job:
    """A job whose outcome this person sees, as it is written in the end."""
    await person.command("imagine", **{"prompt": "a lighthouse", **options})
    return await stage.tidied(await stage.job_of(await stage.result(person)))


def revived(job: Job, stage: Stage, **changes: object) -> Job:
    """The job as it was when its delivery had just begun."""
    token = next(iter(stage.world.interactions.values())).token
    place = replace(job.place, token=token)
    return replace(job, place=place, delivering_at=stage.clock.now(), message_id=None, **changes)


def outcome(count: int = 1) -> Outcome:
    pictures = tuple(Picture(data=picture(), filename=f"{n}.png", width=32, height=24) for n in range(count))
    return Outcome(pictures=pictures, missing=0, failure=None, seconds=3.0)
