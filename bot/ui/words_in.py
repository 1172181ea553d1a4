"""What a message means to the bot: a request, something that needs a word of help, or nothing at all.

Source: Discord's API documentation, "Gateway", section "Message Content Intent". Without that intent, what a message
says is delivered if it is a direct one, mentions the bot in its text, or answers an ordinary message of the bot with a
ping; of the message it answers, only what is the bot's own or mentions it. Everything else arrives empty.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import discord

from bot.ui.pictures import pictures_of

Answered: TypeAlias = discord.Message | discord.DeletedReferencedMessage

_MENTION = re.compile(r"<(?P<kind>@[!&]?|#)(?P<id>\d{15,20})>")
_EMOJI = re.compile(r"<a?:(?P<name>\w{2,32}):\d{15,20}>")
_COMMAND = re.compile(r"</(?P<name>[^:>]{1,100}):\d{15,20}>")
_MARKUP = re.compile(r"<[^<>\n]*\d{9}[^<>\n]*>|https?://\S+|@everyone|@here|.\ufe0f\u20e3?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_a-z]|(?<!\S)--\d", re.IGNORECASE)
_KINDS = {discord.MessageType.default, discord.MessageType.reply}


class Meaning(StrEnum):
    """What somebody's message means to the bot."""

    REQUEST = "request"
    WORDLESS = "wordless"  # a request, but for the words
    QUESTION = "question"  # the bot was mentioned, and no more
    UNREADABLE = "unreadable"  # a request, or not: Discord does not deliver what it says or what it answers
    REMARK = "remark"  # it answers a message of the bot that shows no picture, perhaps one that tells of a failure
    GONE = "gone"  # it answers a message that is no longer there


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message that concerns the bot.

    Attributes:
        words: without the mention of the bot; other mentions as names.
        subject: the message with the pictures to work from, if it answers one; or what is remarked on.
    """

    meaning: Meaning
    message: discord.Message
    words: str
    subject: discord.Message | None = None


def is_from_a_person(message: discord.Message) -> bool:
    """Whether somebody said it: no bot, no webhook, and not Discord itself."""
    return not message.author.bot and message.webhook_id is None and message.type in _KINDS


def answered_id(message: discord.Message) -> int | None:
    """The message that this one answers; a forwarded message answers none."""
    if message.type is not discord.MessageType.reply or message.reference is None:
        return None
    return message.reference.message_id


def is_to_be_read(message: discord.Message, bot_id: int) -> bool:
    """Whether the message may concern the bot at all, so far as it can be told without the message it answers."""
    if not is_from_a_person(message):
        return False
    return is_direct(message) or is_mentioned(message, bot_id) or answered_id(message) is not None


def is_direct(message: discord.Message) -> bool:
    """Whether it was said to the bot alone; a server that is not known yet has no `guild` either."""
    return isinstance(message.channel, discord.DMChannel)


def is_mentioned(message: discord.Message, bot_id: int) -> bool:
    """Whether the text itself addresses the bot; a ping that comes with answering does not count."""
    return f"<@{bot_id}>" in message.content or f"<@!{bot_id}>" in message.content


def hear(message: discord.Message, answered: Answered | None, bot_id: int) -> Heard | None:
    """What a message of a person means; None: it does not concern the bot.

    Args:
        message: somebody's.
        answered: the message that it answers; None: it answers none, or that cannot be told.
        bot_id: the bot's account.
    """
    addressed = is_direct(message) or is_mentioned(message, bot_id)
    if isinstance(answered, discord.DeletedReferencedMessage) or (answered is None and answered_id(message)):
        pinged = any(user.id == bot_id for user in message.mentions)
        meaning = Meaning.UNREADABLE if answered is None else Meaning.GONE
        return _heard(meaning, message, bot_id) if addressed or pinged else None
    if answered is not None and pictures_of(answered, None, 0.0):
        return _about_pictures(message, answered, bot_id, addressed=addressed)
    if not addressed:
        return _about_words(message, answered, bot_id)
    if answered is not None and not is_direct(message) and not _shows_anything(answered):
        return _heard(Meaning.UNREADABLE, message, bot_id)
    return _said(message, None, bot_id)


def words_of(message: discord.Message, bot_id: int) -> str:
    """The text without the mention of the bot, and with everything else that has an id by its name."""
    leading = re.match(rf"\s*<@!?{bot_id}>\s*[,:;.!]*", message.content)
    text = message.content[leading.end() :] if leading else message.content
    text = re.sub(rf"[ \t]*<@!?{bot_id}>[ \t]*", " ", text)
    text = _EMOJI.sub(lambda match: f":{match['name']}:", text)
    text = _COMMAND.sub(lambda match: f"/{match['name']}", text)
    return _MENTION.sub(lambda match: _name(message, match["kind"], int(match["id"])), text).strip()


def says_something(message: discord.Message) -> bool:
    """Whether there is a word in it: more than emoji, numbers, smileys, links and mentions. A flag is a word."""
    return _WORD.search(_MARKUP.sub(" ", message.content)) is not None


def _about_pictures(
    message: discord.Message, answered: discord.Message, bot_id: int, *, addressed: bool
) -> Heard | None:
    """An answer to pictures: the bot's own may be answered without a mention."""
    if says_something(message) or message.attachments or is_mentioned(message, bot_id):
        return _said(message, answered, bot_id) if addressed or answered.author.id == bot_id else None
    if answered.author.id != bot_id or _shows_anything(message) or is_direct(message):
        return None  # a reaction, such as an emoji, a sticker or the link of a GIF
    return _heard(Meaning.UNREADABLE, message, bot_id)


def _about_words(message: discord.Message, answered: discord.Message | None, bot_id: int) -> Heard | None:
    """An answer without a mention to a message that shows no picture; only the bot's own concern it."""
    if answered is None or answered.author.id != bot_id or not says_something(message):
        return None
    return _heard(Meaning.REMARK, message, bot_id, answered)


def _said(message: discord.Message, subject: discord.Message | None, bot_id: int) -> Heard:
    if says_something(message):
        return _heard(Meaning.REQUEST, message, bot_id, subject)
    if subject is None and message.message_snapshots and pictures_of(message, None, 0.0):
        return _heard(Meaning.WORDLESS, message, bot_id, message)  # forwarded; it can be answered with words
    if subject is not None or message.attachments:
        return _heard(Meaning.WORDLESS, message, bot_id, subject)
    return _heard(Meaning.QUESTION, message, bot_id)


def _heard(meaning: Meaning, message: discord.Message, bot_id: int, subject: discord.Message | None = None) -> Heard:
    return Heard(meaning=meaning, message=message, words=words_of(message, bot_id), subject=subject)


def _shows_anything(message: discord.Message) -> bool:
    """Whether anything of the message was delivered."""
    said = message.content, message.attachments, message.embeds, message.components
    return any((*said, message.stickers, message.poll, message.message_snapshots))


def _name(message: discord.Message, kind: str, id_: int) -> str:
    """How clients show a mention."""
    if kind == "#":
        channel = message.guild.get_channel_or_thread(id_) if message.guild else None
        return f"#{channel.name}" if channel else "#channel"
    if kind == "@&":
        role = message.guild.get_role(id_) if message.guild else None
        return role.name if role else "role"
    person = discord.utils.get(message.mentions, id=id_)
    return person.display_name if person else "someone"
