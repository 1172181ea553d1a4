"""`easel check`: what a run would need, tried, and told a row at a time as it becomes known. Never a secret in it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import aiohttp
import discord
from yarl import URL

from bot.client import account_link, explained, invite_link, point_at, why_unreachable
from bot.clock import SystemClock
from bot.config import Settings
from bot.database import open_database, path_of
from bot.errors import DatabaseInUse, EaselError, GatewayError, GatewayUnauthorized, OutOfBalance
from bot.log import SecretFilter
from bot.services import open_gateway
from bot.toapis.catalog import MODELS
from bot.toapis.client import ToapisClient
from bot.ui.failures import only_json

_PATIENCE = 15.0  # seconds for a row
_SETTINGS, _DATABASE, _DISCORD = "Settings", "Database", "Discord token"
_KEY, _BALANCE = "Gateway key", "Gateway balance"
_NOTHING_LEFT = "nothing is left: top up the account, or every request will be refused"
_WIDTH = max(map(len, (_SETTINGS, _DATABASE, _DISCORD, _KEY, _BALANCE)))


class _Unsound(Exception):
    """What was tried would not do for a run; its text is for the operator."""


class _Table:
    """Rows, printed one by one."""

    def __init__(self, patience: float, secrets: Iterable[str]) -> None:
        self.sound = True
        self._filter = SecretFilter(secrets).filter
        self._patience = patience

    async def attempt(self, what: str, work: Callable[[], Awaitable[str]], *, unanswered: str) -> bool:
        """Print what `work` finds, or why it fails; `unanswered` begins and ends what is said if it takes too long."""
        try:
            async with asyncio.timeout(self._patience):
                detail = await work()
        except TimeoutError:
            return self._fails(what, unanswered.format(reason=f"no answer within {self._patience:g} s"))
        except (EaselError, _Unsound) as error:
            return self._fails(what, str(error).removesuffix("."))
        self.say("✓", what, detail)
        return True

    def say(self, mark: str, what: str, detail: str) -> None:
        """Print a row."""
        print(f"{mark}  {what:<{_WIDTH}}  {self._filter(detail)}", flush=True)  # noqa: T201 - the command's answer

    def _fails(self, what: str, reason: str) -> bool:
        self.sound = False
        self.say("✗", what, reason)
        return False


async def check(settings: Settings, misspelt: Sequence[str] = (), *, patience: float = _PATIENCE) -> int:
    """Try everything, print the table, and return the exit code.

    It is 0 if a run would start, or is running already, and 1 if not.

    Args:
        settings: what a run would be given.
        misspelt: a sentence for each name that may be meant for a setting.
        patience: seconds that each row is given.
    """
    table = _Table(patience, settings.secrets)
    table.say("✓", _SETTINGS, " ".join(misspelt) or "every variable is understood")
    await asyncio.gather(
        table.attempt(_DATABASE, lambda: _database(settings), unanswered="DATABASE_URL: {reason}"),
        table.attempt(
            _DISCORD,
            lambda: _discord(settings),
            unanswered="Discord cannot be reached ({reason}): the network, or DISCORD_API_URL where it is set",
        ),
        _gateway(settings, table),
    )
    return 0 if table.sound else 1


async def _database(settings: Settings) -> str:
    path = path_of(settings.database_url)
    try:
        folder = _to_be_made_in(path)
    except OSError as error:
        raise _Unsound(f"DATABASE_URL: {path} cannot be opened ({why_unreachable(error)})") from error
    if folder is not None:
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise _Unsound(f"DATABASE_URL: {path} cannot be made, because {folder} is no folder that can be written to")
        return f"{path} will be made by the first run"
    try:
        async with open_database(settings.database_url):
            return f"{path} opens and is up to date"
    except DatabaseInUse:
        return f"{path} is in use by a running Easel"


def _to_be_made_in(path: Path) -> Path | None:
    """The nearest thing above a file that is there, or None if the file is there itself."""
    return None if path.exists() else next(parent for parent in path.absolute().parents if parent.exists())


async def _discord(settings: Settings) -> str:
    point_at(settings)
    async with discord.Client(intents=discord.Intents.none(), http_trace=only_json()) as client:
        try:
            await client.login(settings.discord_token.get_secret_value())
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            raise explained(error) from error
        return f"signs in as {client.user}; {_ways_in(client.application_id or 0, client.application)}"


def _ways_in(application_id: int, application: discord.AppInfo | None) -> str:
    servers = f"it comes to servers by {invite_link(application_id)}"
    if application is None or application.user_integration_config is None:
        return f"{servers} (for people's own accounts tick User Install on the application's Installation page)"
    return f"{servers} and to people's own accounts by {account_link(application_id)}"


async def _gateway(settings: Settings, table: _Table) -> None:
    host = URL(settings.toapis_base_url).host or ""
    unanswered = f"{host} cannot be reached ({{reason}}): TOAPIS_BASE_URL, or the network"

    async def asked(work: Callable[[ToapisClient], Awaitable[str]]) -> str:
        try:
            return await work(gateway)
        except GatewayError as error:
            raise _Unsound(_gateway_trouble(error, host, unanswered)) from error

    async with open_gateway(settings, SystemClock()) as gateway:
        if await table.attempt(_KEY, lambda: asked(_models), unanswered=unanswered):
            await table.attempt(_BALANCE, lambda: asked(_balance), unanswered=unanswered)
        else:
            table.say("–", _BALANCE, "not tried")


async def _models(gateway: ToapisClient) -> str:
    offered = set(await gateway.models())
    missing = [model.name for model in MODELS if model.id not in offered]
    if missing:
        return f"accepted; this key is not offered {', '.join(missing)}"
    return f"accepted; all {len(MODELS)} models are offered"


async def _balance(gateway: ToapisClient) -> str:
    balance = await gateway.balance()
    if balance.unlimited:
        return "unlimited"
    if balance.remaining is None or balance.remaining <= 0:
        raise _Unsound(_NOTHING_LEFT)
    return f"{balance.remaining:g} left"


def _gateway_trouble(error: GatewayError, host: str, unanswered: str) -> str:
    """What went wrong, and which setting to look at."""
    if isinstance(error, GatewayUnauthorized):
        return f"{host} refuses it: copy TOAPIS_API_KEY anew"
    if isinstance(error, OutOfBalance):
        return _NOTHING_LEFT
    if error.status is None:
        return unanswered.format(reason=why_unreachable(error.__cause__))
    if error.status >= 500 or error.status == 429:
        return f"{host} is in trouble or busy (HTTP {error.status}): try again later"
    return f"{host} does not answer as the gateway does (HTTP {error.status}): TOAPIS_BASE_URL, or a proxy before it"
