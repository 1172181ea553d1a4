"""discord.py itself, over the wire: login, command sync, messages, files, limits."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import discord
import discord.http
import pytest
from discord import app_commands

from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.ratelimits import Limit
from bot.sandbox.discord.server import DiscordServer
from bot.sandbox.discord.world import World
from bot.sandbox.faults import Faults
from bot.sandbox.record import Record
from tests.clocks import FastClock
from tests.openapi import DESCRIPTION, openapi_judge

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    clock = FastClock(speed=1.0)
    server = DiscordServer(World(clock.now), record=Record(), faults=Faults(), now=clock.now)
    guild = server.world.add_guild("Atelier")
    guild.add_channel("paintings")
    await server.start()
    yield server
    await server.stop()
    if DESCRIPTION.is_file():
        judge = openapi_judge()
        assert [each for exchange in server.record.exchanges for each in judge.complaints(exchange)] == []


@pytest.fixture
def redirected(server: DiscordServer) -> Iterator[DiscordServer]:
    """The server, with discord.py pointed at it."""
    real = discord.http.Route.BASE
    discord.http.Route.BASE = server.api_url
    yield server
    discord.http.Route.BASE = real


@pytest.fixture
async def client(redirected: DiscordServer) -> AsyncIterator[discord.Client]:
    client = discord.Client(intents=discord.Intents.none())
    await client.login(redirected.world.application.token)
    yield client
    await client.close()


async def channel_of(client: discord.Client, server: DiscordServer) -> discord.PartialMessageable:
    (guild,) = server.world.guilds.values()
    (channel,) = guild.channels.values()
    return client.get_partial_messageable(int(channel.id))


@pytest.mark.usefixtures("redirected")
async def test_a_wrong_token_cannot_log_in() -> None:
    client = discord.Client(intents=discord.Intents.none())
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()


async def test_login_tells_who_the_bot_is(client: discord.Client, server: DiscordServer) -> None:
    assert client.user is not None
    assert (str(client.user.id), client.user.name) == (server.world.application.bot.id, "easel")
    application = await client.application_info()
    assert str(application.owner.id) == server.world.application.owner.id


async def test_a_command_tree_is_synced(client: discord.Client, server: DiscordServer) -> None:
    tree = app_commands.CommandTree(client)

    @tree.command(description="Paint")
    @app_commands.describe(prompt="What to paint")
    async def imagine(
        interaction: discord.Interaction, prompt: str, image1: discord.Attachment | None = None, count: int = 1
    ) -> None: ...

    @tree.context_menu(name="Edit this")
    async def edit_this(interaction: discord.Interaction, message: discord.Message) -> None: ...

    synced = await tree.sync()
    assert sorted(command.name for command in synced) == ["Edit this", "imagine"]
    command = server.world.command(None, "imagine")
    assert command is not None
    assert [option["name"] for option in command.definition["options"]] == ["prompt", "image1", "count"]
    assert [command.id for command in await tree.fetch_commands()] == [command.id for command in synced]


async def test_choices_and_autocomplete_together_are_refused(client: discord.Client) -> None:
    tree = app_commands.CommandTree(client)

    async def suggest(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]: ...

    @tree.command(description="Paint")
    @app_commands.choices(model=[app_commands.Choice(name="Fast", value="fast")])
    @app_commands.autocomplete(model=suggest)
    async def imagine(interaction: discord.Interaction, model: str) -> None: ...

    with pytest.raises(app_commands.CommandSyncFailure) as refusal:
        await tree.sync()
    assert (refusal.value.status, refusal.value.code) == (400, 50035)


async def test_a_message_goes_out_with_files_buttons_and_a_nonce_once(
    client: discord.Client, server: DiscordServer
) -> None:
    channel = await channel_of(client, server)
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button[discord.ui.View](label="Again", custom_id="again:1"))

    async def send() -> discord.Message:
        file = discord.File(io.BytesIO(PNG), "cat one.png", description="a cat")
        return await channel.send("done", file=file, view=view, nonce="job-1")

    first, again = await send(), await send()
    assert first.id == again.id
    (attachment,) = first.attachments
    assert (attachment.filename, attachment.description, attachment.size) == ("cat_one.png", "a cat", len(PNG))
    assert await attachment.read() == PNG
    assert [message.id async for message in channel.history()] == [first.id]
    (row,) = first.components
    assert isinstance(row, discord.ActionRow)
    assert row.children[0].custom_id == "again:1"


async def test_a_layout_shows_files_in_its_gallery_only(client: discord.Client, server: DiscordServer) -> None:
    channel = await channel_of(client, server)
    file = discord.File(io.BytesIO(PNG), "cat.png")
    layout = discord.ui.LayoutView(timeout=None)
    container: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay("done"), accent_colour=0x123456)
    container.add_item(discord.ui.MediaGallery[Any](discord.MediaGalleryItem(file)))
    layout.add_item(container)
    message = await channel.send(view=layout, file=file)
    assert (message.attachments, message.flags.components_v2) == ([], True)
    shown = message.components[0]
    assert isinstance(shown, discord.Container)
    gallery = shown.children[1]
    assert isinstance(gallery, discord.MediaGalleryComponent)
    assert gallery.items[0].media.url.startswith(server.cdn_url)
    with pytest.raises(discord.HTTPException) as refusal:
        await message.edit(content="classic", view=None)
    assert refusal.value.code == 50035


async def test_an_edit_replaces_attachments(client: discord.Client, server: DiscordServer) -> None:
    channel = await channel_of(client, server)
    message = await channel.send("one", file=discord.File(io.BytesIO(PNG), "a.png"))
    edited = await message.edit(
        content="two", attachments=[*message.attachments, discord.File(io.BytesIO(PNG), "b.png")]
    )
    assert [attachment.filename for attachment in edited.attachments] == ["a.png", "b.png"]
    edited = await edited.edit(attachments=[])
    assert edited.attachments == []
    await edited.delete()
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(message.id)


async def test_a_direct_message_is_sent_or_refused(client: discord.Client, server: DiscordServer) -> None:
    person = server.world.add_user("ann")
    user = await client.fetch_user(int(person.id))
    await user.send("hello")
    person.accepts_direct_messages = False
    with pytest.raises(discord.Forbidden) as refusal:
        await user.send("hello")
    assert refusal.value.code == 50007


async def test_a_missing_permission_is_forbidden(client: discord.Client, server: DiscordServer) -> None:
    (guild,) = server.world.guilds.values()
    (channel,) = guild.channels.values()
    channel.deny(server.world.application.bot, Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as refusal:
        await (await channel_of(client, server)).send("hello")
    assert refusal.value.code == 50013


def statuses(server: DiscordServer) -> list[int | None]:
    return [exchange.status for exchange in server.record.matching(route="/channels/{channel_id}/messages")]


async def test_the_headers_of_a_bucket_are_honoured(client: discord.Client, server: DiscordServer) -> None:
    server.limiter.limits.routes["POST", "/channels/{channel_id}/messages"] = Limit(1, 0.1)
    channel = await channel_of(client, server)
    await channel.send("one")
    await channel.send("two")
    assert statuses(server) == [200, 200]


async def test_an_unforeseen_429_is_taken_for_a_rate_limit(client: discord.Client, server: DiscordServer) -> None:
    server.limiter.limits.everywhere = Limit(0, 0.05)
    sending = asyncio.ensure_future((await channel_of(client, server)).send("one"))
    await server.record.wait_for(lambda exchange: exchange.status == 429, timeout=5)
    server.limiter.limits.everywhere = Limit(100, 1.0)
    await sending
    assert statuses(server)[-1] == 200
