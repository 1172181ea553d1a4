"""`easel check`: what a run would need, tried one by one and shown as a table. Never a secret in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import discord

from bot.client import invite_link, point_at
from bot.clock import SystemClock
from bot.config import Settings
from bot.database import open_database
from bot.errors import EaselError
from bot.services import open_gateway
from bot.toapis.catalog import MODELS
from bot.toapis.client import ToapisClient


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row of the table."""

    what: str
    sound: bool
    detail: str


async def check(settings: Settings) -> int:
    """Try everything, print the table, and return the exit code: 0 if a run would start, 1 if not."""
    findings = [Finding(what="Settings", sound=True, detail="every variable is understood")]
    findings.append(await _try("Database", lambda: _database(settings)))
    findings.append(await _try("Discord token", lambda: _discord(settings)))
    async with open_gateway(settings, SystemClock()) as gateway:
        findings.append(await _try("Gateway key", lambda: _models(gateway)))
        findings.append(await _try("Gateway balance", lambda: _balance(gateway)))
    print(table(findings))  # noqa: T201 - the command's answer
    return 0 if all(finding.sound for finding in findings) else 1


def table(findings: list[Finding]) -> str:
    """The findings, a line each, in columns."""
    width = max(len(finding.what) for finding in findings)
    return "\n".join(
        f"{'✓' if finding.sound else '✗'}  {finding.what:<{width}}  {finding.detail}" for finding in findings
    )


async def _try(what: str, attempt: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what=what, sound=True, detail=await attempt())
    except EaselError as error:
        return Finding(what=what, sound=False, detail=str(error))


async def _database(settings: Settings) -> str:
    async with open_database(settings.database_url):
        return f"{settings.database_url.partition(':///')[2]} opens and is up to date"


async def _discord(settings: Settings) -> str:
    point_at(settings)
    client = discord.Client(intents=discord.Intents.none())
    async with client:
        try:
            await client.login(settings.discord_token.get_secret_value())
        except discord.LoginFailure as error:
            raise EaselError("Discord refuses it: copy DISCORD_TOKEN anew from the application's Bot page") from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            raise EaselError(f"Discord cannot be reached: {error}") from error
        return f"signs in as {client.user}; invite it with {invite_link(client.application_id or 0)}"


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
        raise EaselError("nothing is left: top up the account, or every request will be refused")
    return f"{balance.remaining:g} left"
