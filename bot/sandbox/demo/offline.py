"""What the demo plays on: both stand-ins on free ports, a server with a channel, and the bot in it."""

import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.demo.bot_process import BotProcess, bot_process
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
    """The offline world with the bot in it.

    Attributes:
        record: every exchange with either stand-in.
    """

    discord: DiscordServer
    gateway: ToapisServer
    record: Record
    guild: Guild
    channel: Channel
    bot: BotProcess

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


@asynccontextmanager
async def open_offline(
    *, log: Path, seconds: float, allowance: Allowance, at_once: ExitStack
) -> AsyncGenerator[Offline]:
    """Start everything; on leaving, end the bot, then the stand-ins, and leave nothing behind but the log.

    Args:
        log: gets what the bot writes.
        seconds: how long a picture takes.
        allowance: what each person may make.
        at_once: is given what must be done if there is no time to leave in order.
    """
    record, faults = Record(), Faults()
    world = World()
    world.application.bot.name = world.application.name
    discord = DiscordServer(world, record=record, faults=faults)
    gateway = ToapisServer(record=record, faults=faults, seconds=seconds, spread=0.1)
    guild = world.add_guild("Painters")
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="easel-demo-", ignore_cleanup_errors=True)))
        at_once.callback(shutil.rmtree, home, ignore_errors=True)
        stack.push_async_callback(discord.stop)
        await discord.start()
        await stack.enter_async_context(gateway)
        bot = await stack.enter_async_context(bot_process(_settings(discord, gateway, allowance), home, log))
        at_once.callback(bot.kill)
        yield Offline(
            discord=discord,
            gateway=gateway,
            record=record,
            guild=guild,
            channel=guild.add_channel("pictures"),
            bot=bot,
        )


def _settings(discord: DiscordServer, gateway: ToapisServer, allowance: Allowance) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": discord.world.application.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_CDN_URL": discord.cdn_url,
        "TOAPIS_API_KEY": gateway.key,
        "TOAPIS_BASE_URL": gateway.base_url,
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "DATABASE_URL": "sqlite:///easel.db",
        "USER_IMAGES_PER_WINDOW": str(allowance.pictures),
        "USER_WINDOW_HOURS": str(allowance.hours),
        "POLL_FIRST_SECONDS": "0.5",
        "POLL_MIN_SECONDS": "0.5",
        "POLL_MAX_SECONDS": "1",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "console",
    }
