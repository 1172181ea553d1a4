"""Looking in a conversation for what the bot said there about a job: the outcome, or the answer to a request."""

import datetime as dt

import discord
from discord.utils import time_snowflake

from bot.errors import DeliveryBlocked, DeliveryInterrupted
from bot.jobs.job import Job
from bot.ui.views import carries

_ANSWERED_WITHIN = 900.0  # seconds; a request that is accepted is answered at once, or the answer is lost
_CLOCK_SKEW = 300.0  # seconds by which our clock may be ahead of Discord's, from which ids are made


async def find_in(
    client: discord.Client,
    conversation: discord.PartialMessageable | discord.DMChannel,
    guild_id: int | None,
    job: Job,
) -> discord.Message | None:
    """The bot's own message that carries the job, among those since its delivery began; None: surely there is none.

    Raises:
        DeliveryInterrupted: it cannot be told yet whether the bot may read the history.
        DeliveryBlocked: it may not.
    """
    if guild_id is not None:
        await _require_history(client, guild_id, conversation.id)
    since = dt.datetime.fromtimestamp((job.delivering_at or job.created_at) - _CLOCK_SKEW, tz=dt.UTC)
    # Discord's own id of the interaction is earlier than any message about it, whatever our clock says.
    after = discord.Object(max(time_snowflake(since), job.place.interaction_id))
    async for message in conversation.history(limit=None, after=after, oldest_first=True):
        if client.user is not None and message.author.id == client.user.id and carries(message, job):
            return message
    return None


async def answers_in(
    client: discord.Client, conversation: discord.PartialMessageable, job: Job
) -> list[discord.Message]:
    """The bot's own replies to the message that asked for the job, oldest first.

    Raises:
        DeliveryInterrupted: it cannot be told yet whether the bot may read the history.
        DeliveryBlocked: it may not; then there is no reply either.
    """
    if job.place.guild_id is not None:
        await _require_history(client, job.place.guild_id, conversation.id)
    request = job.place.interaction_id
    until = dt.datetime.fromtimestamp(job.created_at + _ANSWERED_WITHIN, tz=dt.UTC)
    before = discord.Object(max(time_snowflake(until, high=True), request + 1))
    return [
        message
        async for message in conversation.history(
            limit=None, after=discord.Object(request), before=before, oldest_first=True
        )
        if client.user is not None
        and message.author.id == client.user.id
        and message.reference is not None
        and message.reference.message_id == request
    ]


async def _require_history(client: discord.Client, guild_id: int, channel_id: int) -> None:
    """Make sure that an empty history is empty: without READ_MESSAGE_HISTORY Discord shows none at all.

    The permissions come from the guild as the gateway tells it and keeps it current. After a start it is not there at
    once, but comes with READY, so that looking is only put off.
    """
    guild = client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        if client.is_ready() and guild is None:
            raise DeliveryBlocked(f"the bot is not in guild {guild_id}")
        raise DeliveryInterrupted(f"guild {guild_id} is not known yet")
    channel = guild.get_channel_or_thread(channel_id) or await client.fetch_channel(channel_id)
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        raise DeliveryBlocked(f"channel {channel_id} is not in guild {guild_id}")
    try:
        granted = channel.permissions_for(guild.me)
    except discord.ClientException as error:
        raise DeliveryBlocked(f"the permissions in thread {channel_id} cannot be told") from error
    if not (granted.view_channel and granted.read_message_history):
        raise DeliveryBlocked(f"the bot may not read the history of channel {channel_id}")
