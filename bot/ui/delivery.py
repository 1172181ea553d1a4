"""Showing people what becomes of their jobs: the engine's `Delivery` on Discord.

An outcome goes out as an ordinary message with a nonce, or as an edit of the answer to the command: both may be
repeated without showing anything twice. A follow-up may not: when Discord acts and its answer is lost, discord.py's own
repetition posts it again. So no outcome is ever a follow-up.
"""

import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.clock import Clock
from bot.errors import DeliveryBlocked, DeliveryError, DeliveryInterrupted
from bot.jobs.filenames import OwnFile
from bot.jobs.job import Job
from bot.jobs.order import Origin, Route
from bot.jobs.outcome import Outcome, Phase, Posted, Progress
from bot.texts import Text
from bot.ui import render
from bot.ui.acceptance import FIRST_PROGRESS
from bot.ui.answers import may_not_refer, request_of
from bot.ui.failures import translated
from bot.ui.history import answers_in, find_in
from bot.ui.nonces import Attempt
from bot.ui.progress import ProgressBoard, Shown
from bot.ui.response import Drawing, Response
from bot.ui.views import carries, outcome_buttons

_log = logging.getLogger(__name__)

Written: TypeAlias = Callable[[str], Awaitable[Job | None]]
_Conversation: TypeAlias = discord.PartialMessageable | discord.DMChannel

# Bytes of all files of one message; source: Discord's API documentation, "Uploading Files".
_MESSAGE_LIMIT = 25 * 1024 * 1024


class Delivery:
    """Posts through `client`, which must have logged in but need not be connected.

    Args:
        client: the bot.
        clock: tells whether an interaction's token is still alive, and paces the progress.
        written: looks up a job as it is written by now.
        operator_user_id: who is told of trouble; None: the owner of the application.
    """

    def __init__(
        self, client: discord.Client, clock: Clock, written: Written, *, operator_user_id: int | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._written = written
        self._operator_user_id = operator_user_id
        self._board = ProgressBoard(self._write_progress, clock)

    async def close(self) -> None:
        """Show no more progress."""
        await self._board.stop()

    async def progress(self, job: Job, progress: Progress) -> None:
        """Show how far the job is, soon and not too often."""
        self._board.show(job, _shown(job, progress), already=_shown(job, FIRST_PROGRESS))

    async def post(self, job: Job, outcome: Outcome, route: Route) -> Posted:
        """Show the outcome on this way, once; see `bot.jobs.ports.Delivery`."""
        drawing = _drawing(job, outcome)
        if route is not Route.RESPONSE:
            return await self._post_message(job, drawing, route)
        await self._board.close(job)  # an edit that is late must not overwrite the outcome
        with translated():
            return _posted(await (await self._found_response(job)).fill(drawing), job)

    async def _post_message(self, job: Job, drawing: Drawing, route: Route) -> Posted:
        attempt = Attempt(self._clock, job.nonce_until)
        try:
            with translated():
                conversation = await self._conversation(job, route)
                request = request_of(job) if route is Route.CHANNEL else None
                with attempt.under_way():
                    return _posted(await _send(conversation, drawing, job, request), job)
        except DeliveryInterrupted as error:
            error.begun = attempt.begun
            raise

    async def find(self, job: Job, route: Route) -> Posted | None:
        """Look whether the outcome is there; see `bot.jobs.ports.Delivery`."""
        with translated():
            if route is Route.RESPONSE:
                message = await (await self._found_response(job)).fetch()
            else:
                guild_id = job.place.guild_id if route is Route.CHANNEL else None
                message = await find_in(self._client, await self._conversation(job, route), guild_id, job)
        return _posted(message, job) if message is not None and carries(message, job) else None

    async def tidy(self, job: Job) -> None:
        """Take the "painting…" message away; gone already, or out of reach, is as good."""
        await self._board.close(job)
        if job.delivering_route is Route.RESPONSE and job.message_id is not None:
            return
        try:
            with translated():
                await (await self._found_response(job, but_no_outcome=True)).delete()
        except DeliveryBlocked as error:
            _log.info("the progress message of job %s cannot be taken away: %s", job.id, error)

    async def cancelled(self, job: Job) -> None:
        """Say in place of the progress what a cancelled job has cost."""
        await self._board.close(job)
        with translated():
            await (await self._found_response(job)).fill(_cancelled_drawing(job))

    async def tell_operator(self, text: Text) -> None:
        """Log it, and send it to the operator as a direct message."""
        _log.warning("for the operator: %s", text)
        try:
            with translated():
                conversation = await self._client.create_dm(discord.Object(self._operator()))
                await conversation.send(render.sentence(text))
        except DeliveryError as error:
            _log.warning("the operator could not be told: %s", error)

    def size_limit(self, job: Job, route: Route) -> int:
        """Bytes per file on this way, so that all the job's files fit into one message, too."""
        if route is Route.DIRECT:
            limit = DEFAULT_FILE_SIZE_LIMIT_BYTES
        elif route is Route.RESPONSE and self._response(job).token_lives:
            limit = job.place.response_limit
        else:
            limit = job.place.channel_limit
        return min(limit, max(limit, _MESSAGE_LIMIT) // job.request.count)

    async def _write_progress(self, job: Job, shown: Shown) -> None:
        with translated():
            await self._response(await self._current(job)).write(shown.content, plain=not shown.cancellable)

    def _response(self, job: Job) -> Response:
        return Response(self._client, job.place, job.response_message_id, self._clock.now())

    async def _current(self, job: Job) -> Job:
        """The job with its answer, which may have been written down since; an interaction's token needs none."""
        if job.place.origin is Origin.INTERACTION or job.response_message_id is not None:
            return job
        return await self._written(job.id) or job

    async def _found_response(self, job: Job, *, but_no_outcome: bool = False) -> Response:
        """The answer to the request, wherever it is: one in words may have been sent and not written down."""
        job = await self._current(job)
        if job.place.origin is Origin.MESSAGE and job.response_message_id is None:
            channel = self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)
            for message in await answers_in(self._client, channel, job):
                if not (but_no_outcome and (message.id == job.message_id or carries(message, job))):
                    job = replace(job, response_message_id=message.id)
                    break
        return self._response(job)

    async def _conversation(self, job: Job, route: Route) -> _Conversation:
        if route is Route.DIRECT:
            return await self._client.create_dm(discord.Object(job.place.user_id))
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

    def _operator(self) -> int:
        if self._operator_user_id is not None:
            return self._operator_user_id
        application = self._client.application
        if application is None:
            raise DeliveryBlocked("who owns the application is not known before the login")
        if application.team is not None and application.team.owner_id is not None:
            return application.team.owner_id
        return application.owner.id


def _drawing(job: Job, outcome: Outcome) -> Drawing:
    total = len(outcome.pictures)

    def files() -> list[discord.File]:
        return [
            discord.File(
                io.BytesIO(picture.data),
                filename=picture.filename,
                spoiler=job.spoiler,
                description=render.alt_text(job.request, number, total),
            )
            for number, picture in enumerate(outcome.pictures, start=1)
        ]

    return Drawing(
        content=render.outcome(job, outcome),
        files=files,
        view=outcome_buttons(job, painted=bool(outcome.pictures)),
        allowed_mentions=discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(job.place.user_id)]
        ),
    )


def _shown(job: Job, progress: Progress) -> Shown:
    return Shown(render.progress(job, progress), cancellable=progress.phase is not Phase.DELIVERING)


def _cancelled_drawing(job: Job) -> Drawing:
    return Drawing(
        content=render.cancelled(job),
        files=list[discord.File],
        view=outcome_buttons(job, painted=False),
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def _send(
    conversation: _Conversation, drawing: Drawing, job: Job, request: discord.MessageReference | None
) -> discord.Message:
    """Post an ordinary message, as a reply to the request if there is one and the bot may refer to it."""
    reply: dict[str, Any] = {"reference": request} if request is not None else {}
    try:
        return await conversation.send(
            drawing.content,
            files=drawing.files(),
            view=drawing.view,
            allowed_mentions=drawing.allowed_mentions,
            nonce=job.nonce,  # discord.py asks Discord to enforce it
            **reply,
        )
    except discord.HTTPException as error:
        if request is None or not may_not_refer(error):
            raise
        return await _send(conversation, drawing, job, None)


def _posted(message: discord.Message, job: Job) -> Posted:
    named = [OwnFile.named(attachment.filename) for attachment in message.attachments]
    numbers = frozenset(own.number for own in named if own is not None and own.job_id == job.id)
    return Posted(message_id=message.id, channel_id=message.channel.id, numbers=numbers)
