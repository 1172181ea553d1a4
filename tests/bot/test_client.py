import asyncio
import errno
import socket
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import EaselBot, point_at, why_unreachable
from bot.config import load_settings
from bot.errors import EXIT_SETTINGS, EXIT_TEMPORARY, StartupError
from bot.sandbox.discord.entities import MESSAGE_CONTENT_INTENT
from bot.services import open_services
from bot.texts import Text
from tests.servers import raw_server
from tests.stage import CALLBACK, Stage, open_stage

COMMANDS = "/applications/{application_id}/commands"


async def started(stage: Stage) -> None:
    """Start the bot anew."""
    await stage.stop_bot()
    await stage.start_bot()


async def failing(stage: Stage, token: str | None = None) -> StartupError:
    """What the operator is told when the bot does not start."""
    async with open_services(stage.settings, stage.clock) as services:
        bot = EaselBot(services)
        running = asyncio.create_task(bot.run_until_closed(token or stage.world.application.token))
        async with asyncio.timeout(30):
            while not running.done():
                stage.clock.advance(1)
                await asyncio.sleep(0.01)
        with pytest.raises(StartupError) as told:
            await running
    return told.value


async def test_commands_are_registered_once(stage: Stage) -> None:
    assert len(stage.asked("PUT", COMMANDS)) == 1
    await started(stage)
    assert len(stage.asked("PUT", COMMANDS)) == 1


async def test_changed_commands_are_registered_anew(stage: Stage) -> None:
    await stage.services.store.remember("discord.commands", "what an older version registered")
    await started(stage)
    assert len(stage.asked("PUT", COMMANDS)) == 2


async def test_no_privileged_intent_is_asked_for(stage: Stage) -> None:
    (identify,) = stage.record.matching("SEND", "IDENTIFY", "gateway")
    assert identify.body["intents"] == discord.Intents(guilds=True, guild_messages=True, dm_messages=True).value


async def test_the_message_content_intent_is_asked_for_where_the_settings_say_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path, message_content_intent=True) as stage:
        stage.world.application.privileged_intents = MESSAGE_CONTENT_INTENT
        await stage.start_bot()
        (identify,) = stage.record.matching("SEND", "IDENTIFY", "gateway")
        assert discord.Intents._from_value(identify.body["intents"]).message_content


async def test_a_refused_intent_is_told_with_the_switch_and_the_setting(tmp_path: Path) -> None:
    async with open_stage(tmp_path, message_content_intent=True) as stage:
        told = await failing(stage)
        assert told.exit_code == EXIT_SETTINGS
        assert "Message Content Intent" in str(told)
        assert "MESSAGE_CONTENT_INTENT=false" in str(told)
        assert "\n" not in str(told)


async def test_nothing_that_is_said_is_taken_for_a_text_command(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    ada = stage.person()
    await ada.says("no command at all")
    await stage.settled()
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


async def test_a_wrong_token_is_a_setting_to_mend(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        told = await failing(stage, token="not-the-token")
        assert told.exit_code == EXIT_SETTINGS
        assert "DISCORD_TOKEN" in str(told)
        assert "not-the-token" not in str(told)


async def test_a_refusing_discord_is_worth_another_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.fault("/users/@me", status=403, body={"code": 0, "message": "nope"})
        told = await failing(stage)
        assert told.exit_code == EXIT_TEMPORARY
        assert str(told) == "Discord refuses the connection (HTTP 403: nope)."


async def test_a_page_of_a_proxy_is_not_quoted(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.fault("/users/@me", status=403, body="<html>\nno\n</html>")
        told = str(await failing(stage))
        assert "(something else answers in its place)" in told
        assert "html" not in told


async def test_a_page_where_discord_should_answer_is_worth_another_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.fault("/users/@me", status=200, body="<html>Sign in to this network</html>")
        told = await failing(stage)
        assert told.exit_code == EXIT_TEMPORARY
        assert "(something else answers in its place)" in str(told)


async def test_an_unreachable_discord_is_worth_another_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.fault("/users/@me", drop=True, times=0)
        told = await failing(stage)
        assert told.exit_code == EXIT_TEMPORARY
        assert "(the connection was closed without an answer)" in str(told)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "no answer in time"),
        (aiohttp.ServerTimeoutError(), "no answer in time"),
        (socket.gaierror(), "name not found"),
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), "connection refused"),
        (ssl.SSLCertVerificationError(), "its certificate is not trusted"),
        (ssl.SSLError(), "no secure connection can be made"),
        (OSError(), "the connection failed"),
        (aiohttp.ClientError(), "the connection failed"),
        (aiohttp.InvalidURL("x"), "not a valid address"),
        (None, "the connection failed"),
    ],
)
def test_every_failure_of_a_connection_has_words(error: BaseException | None, words: str) -> None:
    assert why_unreachable(error) == words


class NobodyKnows(AbstractResolver):
    """Knows no name, as a machine without a network."""

    async def resolve(self, *_: Any, **__: Any) -> list[ResolveResult]:
        raise OSError(None, "DNS lookup failed")

    async def close(self) -> None:
        """There is nothing to close."""


async def test_a_name_that_nobody_knows_has_words() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NobodyKnows())) as session:
        with pytest.raises(aiohttp.ClientError) as failed:
            await session.get("http://easel.invalid/")
    assert why_unreachable(failed.value) == "name not found"


async def test_a_gateway_that_never_lets_anyone_in_ends_the_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:

        async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with raw_server(refuse) as url:
            address = url.replace("http://", "ws://")
            stage.settings = stage.settings.model_copy(update={"discord_gateway_url": address})
            told = await failing(stage)
        assert told.exit_code == EXIT_TEMPORARY
        assert "DISCORD_CONNECT_TIMEOUT" in str(told)


async def test_a_gateway_that_is_silent_ends_the_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:

        async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with raw_server(say_nothing) as url:
            address = url.replace("http://", "ws://")
            stage.settings = stage.settings.model_copy(update={"discord_gateway_url": address})
            assert (await failing(stage)).exit_code == EXIT_TEMPORARY


async def test_a_connection_that_stands_is_not_ended_by_the_time_limit(stage: Stage) -> None:
    stage.clock.advance(3600)
    await stage.settled()
    ada = stage.person()
    await ada.command("imagine", prompt="a lighthouse")
    assert (await stage.result(ada)).files


async def test_closing_during_the_start_ends_it_quietly(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:

        async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with raw_server(say_nothing) as url:
            settings = stage.settings.model_copy(update={"discord_gateway_url": url.replace("http://", "ws://")})
            async with open_services(settings, stage.clock) as services:
                bot = EaselBot(services)
                running = asyncio.create_task(bot.run_until_closed(stage.world.application.token))
                await stage.record.wait_for(lambda exchange: exchange.route == "/gateway/bot", 30)
                await bot.close()
                await running


async def test_an_unexpected_error_is_one_private_sentence(stage: Stage) -> None:
    ada = stage.person()
    stage.break_database()
    answer = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("internal"))


async def test_a_command_that_changed_while_someone_typed_it_is_explained(stage: Stage) -> None:
    ada = stage.person()
    stage.bot.tree.remove_command("imagine")
    answer = await (await ada.command("imagine", prompt="a lighthouse")).answer()
    assert answer.ephemeral
    assert answer.content == str(Text("ui.command_outdated"))


async def test_suggestions_that_cannot_be_given_are_no_reason_to_say_anything(stage: Stage) -> None:
    ada = stage.person()
    stage.bot.tree.remove_command("imagine")
    asking = asyncio.create_task(ada.suggestions("imagine", focused="ratio"))
    await stage.record.wait_for(lambda exchange: exchange.route == "INTERACTION_CREATE", 30)
    await stage.settled()
    assert stage.asked("POST", CALLBACK) == ()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_the_library_talks_to_the_addresses_in_the_settings(stage: Stage) -> None:
    assert stage.settings.discord_api_url == Route.BASE
    assert stage.settings.discord_gateway_url == str(DiscordWebSocket.DEFAULT_GATEWAY)
    assert stage.settings.discord_cdn_url == discord.Asset.BASE


def test_without_addresses_in_the_settings_the_library_is_left_alone(tmp_path: Path) -> None:
    settings = load_settings(None, discord_token="t", toapis_api_key="k", database_url=f"sqlite:///{tmp_path}/easel.db")
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    point_at(settings)
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE)
