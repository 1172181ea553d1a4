"""Going on from a message: which job it shows, and what of that job holds for a request that follows it."""

import discord

from bot.jobs.job import Job
from bot.jobs.preferences import Preferences
from bot.services import Services
from bot.toapis.typed import Usual
from bot.ui.pictures import job_named_in


async def job_shown_in(client: discord.Client, services: Services, message: discord.Message) -> Job | None:
    """The job whose outcome a message shows, or whose progress; None: it shows none."""
    engine = services.engine
    job = await engine.job_of_message(message.id)
    if job is None and (named := job_just_posted_in(client, message)):
        job = await engine.job(named)
    return job or await services.records.job_answered_by(message.id)


def job_just_posted_in(client: discord.Client, message: discord.Message) -> str | None:
    """The job that the files of one of the bot's own messages are named after.

    It tells what a message shows before the message is written down, and is not believed of anybody else's.
    """
    is_own = client.user is not None and message.author.id == client.user.id
    return job_named_in(message) if is_own else None


def usual_after(job: Job | None, preferences: Preferences) -> Usual:
    """What holds where nothing is said: as the picture was made, or else as the person usually has it.

    Model, ratio and resolution carry over, whichever way a picture is gone on from; what more was chosen for it does
    not, but where the request itself is repeated.
    """
    if job is None:
        return preferences.usual
    made = job.request
    return Usual(model=made.model, ratio=made.size, resolution=made.resolution)
