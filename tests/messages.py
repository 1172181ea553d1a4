"""Messages: as discord.py reads them, made of the payloads that Discord sends; and as people say them on the stage."""

import asyncio
from typing import Any, cast

import discord

from bot.jobs.job import Job
from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.people import Person, SeenMessage
from bot.texts import Text
from bot.ui import render
from tests.stage import Stage

GUILD_ID = 300000000000000001
CHANNEL_ID = 300000000000000002
ROLE_ID = 300000000000000003
BOT_ID = 200000000000000001
ADA_ID = 200000000000000002
BOB_ID = 200000000000000003
MESSAGE_ID = 400000000000000001

_NAMES = {BOT_ID: "easel", ADA_ID: "ada", BOB_ID: "bob"}


def user(id_: int, **changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {"id": str(id_), "username": _NAMES[id_], "discriminator": "0", "avatar": None}
    return {**payload, "bot": id_ == BOT_ID, **changes}


def file(filename: str = "cat.png", content_type: str | None = "image/png", **changes: Any) -> dict[str, Any]:
    """An attachment."""
    url = f"https://cdn.example/1/2/{filename}"
    payload: dict[str, Any] = {"id": "7", "filename": filename, "size": 1000, "url": url, "proxy_url": url, "flags": 0}
    if content_type is not None:
        payload["content_type"] = content_type
    return {**payload, "width": 640, "height": 480, **changes}


def media(filename: str = "cat.png", **changes: Any) -> dict[str, Any]:
    """What a component shows."""
    url = f"https://cdn.example/9/{filename}"
    proxy = f"https://media.example/9/{filename}"
    return {"url": url, "proxy_url": proxy, "width": 640, "height": 480, "content_type": "image/png", **changes}


def payload(author: int = ADA_ID, content: str = "", **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": str(MESSAGE_ID),
        "channel_id": str(CHANNEL_ID),
        "guild_id": str(GUILD_ID),
        "author": user(author),
        "content": content,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user(id_) for id_ in _NAMES if f"<@{id_}>" in content or f"<@!{id_}>" in content],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        "components": [],
    }
    return {**said, **changes}


def snapshot(*attachments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a forward carries of the message that was forwarded."""
    whole = payload(attachments=list(attachments), **changes)
    names = ("type", "content", "mentions", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp")
    return {"message": {name: whole[name] for name in (*names, "flags", "components")}}


def message(author: int = ADA_ID, content: str = "", *, direct: bool = False, **changes: Any) -> discord.Message:
    """A message in the channel, or a direct one."""
    state = discord.Client(intents=discord.Intents(guilds=True))._connection
    said = payload(author, content, **changes)
    if direct:
        del said["guild_id"]
        channel: Any = discord.DMChannel._from_message(state, CHANNEL_ID)
    else:
        guild = state._add_guild_from_data(cast("Any", _GUILD))
        channel = guild.get_channel(CHANNEL_ID)
    return discord.Message(state=state, channel=channel, data=cast("Any", said))


def reply(
    to: discord.Message, author: int = ADA_ID, content: str = "", *, ping: bool = True, **changes: Any
) -> discord.Message:
    """An answer to a message, as Discord tells of it."""
    reference = {"type": 0, "message_id": str(to.id), "channel_id": str(CHANNEL_ID), "guild_id": str(GUILD_ID)}
    said: dict[str, Any] = {"type": 19, "message_reference": reference}
    if ping:
        said["mentions"] = [user(to.author.id)]
    return message(author, content, **{**said, **changes})


_GUILD: dict[str, Any] = {
    "id": str(GUILD_ID),
    "name": "Painters",
    "owner_id": str(ADA_ID),
    "roles": [
        {
            "id": str(role_id),
            "name": name,
            "color": 0,
            "hoist": False,
            "position": 0,
            "permissions": "0",
            "managed": False,
            "mentionable": False,
        }
        for role_id, name in ((GUILD_ID, "@everyone"), (ROLE_ID, "Artists"))
    ],
    "emojis": [],
    "features": [],
    "members": [],
    "threads": [],
    "channels": [
        {
            "id": str(CHANNEL_ID),
            "type": 0,
            "name": "gallery",
            "position": 0,
            "permission_overwrites": [],
            "nsfw": False,
            "parent_id": None,
        }
    ],
}


# On the stage


def sentence(key: str, **values: str | int) -> str:
    return render.sentence(Text(key, values))


def submits(stage: Stage) -> list[dict[str, object]]:
    """What the gateway was asked for."""
    return [exchange.body for exchange in stage.record.matching("POST", "/images/generations")]


HINT = sentence("words.hint", command=str(Text("menu.edit")))
"""What points to the menu of the picture."""


async def painted(stage: Stage, person: Person, prompt: str = "a lighthouse", **options: str) -> SeenMessage:
    """A picture of the bot's in the channel."""
    before = person.sees()
    await person.command("imagine", prompt=prompt, **options)
    result = await stage.result(person, after=before[-1] if before else None)
    await stage.tidied(await stage.job_of(result))
    return result


def forwards(stage: Stage, person: Person, shown: SeenMessage) -> SeenMessage:
    """Let a person forward a message to where they are."""
    original = stage.world.message(shown.channel_id, shown.id)
    number, now = stage.world.snowflake(), stage.world.now()
    stage.world.post(Message(id=number, channel=person.channel, author=person.user, created_at=now, forwards=original))
    return person.sees()[-1]


async def answered(stage: Stage, person: Person, message: SeenMessage) -> SeenMessage:
    """What the bot replies to a message, once the person sees it."""
    return await person.waits_for(lambda seen: seen.author == stage.bot_name and seen.reply_to == message.id)


async def outcome_of(stage: Stage, person: Person, message: SeenMessage) -> tuple[SeenMessage, Job]:
    """The picture that a request in words led to, with its job."""
    result = await stage.result(person, after=message)
    job = await stage.tidied(await stage.job_of(result))
    return result, job


async def nothing_happens(stage: Stage, person: Person) -> None:
    """Give the bot time, and see that it neither spends nor says anything."""
    seen, spent = len(person.sees()), len(stage.gateway.tasks)
    await stage.settled()
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert len(person.sees()) == seen, [str(message) for message in person.sees()]
    assert len(stage.gateway.tasks) == spent


async def until_written(stage: Stage, job: Job) -> Job:
    """Wait until the job's progress message is written down."""
    return await stage.written_so(job, lambda job: job.response_message_id)
