"""Opening the history, turning its pages, and the buttons below each request.

The buttons carry ids only, so that a panel works for as long as it stands, over restarts too. The requests on it are
looked up again, and by whoever presses: an id that was forged leads to nothing of anybody else's.
"""

import logging
from typing import Any, TypeAlias

import discord
from discord import ui
from typing_extensions import override

from bot.errors import DeliveryBlocked, DeliveryError, Refusal
from bot.jobs.cancelling import Withdrawal, can_be_cancelled
from bot.jobs.job import ACTIVE_JOBS, Job, JobState
from bot.jobs.records import Past
from bot.texts import Text
from bot.ui import render
from bot.ui.cancelling import acknowledge
from bot.ui.deadlines import in_good_time
from bot.ui.failures import translated
from bot.ui.history_panel.page import PAGE, layout
from bot.ui.history_panel.sights import look
from bot.ui.interactions import is_thinking, say_privately, services_of, unveil
from bot.ui.persistent_button import PersistentButton
from bot.ui.places import Interaction
from bot.ui.posted import is_reachable, posted_message
from bot.ui.refreshing import take_again

_log = logging.getLogger(__name__)

_Page: TypeAlias = tuple[Past, ui.LayoutView]

_ID = "[^:]{1,40}"  # whatever is in there: a person whose button is no good is told so


async def open_history(interaction: Interaction) -> None:
    """Answer a command with the newest page, for this person alone."""
    past, view = await in_good_time(interaction, _page(interaction))
    if is_thinking(interaction):
        await unveil(interaction, view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True)
    await _count_as_told(interaction, past)


class HistoryAgainButton(PersistentButton, template=f"history:again:(?P<job_id>{_ID})"):
    """Paints a past request once more, where the history was opened, no more openly than the first time."""

    def __init__(self, job_id: str) -> None:
        super().__init__(Text("button.again"), f"history:again:{job_id}", discord.ButtonStyle.primary)
        self.job_id = job_id

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Accept the same request again."""
        job = await in_good_time(interaction, _own_job(interaction, self.job_id))
        usual = await in_good_time(interaction, services_of(interaction).preferences.of(interaction.user.id))
        private = job.place.private or bool(usual.private)
        await take_again(interaction, job, private=private)


class HistoryCancelButton(PersistentButton, template=f"history:cancel:(?P<job_id>{_ID}):(?P<first>{_ID})"):
    """Cancels a request that is in progress.

    Args:
        job_id: which one.
        first: the newest job of the page.
    """

    def __init__(self, job_id: str, first: str) -> None:
        super().__init__(Text("button.cancel"), f"history:cancel:{job_id}:{first}")
        self.job_id = job_id
        self.first = first

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Cancel, and draw the page anew; what the progress says then is what it says after a cancellation there."""
        acknowledged = await acknowledge(interaction)
        job = await _own_job(interaction, self.job_id)
        # Neither the token of this click nor its message leads to the progress; the job has what does.
        await services_of(interaction).engine.cancel(job.id, Withdrawal(user_id=interaction.user.id))
        if acknowledged:
            await _count_as_told(interaction, await _redrawn(interaction, self.first))


class HistoryDeleteButton(PersistentButton, template=f"history:delete:(?P<job_id>{_ID}):(?P<first>{_ID})"):
    """Takes a request out of the history, and its outcome out of the channel.

    Args:
        job_id: whose.
        first: the newest job of the page.
    """

    def __init__(self, job_id: str, first: str) -> None:
        super().__init__(Text("button.delete"), f"history:delete:{job_id}:{first}")
        self.job_id = job_id
        self.first = first

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Delete, and draw the page anew."""
        await interaction.response.defer()  # shows nothing, so that it may come before the decision
        job = await _own_job(interaction, self.job_id)
        if job.state in ACTIVE_JOBS:
            raise Refusal(Text("history.still_active"))
        stays = is_reachable(job) and not await _taken_away(interaction.client, job)
        await services_of(interaction).engine.outcome_deleted(job.id)
        past = await _redrawn(interaction, self.first)
        if stays:
            await say_privately(interaction, render.sentence(Text("history.message_stays")))
        await _count_as_told(interaction, past)


class HistoryPageButton(PersistentButton, template=f"history:(?P<way>newer|older):(?P<job_id>{_ID})"):
    """Turns to the page before or after a job."""

    def __init__(self, way: str, job_id: str, *, disabled: bool = False) -> None:
        super().__init__(Text(f"history.button_{way}"), f"history:{way}:{job_id}", disabled=disabled)
        self.way = way
        self.job_id = job_id

    @override
    async def respond(self, interaction: Interaction) -> None:
        """Show the other page in place of this one."""
        page = _page(interaction, **{_BOUNDS[self.way]: self.job_id})
        past, view = await in_good_time(interaction, page, interaction.response.defer)
        if interaction.response.is_done():
            await interaction.edit_original_response(view=view)
        else:
            await interaction.response.edit_message(view=view)
        await _count_as_told(interaction, past)


HISTORY_BUTTONS = (HistoryAgainButton, HistoryCancelButton, HistoryDeleteButton, HistoryPageButton)
"""Every button of the panel; the client must know them when it starts."""

_BOUNDS = {"newer": "after", "older": "before"}


async def _page(interaction: Interaction, **bound: str) -> _Page:
    """This person's requests, those of one page, and how they look."""
    services = services_of(interaction)
    past = await services.records.past(interaction.user.id, PAGE, **bound)
    sights = await look(interaction.client, services.clock, past.jobs)
    buttons = {job.id: _buttons(job, past) for job in past.jobs}
    return past, layout(past, sights, buttons, _pages(past))


async def _redrawn(interaction: Interaction, first: str) -> Past:
    """The page that begins with this job as it is now, after it was shown where the click was acknowledged."""
    past, view = await _page(interaction, upto=first)
    await interaction.edit_original_response(view=view)
    return past


def _buttons(job: Job, past: Past) -> list[ui.Item[Any]]:
    found: list[ui.Item[Any]] = [HistoryAgainButton(job.id)]
    if can_be_cancelled(job):
        found.append(HistoryCancelButton(job.id, past.jobs[0].id))
    elif job.state not in ACTIVE_JOBS:
        found.append(HistoryDeleteButton(job.id, past.jobs[0].id))
    return found


def _pages(past: Past) -> list[ui.Item[Any]]:
    if not past.newer and not past.older:
        return []
    return [
        HistoryPageButton("newer", past.jobs[0].id, disabled=not past.newer),
        HistoryPageButton("older", past.jobs[-1].id, disabled=not past.older),
    ]


async def _own_job(interaction: Interaction, job_id: str) -> Job:
    """The job that a button names, if it is this person's; what a client sends may be forged."""
    job = await services_of(interaction).records.job(job_id)
    if job is None or job.place.user_id != interaction.user.id:
        raise Refusal(Text("job.unknown"))
    return job


async def _taken_away(client: discord.Client, job: Job) -> bool:
    """Delete the message that carries the outcome; says whether it is gone.

    Raises:
        Refusal: Discord did not answer as it should; it may go another time.
    """
    try:
        with translated():
            await posted_message(client, job).delete()
    except DeliveryBlocked as error:
        _log.info("the outcome of job %s cannot be deleted: %s", job.id, error)
        return isinstance(error.__cause__, discord.NotFound)
    except DeliveryError as error:
        _log.warning("the outcome of job %s was not deleted: %s", job.id, error)
        raise Refusal(Text("history.delete_later")) from error
    return True


async def _count_as_told(interaction: Interaction, past: Past) -> None:
    """Whoever has seen here that an outcome could not be shown needs no notice of it."""
    if seen := [job.id for job in past.jobs if job.state is JobState.UNDELIVERABLE]:
        await services_of(interaction).engine.told(seen)
