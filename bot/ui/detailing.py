"""Answering with everything about a request, from its button and from its message's menu."""

import io

import discord

from bot.jobs.job import Job
from bot.jobs.records import Records
from bot.ui.deadlines import in_good_time
from bot.ui.details import Account, details
from bot.ui.interactions import answer_privately, services_of
from bot.ui.places import Interaction

_ANCESTORS = 10  # of a chain of requests, the nearest
_FILE = "image-details.txt"


async def show_details(interaction: Interaction, job: Job) -> None:
    """Tell it all to this person alone; whether they may know must have been checked."""
    account = await in_good_time(interaction, _account(services_of(interaction).records, job))
    shown = details(job, account, interaction.user.id)
    file = discord.File(io.BytesIO(shown.file.encode()), _FILE) if shown.file is not None else None
    await answer_privately(interaction, shown.content, file=file)


async def _account(records: Records, job: Job) -> Account:
    return Account(
        lineage=await records.lineage(job, _ANCESTORS),
        charges=await records.charges(job),
        counted=await records.counted(job),
    )
