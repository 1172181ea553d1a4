"""A REST client that sends exactly what a test says, and the story that most tests begin with."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.sandbox.discord.conversation import COMMAND, Interaction, Message
from bot.sandbox.discord.entities import Channel, Guild, User
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from tests.clocks import FastClock

THE_BOT = object()  # stands for the bot's own Authorization header


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def refusal(self) -> tuple[int, int]:
        """Status and JSON error code."""
        return self.status, self.body["code"]

    def mistakes(self, *path: str | int) -> list[str]:
        """The codes of the nested errors at a path of the form."""
        node = self.body["errors"]
        for key in path:
            node = node[str(key)]
        return [error["code"] for error in node["_errors"]]


@dataclass
class Rest:
    """The stand-in with a server, a channel, a person in it, and a client that has the bot's token."""

    server: DiscordServer
    clock: FastClock
    session: aiohttp.ClientSession
    world: World
    guild: Guild
    channel: Channel
    person: User
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: Sequence[tuple[str, bytes]] = (),
        authorization: Any = THE_BOT,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request; with files it is multipart, as discord.py sends it."""
        headers = {} if authorization is None else {"Authorization": authorization}
        if authorization is THE_BOT:
            headers = {"Authorization": f"Bot {self.world.application.token}"}
        form = None
        if files:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(body or {}))
            for number, (name, content) in enumerate(files):
                form.add_field(
                    f"files[{number}]", io.BytesIO(content), filename=name, content_type="application/octet-stream"
                )
        async with self.session.request(
            method,
            self.server.api_url + path,
            params=query or {},
            headers=headers,
            data=form,
            json=None if files else body,
        ) as response:
            text = await response.text()
            is_json = response.headers.get("Content-Type") == "application/json"
            return Answer(response.status, dict(response.headers), json.loads(text) if is_json else text)

    async def say(self, body: Any = None, **more: Any) -> Answer:
        """Post to the channel."""
        return await self.call("POST", f"/channels/{self.channel.id}/messages", body, **more)

    def heard(self, author: User | None = None, content: str = "hello", **more: Any) -> Message:
        """A message that stands in the channel, by a person unless told otherwise."""
        return self.world.post(
            Message(
                id=self.world.snowflake(),
                channel=self.channel,
                author=author or self.person,
                created_at=self.world.now(),
                content=content,
                **more,
            )
        )

    def interaction(self, kind: int = COMMAND, **more: Any) -> Interaction:
        """Somebody has used the bot, just now."""
        number = self.world.snowflake()
        known: dict[str, Any] = {
            "id": number,
            "token": f"token-{number}",
            "type": kind,
            "user": self.person,
            "channel": self.channel,
            "guild": self.channel.guild,
            "created_at": self.world.now(),
            "owners": {"0": self.guild.id},
        }
        interaction = Interaction(**{**known, **more})
        self.world.begin(interaction)
        return interaction

    async def answer(self, interaction: Interaction, kind: int, data: Any = None, **more: Any) -> Answer:
        """Call back, asking for the response."""
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        return await self.call("POST", path, body, authorization=None, query={"with_response": "1"}, **more)

    async def original(self, method: str, interaction: Interaction, body: Any = None, **more: Any) -> Answer:
        """GET, PATCH or DELETE the original response."""
        return await self.followed(method, interaction, "@original", body, **more)

    async def followed(
        self, method: str, interaction: Interaction, which: str, body: Any = None, **more: Any
    ) -> Answer:
        """GET, PATCH or DELETE a message by the interaction's token."""
        path = f"/webhooks/{self.world.application.id}/{interaction.token}/messages/{which}"
        return await self.call(method, path, body, authorization=None, **more)

    async def follow_up(self, interaction: Interaction, body: Any = None, **more: Any) -> Answer:
        """Post a follow-up."""
        path = f"/webhooks/{self.world.application.id}/{interaction.token}"
        return await self.call("POST", path, body, authorization=None, query={"wait": "1"}, **more)
