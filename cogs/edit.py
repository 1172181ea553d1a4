"""Editing by answering: requests in words, as answers to pictures, mentions of the bot and direct messages."""

import logging
from typing import TYPE_CHECKING, cast

import discord
from discord.ext import commands

from bot.errors import EaselError
from bot.services import Services
from bot.texts import Text
from bot.ui import render
from bot.ui.answers import answer, find_answered
from bot.ui.handlers import Handlers
from bot.ui.message_acceptance import respond
from bot.ui.words_in import hear, is_to_be_read

if TYPE_CHECKING:
    from bot.client import EaselBot

_log = logging.getLogger(__name__)


class Edit(commands.Cog):
    """What words mean."""

    def __init__(self, client: discord.Client, services: Services, handlers: Handlers) -> None:
        self._client = client
        self._services = services
        self._handlers = handlers

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Do what a message asks for. Changing or deleting it later changes nothing."""
        bot = self._client.user
        if bot is None or not is_to_be_read(message, bot.id):
            return
        self._handlers.follow()
        try:
            heard = hear(message, await find_answered(message), bot.id)
            if heard is not None:
                await respond(self._client, self._services, heard)
        except Exception as error:  # noqa: BLE001 - the last place before discord.py, which would only log it
            _log.exception("message %s of user %s failed", message.id, message.author.id)
            told = error.text if isinstance(error, EaselError) else Text("internal")
            await answer(message, render.sentence(told))


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    easel = cast("EaselBot", bot)
    await bot.add_cog(Edit(easel, easel.services, easel.handlers))
