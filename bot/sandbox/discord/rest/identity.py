"""Who the bot is and whom it knows: accounts, the application, servers, and where the gateway is."""

from collections.abc import Callable

from aiohttp import web

from bot.sandbox.discord import refusals
from bot.sandbox.discord.answers import json_answer
from bot.sandbox.discord.entities import MEMBERS_INTENT, Json
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.payloads import (
    application_payload,
    channel_payload,
    member_payload,
    own_user_payload,
    rest_guild_payload,
    user_payload,
)
from bot.sandbox.discord.refusals import FormErrors
from bot.sandbox.discord.rest.requests import body_of, guild_of, id_of, number_of
from bot.sandbox.discord.world import World


class Identity:
    """The routes of accounts, application, servers and the gateway's address."""

    def __init__(self, world: World, gateway_url: Callable[[], str]) -> None:
        self._world = world
        self._gateway_url = gateway_url

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/users/@me", self._own_user),
            web.get("/oauth2/applications/@me", self._application),
            web.get("/applications/@me", self._application),
            web.get("/gateway", self._gateway),
            web.get("/gateway/bot", self._gateway_for_bot),
            web.post("/users/@me/channels", self._open_direct_channel),
            web.get("/users/{user_id}", self._user),
            web.get("/guilds/{guild_id}", self._guild),
            web.get("/guilds/{guild_id}/members", self._members),
            web.get("/guilds/{guild_id}/members/{user_id}", self._member),
        ]

    async def _own_user(self, _: web.Request) -> web.Response:
        return json_answer(own_user_payload(self._world.application.bot))

    async def _application(self, _: web.Request) -> web.Response:
        return json_answer(application_payload(self._world))

    async def _gateway(self, _: web.Request) -> web.Response:
        return json_answer({"url": self._gateway_url()})

    async def _gateway_for_bot(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return json_answer({"url": self._gateway_url(), "shards": 1, "session_start_limit": limit})

    async def _open_direct_channel(self, request: web.Request) -> web.Response:
        form = Form(body_of(request), FormErrors())
        recipient_id = form.snowflake("recipient_id", required=True)
        form.errors.raise_if_any()
        user = self._world.users.get(str(recipient_id))
        if user is None:
            raise refusals.form_error(("recipient_id",), "INVALID_RECIPIENT", "Invalid Recipient(s)")
        if user is self._world.application.bot:
            raise refusals.cannot_message_user()
        return json_answer(channel_payload(self._world.direct_channel(user)))

    async def _user(self, request: web.Request) -> web.Response:
        user = self._world.users.get(id_of(request, "user_id"))
        if user is None:
            raise refusals.unknown_user()
        return json_answer(user_payload(user))

    async def _guild(self, request: web.Request) -> web.Response:
        guild = guild_of(self._world, request)
        payload: Json = rest_guild_payload(guild)
        if request.query.get("with_counts") in {"1", "true"}:
            payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
        return json_answer(payload)

    async def _members(self, request: web.Request) -> web.Response:
        guild = guild_of(self._world, request)
        if not self._world.application.privileged_intents & MEMBERS_INTENT:
            raise refusals.missing_access()
        limit = number_of(request, "limit", 1, least=1, most=1000)
        after = number_of(request, "after", 0, least=0, most=2**63)
        members = sorted(guild.members.values(), key=lambda member: int(member.user.id))
        found = [member_payload(member) for member in members if int(member.user.id) > after]
        return json_answer(found[:limit])

    async def _member(self, request: web.Request) -> web.Response:
        guild = guild_of(self._world, request)
        user_id = id_of(request, "user_id")
        if user_id not in self._world.users:
            raise refusals.unknown_user()
        member = guild.members.get(user_id)
        if member is None:
            raise refusals.unknown_member()
        return json_answer(member_payload(member))
