"""A small bot on the real discord.py, with one of everything the stand-in has to serve."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncGenerator
from typing import Any, Self, cast

import discord
import pytest
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

from bot.sandbox.discord.server import DiscordServer

STYLES = {"photo": ["sharp", "soft"], "drawing": ["ink", "chalk"]}


class Again(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"again:(?P<count>\d+)"):
    """A button that survives a restart and counts how often it was pressed."""

    def __init__(self, count: int) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{count}"))
        self.count = count

    @classmethod
    @override
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["count"]))

    @override
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(content=f"pressed {self.count + 1}", view=buttons(self.count + 1))


class Options(discord.ui.Modal, title="Options"):
    """One of each thing that a modal may ask for."""

    words = discord.ui.Label(text="Words", component=discord.ui.TextInput[Any](custom_id="words", max_length=20))
    style = discord.ui.Label(
        text="Style",
        component=discord.ui.Select[Any](
            custom_id="style", options=[discord.SelectOption(label="Ink", value="ink"), discord.SelectOption(label="x")]
        ),
    )
    photo = discord.ui.Label(text="Photo", component=discord.ui.FileUpload[Any](custom_id="photo", required=False))
    size = discord.ui.Label(
        text="Size",
        component=discord.ui.RadioGroup[Any](
            custom_id="size",
            options=[discord.RadioGroupOption(label="Big"), discord.RadioGroupOption(label="Small")],
        ),
    )
    loud = discord.ui.Label(text="Loud", component=discord.ui.Checkbox[Any](custom_id="loud"))

    @override
    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        photos = cast("discord.ui.FileUpload[Any]", self.photo.component).values
        answers: list[Any] = [
            cast("discord.ui.TextInput[Any]", self.words.component).value,
            cast("discord.ui.Select[Any]", self.style.component).values,
            [(each.filename, await each.read()) for each in photos],
            cast("discord.ui.RadioGroup[Any]", self.size.component).value,
            cast("discord.ui.Checkbox[Any]", self.loud.component).value,
        ]
        await interaction.response.send_message(repr(answers), ephemeral=True)


def buttons(count: int) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(Again(count))
    view.add_item(discord.ui.Button(label="Later", custom_id="later", disabled=True))
    view.add_item(discord.ui.Button(label="Help", url="https://example.com"))
    return view


class Painter(commands.Cog):
    """Slash commands."""

    @app_commands.command(description="Repeat a picture")
    @app_commands.choices(kind=[app_commands.Choice(name="A photo", value="photo")])
    async def paint(  # noqa: PLR0917 - the options of the command
        self,
        interaction: discord.Interaction[Any],
        words: app_commands.Range[str, 2, 20],
        photo: discord.Attachment | None = None,
        kind: app_commands.Choice[str] | None = None,
        style: str | None = None,
        count: app_commands.Range[int, 1, 4] = 1,
    ) -> None:
        await interaction.response.defer()
        content = await photo.read() if photo else b"nothing"
        files = [discord.File(io.BytesIO(content), f"{number}.png") for number in range(count)]
        told = f"{words} kind={kind.value if kind else None} style={style}"
        await interaction.edit_original_response(content=told, attachments=files, view=buttons(0))

    @paint.autocomplete("style")
    async def suggest(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        kind: str = interaction.namespace.kind or "drawing"
        return [app_commands.Choice(name=each.title(), value=each) for each in STYLES[kind] if typed in each]

    @app_commands.command(description="Open a form")
    async def ask(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Options())

    @app_commands.command(description="Post an ordinary message, twice with one nonce")
    async def post(self, interaction: discord.Interaction[Any]) -> None:
        assert isinstance(interaction.channel, discord.abc.Messageable)
        await interaction.response.send_message("posting", ephemeral=True)
        sent = [await interaction.channel.send("done", nonce="one-of-a-kind") for _ in range(2)]
        await interaction.edit_original_response(content=f"{len({message.id for message in sent})} message")


class PainterBot(commands.AutoShardedBot):
    """The bot; `seen` are the messages it received."""

    def __init__(self, intents: discord.Intents, **options: Any) -> None:
        super().__init__(commands.when_mentioned, intents=intents, guild_ready_timeout=0.1, **options)
        self.running = asyncio.Event()
        self.resumed = asyncio.Event()
        self.readied = 0
        self.seen: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.used: list[int] = []
        self.joined: asyncio.Queue[discord.Guild] = asyncio.Queue()

    @override
    async def setup_hook(self) -> None:
        await self.add_cog(Painter())
        self.add_dynamic_items(Again)
        self.tree.add_command(app_commands.ContextMenu(name="Count files", callback=count_files))
        await self.tree.sync()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the stand-in limits no identifies."""

    async def on_ready(self) -> None:
        self.readied += 1
        self.running.set()

    async def on_shard_resumed(self, _shard_id: int) -> None:
        self.resumed.set()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.put_nowait(guild)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        self.used.append(interaction.id)

    @override
    async def on_message(self, message: discord.Message) -> None:
        self.seen.put_nowait(message)


async def count_files(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    await interaction.response.send_message(f"{len(message.attachments)}: {message.content}", ephemeral=True)


@contextlib.asynccontextmanager
async def running_bot(
    server: DiscordServer, monkeypatch: pytest.MonkeyPatch, intents: discord.Intents | None = None, **options: Any
) -> AsyncGenerator[PainterBot]:
    """The bot at the stand-in, ready."""
    monkeypatch.setattr(Route, "BASE", server.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    monkeypatch.setattr(discord.Asset, "BASE", server.cdn_url)
    bot = PainterBot(intents or discord.Intents.default(), **options)
    running = asyncio.create_task(bot.start(server.world.application.token))
    try:
        ready = asyncio.create_task(bot.running.wait())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        ready.cancel()
        if running.done():
            running.result()
        assert bot.running.is_set()
        yield bot
    finally:
        await bot.close()
        await asyncio.wait({running})
