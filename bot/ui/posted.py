"""The message that carries the outcome of a job."""

import logging

import discord

from bot.jobs.job import Job
from bot.jobs.order import Route
from bot.ui.failures import CALL_ERRORS

_log = logging.getLogger(__name__)


def is_reachable(job: Job) -> bool:
    """Whether the outcome is in a message that a link leads to: one for the person alone has none."""
    for_one_alone = job.place.private and job.delivering_route is not Route.DIRECT
    return job.message_id is not None and job.message_channel_id is not None and not for_one_alone


def posted_message(client: discord.Client, job: Job) -> discord.PartialMessage:
    """The message that carries the outcome of a job that `is_reachable`."""
    guild_id = job.place.guild_id if job.delivering_route is not Route.DIRECT else None
    channel = client.get_partial_messageable(job.message_channel_id or 0, guild_id=guild_id)
    return channel.get_partial_message(job.message_id or 0)


async def is_deleted(client: discord.Client, job: Job) -> bool:
    """Whether Discord says that the message is no longer there; where it cannot be asked, it is taken to be."""
    if not is_reachable(job):
        return False
    try:
        await posted_message(client, job).fetch()
    except discord.NotFound:
        return True
    except CALL_ERRORS as error:
        _log.info("whether the outcome of job %s is still there cannot be told: %s", job.id, error)
    return False
