"""The bot as a client of Discord: what it loads, what it tells Discord, how it starts and ends."""

import asyncio
import hashlib
import importlib
import json
import logging
import os
import socket
import ssl
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

from bot.broken_off import Gate, ReleasedLock
from bot.config import Settings
from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY, StartupError
from bot.services import Services
from bot.shards import MortalWebSocket, PatientShard
from bot.ui.delivery import Delivery
from bot.ui.failures import CALL_ERRORS, only_json
from bot.ui.handlers import Handlers
from bot.ui.history_panel import HISTORY_BUTTONS
from bot.ui.interactions import follow, report_error
from bot.ui.nonces import only_in_time
from bot.ui.odd_events import survive_odd_events
from bot.ui.places import Interaction
from bot.ui.views import BUTTONS

_log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.imagine",
    "cogs.compose",
    "cogs.edit_menu",
    "cogs.edit",
    "cogs.details",
    "cogs.history",
    "cogs.defaults",
    "cogs.usage",
    "cogs.help",
    "cogs.notices",
    "cogs.unknown_buttons",
)
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,  # after a restart, to look whether an outcome is there already
)
_FINISH_WITHIN = 6.0  # seconds that the end waits for answers and paid calls under way
_LONGEST_LIMIT = 30.0  # seconds that the library waits where it is rate limited
_FAREWELL = 2.0  # seconds that Discord is given to close its side of the connection; discord.py gives it 30
_WORDS = 200  # characters of Discord's own words that are passed on
_NO_ANSWER: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "name not found"),
    ((aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError), "its certificate is not trusted"),
    ((aiohttp.ClientSSLError, ssl.SSLError), "no secure connection can be made"),
    ((TimeoutError,), "no answer in time"),
    ((aiohttp.ServerDisconnectedError, ConnectionResetError), "the connection was closed without an answer"),
    ((aiohttp.ContentTypeError,), "something else answers in its place"),
    ((aiohttp.ClientResponseError, aiohttp.ClientPayloadError), "what answers does not speak HTTP as it should"),
    ((aiohttp.InvalidURL,), "not a valid address"),
)
_OUTDATED = {4012, 4013}  # the version of the API, or an intent, is not valid; a restart would meet the same
_SYNCED = "discord.commands"  # note in the store: what Discord was told of our commands


def point_at(settings: Settings) -> None:
    """Have discord.py talk to other addresses than Discord's, where the settings name any; for the whole process.

    The gateway's address is told by `GET /gateway/bot`; `EaselBot` overrides it. What is set here is where discord.py
    goes when a session must begin anew.
    """
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)
    if settings.discord_cdn_url:
        # What discord.py declares as one literal is a plain class attribute.
        discord.Asset.BASE = settings.discord_cdn_url  # pyright: ignore[reportAttributeAccessIssue]


def invite_link(application_id: int) -> str:
    """Where the owner of a server adds the bot, with exactly the permissions it uses."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))


def account_link(application_id: int) -> str:
    """Where a person adds the bot to their own account, to use it anywhere."""
    url = discord.utils.oauth_url(application_id, scopes=("applications.commands",))
    return f"{url}&integration_type=1"


class EaselTree(app_commands.CommandTree[discord.Client]):
    """The slash commands, with the one error handler of the user interface."""

    @override
    async def interaction_check(self, interaction: Interaction, /) -> bool:
        follow(interaction)
        return True

    @override
    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        await report_error(interaction, error)


def intents_of(settings: Settings) -> discord.Intents:
    """The events that the bot hears of. Unless the settings say otherwise, none of the intents is privileged.

    Discord delivers what a message says even without the intent for that, if it mentions the bot, answers an ordinary
    message of the bot with a ping, or is a direct one.
    """
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, message_content=settings.message_content_intent
    )


class EaselBot(commands.AutoShardedBot):
    """The bot."""

    def __init__(self, services: Services, **options: Any) -> None:
        # The bot has no voice, and what the library says of it at each start worries people.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        setattr(discord.shard, "Shard", PatientShard)  # noqa: B010 - checkers take an assignment for another type
        setattr(discord.shard, "DiscordWebSocket", MortalWebSocket)  # noqa: B010 - as above
        setattr(discord.webhook.async_, "AsyncDeferredLock", ReleasedLock)  # noqa: B010 - as above
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=EaselTree,
            intents=intents_of(services.settings),
            allowed_mentions=discord.AllowedMentions.none(),
            # Wherever people are: in servers, in direct messages with the bot, and, where they have added it to their
            # own account, in servers without it and in conversations with each other.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            max_messages=None,
            # A send that waited longer might outlive its nonce; the engine tries again itself, and looks first.
            max_ratelimit_timeout=_LONGEST_LIMIT,
            http_trace=only_in_time(only_json()),
            **options,
        )
        survive_odd_events(self._connection.parsers)
        self.services = services
        self.delivery = Delivery(
            self, services.clock, services.engine.job, operator_user_id=services.settings.operator_user_id
        )
        self.handlers = Handlers()
        self._running: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # a shard is ready, or the connection is at its end
        self._told_to_close = asyncio.Event()

    @override
    async def setup_hook(self) -> None:
        self.http._global_over = Gate(_LONGEST_LIMIT + 1.0)  # noqa: SLF001 - made by the login, and given to nobody
        self.add_dynamic_items(*BUTTONS, *HISTORY_BUTTONS)
        for extension in EXTENSIONS:
            # `load_extension` would run the module once more at each start, for modules that change while a bot runs.
            await importlib.import_module(extension).setup(self)
        self.services.engine.start(self.delivery)
        await self._sync_commands()

    @override
    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        address = self.services.settings.discord_gateway_url
        await super().launch_shard(yarl.URL(address) if address else gateway, shard_id, initial=initial)

    @override
    async def on_message(self, message: discord.Message, /) -> None:
        """Look for no text commands: the bot has none, and what is said to it is a cog's to hear."""

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that there is a connection."""
        _log.info("shard %d is ready", shard_id)
        self._settled.set()

    async def run_until_closed(self, token: str) -> None:
        """Log in, connect and stay connected until `close` is called.

        Raises:
            StartupError: Discord refuses the token (exit code 78), cannot be reached, or no shard is ready within
                `DISCORD_CONNECT_TIMEOUT` seconds (exit code 75).
        """
        async with self:
            connection = self._running = asyncio.create_task(self.start(token), name="discord")
            connection.add_done_callback(lambda _: self._settled.set())
            closing = asyncio.create_task(self._told_to_close.wait(), name="closing")
            try:
                await self._until_settled()
                await asyncio.wait({connection, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                closing.cancel()
                connection.cancel()
                (ended, _) = await asyncio.gather(connection, closing, return_exceptions=True)
            if isinstance(ended, Exception) and not self._told_to_close.is_set():
                raise explained(ended) from ended

    @override
    async def close(self) -> None:
        if asyncio.current_task() is not self._running:  # else the connection itself is at its end, and says why
            self._told_to_close.set()
        self._settled.set()
        clock = self.services.clock
        until = clock.now() + _FINISH_WITHIN
        # The engine before the connection: a delivery that is cut off by a closed one would be tried again.
        async with asyncio.TaskGroup() as ending:
            ending.create_task(self.services.engine.stop(until), name="stop the engine")
            await self.handlers.finish(clock, until)
        await self.delivery.close()
        await self._disconnect()

    async def _disconnect(self) -> None:
        closing = asyncio.create_task(super().close(), name="disconnect")
        ended = asyncio.Event()
        closing.add_done_callback(lambda _: ended.set())
        clock = self.services.clock
        if not await clock.wait(ended, clock.now() + _FAREWELL):
            await self.http.close()  # with it the websockets, and what waits for them
        await closing

    async def _until_settled(self) -> None:
        clock = self.services.clock
        timeout = self.services.settings.discord_connect_timeout
        if not await clock.wait(self._settled, clock.now() + timeout):
            raise StartupError(
                f"No connection to Discord within {timeout:g} seconds (DISCORD_CONNECT_TIMEOUT).",
                exit_code=EXIT_TEMPORARY,
            )

    async def _sync_commands(self) -> None:
        """Tell Discord of the commands, if they are not those it was told of last."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps([self.application_id, payload], sort_keys=True).encode()).hexdigest()
        if await self.services.store.remembered(_SYNCED) == digest:
            _log.info("the commands have not changed")
            return
        try:
            synced = await self.tree.sync()
        except (app_commands.AppCommandError, *CALL_ERRORS):
            # What Discord knows goes on working, and so do the jobs; the next start tries again.
            _log.exception("the commands could not be registered")
            return
        await self.services.store.remember(_SYNCED, digest)
        _log.info("registered %d commands", len(synced))


def explained(error: Exception) -> Exception:
    """A failure of the connection as one line for the operator; what is no such failure stays as it is."""
    if isinstance(error, discord.LoginFailure) or (isinstance(error, discord.ConnectionClosed) and error.code == 4004):
        return StartupError(
            "Discord refuses DISCORD_TOKEN: copy it anew from the Bot page of the application.",
            exit_code=EXIT_SETTINGS,
        )
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return StartupError(
            "Discord refuses the message content intent: switch on “Message Content Intent” on the Bot page of the "
            "application in the developer portal, or set MESSAGE_CONTENT_INTENT=false.",
            exit_code=EXIT_SETTINGS,
        )
    if isinstance(error, discord.ConnectionClosed) and error.code in _OUTDATED:
        return StartupError(
            f"Discord no longer understands this version of Easel (code {error.code}): a newer one may help."
        )
    if isinstance(error, discord.HTTPException | discord.GatewayNotFound | discord.ConnectionClosed):
        return StartupError(f"Discord refuses the connection ({_refusal(error)}).", exit_code=EXIT_TEMPORARY)
    if isinstance(error, aiohttp.ClientError | OSError):
        return StartupError(
            f"Discord cannot be reached ({why_unreachable(error)}): the network, or DISCORD_API_URL where it is set.",
            exit_code=EXIT_TEMPORARY,
        )
    return error


def why_unreachable(error: BaseException | None) -> str:
    """Why a service gave no answer, in a few words without a name of ours: "name not found"."""
    if reason := next((reason for kinds, reason in _NO_ANSWER if isinstance(error, kinds)), None):
        return reason
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return "the connection failed"


def _refusal(error: discord.HTTPException | discord.GatewayNotFound | discord.ConnectionClosed) -> str:
    if isinstance(error, discord.HTTPException):
        page = "<" in error.text or not error.text.strip()
        return f"HTTP {error.status}" if page else f"HTTP {error.status}: {' '.join(error.text.split())[:_WORDS]}"
    if isinstance(error, discord.ConnectionClosed):
        return f"code {error.code}"
    return "it does not say where to connect"
