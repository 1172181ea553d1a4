"""The answer to a request: that to an interaction is reached by its token while that lives, later by the bot's own.

Source: Discord's API documentation, "Receiving and Responding to Interactions": a token lives for 15 minutes. The
answer is an ordinary message of its channel, unless it is ephemeral: then nothing but the token leads to it. The answer
to a request in words is an ordinary message from the beginning.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import discord
from discord import ui
from discord.utils import MISSING
from typing_extensions import override

from bot.errors import DeliveryBlocked
from bot.jobs.order import Origin, Place
from bot.ui.failures import token_is_over

_Result = TypeVar("_Result")


class _Original(int):
    """The first response to an interaction: `Webhook` takes numbers alone, but the route takes this word for it."""

    @override
    def __format__(self, format_spec: str, /) -> str:
        return "@original"


_ORIGINAL = _Original()


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Everything that a message shows.

    Attributes:
        files: makes the files; called for every send, because a file can be read only once.
    """

    content: str
    files: Callable[[], list[discord.File]]
    view: ui.View
    allowed_mentions: discord.AllowedMentions


class Response:
    """The answer to one request.

    Args:
        client: the bot, logged in.
        place: the interaction and its token, or the message that asked.
        message_id: the message that is the answer, if known.
        now: Unix seconds.
    """

    def __init__(self, client: discord.Client, place: Place, message_id: int | None, now: float) -> None:
        self._client = client
        self._place = place
        self._message_id = message_id
        self.token_lives = place.token is not None and now < place.token_expires_at

    async def write(self, content: str, *, plain: bool = False) -> None:
        """Replace the words. Of an interaction's answer, the token alone may do it, so that it ends with the token.

        Args:
            content: the words.
            plain: take the buttons away; else they stay as they are.
        """
        view = None if plain else MISSING
        if self._place.origin is Origin.MESSAGE:
            await self._message().edit(content=content, view=view)
        else:
            await self._webhook().edit_message(_ORIGINAL, content=content, view=view)

    async def fill(self, drawing: Drawing) -> discord.Message:
        """Replace everything. Doing it again changes nothing."""
        return await self._by_either(
            lambda webhook: webhook.edit_message(
                _ORIGINAL,
                content=drawing.content,
                attachments=drawing.files(),
                view=drawing.view,
                allowed_mentions=drawing.allowed_mentions,
            ),
            lambda message: message.edit(
                content=drawing.content,
                attachments=drawing.files(),
                view=drawing.view,
                allowed_mentions=drawing.allowed_mentions,
            ),
        )

    async def fetch(self) -> discord.Message | None:
        """What it shows now; None if it does not exist."""
        try:
            return await self._by_either(
                lambda webhook: webhook.fetch_message(_ORIGINAL), lambda message: message.fetch()
            )
        except discord.NotFound:
            return None

    async def delete(self) -> None:
        """Take it away; that it is gone already is as good."""
        try:
            await self._by_either(lambda webhook: webhook.delete_message(_ORIGINAL), lambda message: message.delete())
        except discord.NotFound:
            return

    async def _by_either(
        self,
        by_token: Callable[[discord.Webhook], Awaitable[_Result]],
        by_bot: Callable[[discord.PartialMessage], Awaitable[_Result]],
    ) -> _Result:
        if self.token_lives:
            try:
                return await by_token(self._webhook())
            except discord.HTTPException as error:
                if not token_is_over(error):
                    raise
        return await by_bot(self._message())

    def _webhook(self) -> discord.Webhook:
        return discord.Webhook.partial(self._place.application_id, self._place.token or "", client=self._client)

    def _message(self) -> discord.PartialMessage:
        if self._message_id is None or self._place.private:
            raise DeliveryBlocked("no token leads to the answer, or no more, and nothing else does")
        channel = self._client.get_partial_messageable(self._place.channel_id, guild_id=self._place.guild_id)
        return channel.get_partial_message(self._message_id)
