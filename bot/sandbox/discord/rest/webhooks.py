"""What follows the first answer to an interaction, for fifteen minutes: its original response and follow-ups.

Source: Discord's API documentation, "Receiving and Responding" (followup messages) and "Webhook".
"""

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer, no_content
from bot.sandbox.discord.conversation import Interaction, Message
from bot.sandbox.discord.forms import is_object
from bot.sandbox.discord.message_payloads import message_payload
from bot.sandbox.discord.posting import compose, revise
from bot.sandbox.discord.responses import followups_are_limited, is_private, setting_of, upload_of
from bot.sandbox.discord.rest.requests import body_of
from bot.sandbox.discord.world import World

TOKEN_VALID_FOR = 15 * 60.0  # seconds
MOST_FOLLOWUPS = 5  # where they are limited
ORIGINAL = "@original"


class Webhooks:
    """The routes of an interaction's token."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """All of them; `@original` stands before the ids, which would match it too."""
        found = [web.post("/webhooks/{webhook_id}/{webhook_token}", self._follow_up)]
        for which in (ORIGINAL, "{message_id}"):
            path = f"/webhooks/{{webhook_id}}/{{webhook_token}}/messages/{which}"
            found += [web.get(path, self._get), web.patch(path, self._edit), web.delete(path, self._delete)]
        return found

    async def _follow_up(self, request: web.Request) -> web.Response:
        interaction = self._interaction(request)
        fields = body_of(request)
        if interaction.loading:
            # Discord's old way: the first follow-up takes the place of "… is thinking", whatever its flags say.
            return json_answer(self._edited(request, interaction, self._message(interaction, ORIGINAL)))
        if followups_are_limited(interaction) and interaction.followups_sent >= MOST_FOLLOWUPS:
            raise refusals.too_many_followups()
        private = is_private(interaction, fields.get("flags") if is_object(fields) else None)
        message = compose(
            self._world, upload_of(request, interaction, fields), setting_of(interaction, private=private)
        )
        interaction.followups_sent += 1
        interaction.followup_ids.append(message.id)
        self._world.post(message)
        return json_answer(message_payload(self._world, message))

    async def _get(self, request: web.Request) -> web.Response:
        return json_answer(message_payload(self._world, self._addressed(request)[1]))

    async def _edit(self, request: web.Request) -> web.Response:
        return json_answer(self._edited(request, *self._addressed(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        self._world.delete(self._addressed(request)[1])
        return no_content()

    def _edited(self, request: web.Request, interaction: Interaction, message: Message) -> dict[str, object]:
        revise(self._world, message, upload_of(request, interaction, body_of(request)))
        fills = interaction.loading and message.id == interaction.response_message_id
        if fills:
            interaction.loading = False
        self._world.edited(message, silently=fills)
        return message_payload(self._world, message)

    def _addressed(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._interaction(request)
        return interaction, self._message(interaction, request.match_info.get("message_id", ORIGINAL))

    def _interaction(self, request: web.Request) -> Interaction:
        if request.match_info["webhook_id"] != self._world.application.id:
            raise refusals.unknown_webhook()
        interaction = self._world.interaction_by_token(request.match_info["webhook_token"])
        if interaction is None or self._world.now() - interaction.created_at > TOKEN_VALID_FOR:
            raise refusals.invalid_webhook_token()
        if interaction.acknowledged is None:
            raise refusals.unknown_webhook()
        return interaction

    def _message(self, interaction: Interaction, which: str) -> Message:
        """The original response or a follow-up of this interaction; no other message of the bot."""
        message_id = interaction.response_message_id if which == ORIGINAL else which
        own = {interaction.response_message_id, *interaction.followup_ids}
        message = self._world.message(interaction.channel.id, message_id) if message_id in own and message_id else None
        if message is None:
            raise refusals.unknown_message()
        return message
