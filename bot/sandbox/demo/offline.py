"""What the demo plays on: both stand-ins on free ports, and a server with a channel."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.sandbox.discord.entities import Channel, Guild
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults
from bot.sandbox.record import Record
from bot.sandbox.toapis import ToapisServer

_ONLINE_WITHIN = 90.0  # seconds; a first start compiles everything it imports


class NotOnline(Exception):
    """The bot runs, but Discord does not see it."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What the bot grants one person."""

    pictures: int
    hours: int


@dataclass(frozen=True, kw_only=True)
class Offline:
    """The offline world.

    Attributes:
        record: every exchange with either stand-in.
    """

    discord: DiscordServer
    gateway: ToapisServer
    record: Record
    guild: Guild
    channel: Channel

    def person(self, name: str) -> Person:
        """A new member of the server."""
        user = self.discord.world.add_user(name)
        self.guild.join(user)
        return Person(self.discord.world, user, self.channel, record=self.record)

    async def bot_is_online(self) -> None:
        """Wait until Discord has told the bot that it is connected.

        Raises:
            NotOnline: that took too long.
        """
        try:
            await self.record.wait_for(lambda exchange: exchange.route == "READY", _ONLINE_WITHIN)
        except TimeoutError as error:
            raise NotOnline(f"the bot did not come online within {_ONLINE_WITHIN:g} s; its log may say why") from error

    @property
    def access(self) -> dict[str, str]:
        """The part of a bot's environment that brings it here."""
        return {
            "DISCORD_TOKEN": self.discord.world.application.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "DISCORD_CDN_URL": self.discord.cdn_url,
            "TOAPIS_API_KEY": self.gateway.key,
            "TOAPIS_BASE_URL": self.gateway.base_url,
            "ALLOW_PRIVATE_ADDRESSES": "true",
        }

    def settings(self, allowance: Allowance) -> dict[str, str]:
        """The environment of the demo's own bot."""
        return {
            **self.access,
            "DATABASE_URL": "sqlite:///easel.db",
            "USER_IMAGES_PER_WINDOW": str(allowance.pictures),
            "USER_WINDOW_HOURS": str(allowance.hours),
            "POLL_FIRST_SECONDS": "0.5",
            "POLL_MIN_SECONDS": "0.25",
            "POLL_MAX_SECONDS": "1",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "console",
        }


@asynccontextmanager
async def open_offline(seconds: float) -> AsyncGenerator[Offline]:
    """Start both stand-ins; the gateway takes `seconds` for a picture."""
    record, faults = Record(), Faults()
    world = World()
    world.application.bot.name = world.application.name
    discord = DiscordServer(world, record=record, faults=faults)
    gateway = ToapisServer(record=record, faults=faults, seconds=seconds, spread=0)
    guild = world.add_guild("Painters")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(discord.stop)
        await discord.start()
        await stack.enter_async_context(gateway)
        yield Offline(
            discord=discord, gateway=gateway, record=record, guild=guild, channel=guild.add_channel("pictures")
        )
