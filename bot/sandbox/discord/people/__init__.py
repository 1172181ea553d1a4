"""Scripted people: what somebody at a Discord client can do, and what they see.

They act only through what the client would send (interactions, messages, uploads) and see only what the bot's calls
made visible. What the client does not let anyone do is `NotPossible`.
"""

from bot.sandbox.discord.people.handle import InteractionFailed, InteractionHandle
from bot.sandbox.discord.people.modals import Modal
from bot.sandbox.discord.people.person import Person
from bot.sandbox.discord.people.sight import SeenButton, SeenFile, SeenMessage, SeenSelect
from bot.sandbox.discord.people.values import NotPossible, Upload
from bot.sandbox.discord.people.waiting import WaitedInVain

__all__ = [
    "InteractionFailed",
    "InteractionHandle",
    "Modal",
    "NotPossible",
    "Person",
    "SeenButton",
    "SeenFile",
    "SeenMessage",
    "SeenSelect",
    "Upload",
    "WaitedInVain",
]
