"""Channels and their messages, with the bot's own token and permissions."""

from typing import Any

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer, no_content
from bot.sandbox.discord.censor import censored
from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.entities import FORUM, MESSAGE_CONTENT_INTENT, Channel, Json
from bot.sandbox.discord.forms import is_object
from bot.sandbox.discord.message_payloads import message_payload
from bot.sandbox.discord.payloads import channel_payload
from bot.sandbox.discord.permissions import Permission, may_write
from bot.sandbox.discord.posting import Setting, Upload, compose, revise
from bot.sandbox.discord.rest.requests import body_of, channel_of, id_of, number_of
from bot.sandbox.discord.world import Change, World
from bot.sandbox.faults import received

NONCE_WINDOW = 180.0  # seconds; Discord says "the past few minutes"


class Messages:
    """The routes of channels and messages."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[str, tuple[float, str, str]] = {}  # of the bot's messages: when, where, and which one

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/channels/{channel_id}", self._channel),
            web.post("/channels/{channel_id}/typing", self._typing),
            web.get("/channels/{channel_id}/messages", self._history),
            web.post("/channels/{channel_id}/messages", self._post),
            web.get("/channels/{channel_id}/messages/{message_id}", self._get),
            web.patch("/channels/{channel_id}/messages/{message_id}", self._edit),
            web.delete("/channels/{channel_id}/messages/{message_id}", self._delete),
        ]

    async def _channel(self, request: web.Request) -> web.Response:
        channel, _ = channel_of(self._world, request)
        return json_answer(channel_payload(channel))

    async def _typing(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        _need_write(channel, granted)
        self._world.report(Change(kind="typing", channel=channel))
        return no_content()

    async def _history(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        limit = number_of(request, "limit", 50, least=1, most=100)
        messages = self._world.messages(channel.id) if granted & Permission.READ_MESSAGE_HISTORY else ()
        newest_first = [self._payload(message) for message in reversed(_window(messages, request, limit))]
        return json_answer(newest_first)

    async def _get(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        if not granted & Permission.READ_MESSAGE_HISTORY:
            raise refusals.missing_permissions()
        return json_answer(self._payload(self._message(channel, request)))

    async def _post(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        _need_write(channel, granted)
        if channel.type == FORUM:
            raise refusals.not_a_text_channel()
        if channel.guild is None and not all(user.accepts_direct_messages for user in channel.recipients):
            raise refusals.cannot_message_user()
        upload = self._upload(request, channel)
        if upload.files and not granted & Permission.ATTACH_FILES:
            raise refusals.missing_permissions()
        answered = self._answered(channel, granted, upload.fields)
        keeps_embeds = bool(granted & Permission.EMBED_LINKS)
        message = compose(self._world, upload, Setting(channel=channel, answered=answered, keeps_embeds=keeps_embeds))
        first = self._first_with_nonce(message, upload.fields)
        if first is None:
            self._world.post(message)
        return json_answer(message_payload(self._world, first or message, with_nonce=True))

    async def _edit(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        message = self._message(channel, request)
        if message.author is not self._world.application.bot:
            raise refusals.not_own_message()
        upload = self._upload(request, channel)
        if upload.files and not granted & Permission.ATTACH_FILES:
            raise refusals.missing_permissions()
        revise(self._world, message, upload)
        self._world.edited(message)
        return json_answer(self._payload(message))

    async def _delete(self, request: web.Request) -> web.Response:
        channel, granted = channel_of(self._world, request)
        message = self._message(channel, request)
        if message.author is not self._world.application.bot:
            if channel.guild is None:
                raise refusals.direct_channel_action()
            if not granted & Permission.MANAGE_MESSAGES:
                raise refusals.missing_permissions()
        self._world.delete(message)
        return no_content()

    def _upload(self, request: web.Request, channel: Channel) -> Upload:
        return Upload(fields=body_of(request), files=received(request).files, limit=channel.upload_limit)

    def _message(self, channel: Channel, request: web.Request) -> Message:
        message = self._world.message(channel.id, id_of(request, "message_id"))
        if message is None or message.ephemeral:
            raise refusals.unknown_message()
        return message

    def _answered(self, channel: Channel, granted: Permission, fields: Any) -> Message | None:
        """The message that the form replies to."""
        reference = fields.get("message_reference") if is_object(fields) else None
        if not is_object(reference):
            return None
        if not granted & Permission.READ_MESSAGE_HISTORY:
            raise refusals.reply_needs_history()
        if str(reference.get("channel_id") or channel.id) != channel.id:
            code = "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL"
            raise refusals.form_error(("message_reference",), code, "Cannot reply to a message in a different channel")
        message = self._world.message(channel.id, str(reference.get("message_id")))
        if message is not None and not message.ephemeral:
            return message
        if reference.get("fail_if_not_exists") is False:
            return None
        raise refusals.form_error(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")

    def _first_with_nonce(self, message: Message, fields: Json) -> Message | None:
        """The message that was posted with the same nonce a moment ago, if the form asks to enforce it.

        Source: Discord's API documentation, "Create Message": a nonce is unique to its author, wherever they write.

        Raises:
            Refused: there was one and it is deleted; Discord does not post it again.
        """
        if message.nonce is None:
            return None
        nonce = str(message.nonce)
        posted_at, channel_id, first_id = self._nonces.get(nonce, (0.0, "", ""))
        if not (fields.get("enforce_nonce") and self._world.now() - posted_at < NONCE_WINDOW):
            self._nonces[nonce] = (self._world.now(), message.channel.id, message.id)
            return None
        for attachment in message.attachments:
            del self._world.attachments[attachment.id]
        first = self._world.message(channel_id, first_id)
        if first is None:
            raise refusals.unknown_message()
        return first

    def _payload(self, message: Message) -> Json:
        """The message, as far as the application may read it."""
        payload = message_payload(self._world, message)
        if message.channel.guild is None or self._world.application.privileged_intents & MESSAGE_CONTENT_INTENT:
            return payload
        bot_id = self._world.application.bot.id
        return {
            key: value
            for key, value in censored({**payload, "guild_id": message.channel.guild.id}, bot_id).items()
            if key != "guild_id"
        }


def _need_write(channel: Channel, granted: Permission) -> None:
    if not may_write(channel, granted):
        raise refusals.missing_permissions()


def _window(messages: tuple[Message, ...], request: web.Request, limit: int) -> list[Message]:
    """At most `limit` messages, oldest first: the newest, or those before, after or around an id."""
    found = list(messages)
    if around := _bound(request, "around"):
        position = sum(int(message.id) < around for message in found)
        start = max(0, position - limit // 2)
        return found[start : start + limit]
    if after := _bound(request, "after"):
        return [message for message in found if int(message.id) > after][:limit]
    if before := _bound(request, "before"):
        found = [message for message in found if int(message.id) < before]
    return found[-limit:]


def _bound(request: web.Request, key: str) -> int | None:
    return number_of(request, key, 0, least=0, most=2**63) if key in request.query else None
