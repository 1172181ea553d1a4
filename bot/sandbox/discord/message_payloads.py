"""Messages and files as Discord writes them: the JSON objects of REST answers and gateway events.

Source: Discord's API documentation, "Message" (object tables of messages, attachments and interaction metadata).
"""

from typing import TYPE_CHECKING

from bot.sandbox.discord import media
from bot.sandbox.discord.cdn import signed_url
from bot.sandbox.discord.conversation import (
    COMMAND,
    COMPONENT,
    HAS_SNAPSHOT,
    LOADING,
    MESSAGE_COMMAND,
    MODAL_SUBMIT,
    SUPPRESS_EMBEDS,
    Attachment,
    Interaction,
    Message,
)
from bot.sandbox.discord.entities import Channel, Json
from bot.sandbox.discord.payloads import partial_member_payload, timestamp, user_payload

if TYPE_CHECKING:
    from bot.sandbox.discord.world import World

_SNAPSHOT = (
    *("type", "content", "mentions", "mention_roles", "attachments", "embeds"),
    *("timestamp", "edited_timestamp", "flags", "components"),
)


def attachment_payload(world: "World", attachment: Attachment) -> Json:
    """A file, with an address made now."""
    url = signed_url(world, attachment)
    payload: Json = {
        "id": attachment.id,
        "filename": attachment.filename,
        "size": len(attachment.content),
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
        "flags": 1 << 3 if attachment.spoiler else 0,
    }
    if attachment.width is not None:
        payload |= {"width": attachment.width, "height": attachment.height}
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.ephemeral:
        payload["ephemeral"] = True
    return payload


def message_payload(
    world: "World",
    message: Message,
    *,
    for_gateway: bool = False,
    with_reply: bool = True,
    with_nonce: bool = False,
) -> Json:
    """A message.

    Args:
        world: where it was said.
        message: what was said.
        for_gateway: whether to add what only MESSAGE_CREATE and MESSAGE_UPDATE carry: server and member.
        with_reply: whether to add the message that it answers.
        with_nonce: whether to add the nonce, which only the answer to its creation and MESSAGE_CREATE carry.
    """
    channel = message.channel
    shown = media.Shown(world, message.attachments)
    # The order matters: what components and embeds use is listed nowhere else.
    components, embeds = shown.components(message.components), shown.embeds(message.embeds)
    interaction = message.interaction
    payload: Json = {
        "id": message.id,
        "channel_id": channel.id,
        "author": user_payload(message.author),
        "content": message.content,
        "timestamp": timestamp(message.created_at),
        "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
        "tts": False,
        "mention_everyone": message.mentions.everyone,
        "mentions": [_mention(world, channel, user_id, for_gateway) for user_id in message.mentions.users],
        "mention_roles": message.mentions.roles,
        "attachments": [attachment_payload(world, each) for each in message.attachments if not shown.used(each)],
        "pinned": False,
        "type": message.type,
        "embeds": [] if message.flags & SUPPRESS_EMBEDS else embeds,
        "flags": message.flags | (LOADING if interaction and is_loading(interaction, message) else 0),
        "components": components,
    }
    if with_nonce and message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.author is world.application.bot:
        payload["application_id"] = world.application.id
    if interaction is not None:
        payload |= {
            "webhook_id": world.application.id,
            "interaction_metadata": _interaction_metadata(interaction, message),
        }
    if message.reply_to is not None:
        payload |= _reference(world, message, with_reply=with_reply)
    if message.forwards is not None:
        payload |= _forwarded(world, message.forwards) | {"flags": payload["flags"] | HAS_SNAPSHOT}
    # Discord's gateway sends ephemeral messages as if they were direct ones (discord-api-docs issue 4557).
    if for_gateway and channel.guild is not None and not message.ephemeral:
        payload["guild_id"] = channel.guild.id
        if member := channel.guild.members.get(message.author.id):
            payload["member"] = partial_member_payload(member)
    return payload


def is_loading(interaction: Interaction, message: Message) -> bool:
    """Whether this message is the interaction's "… is thinking"."""
    return interaction.loading and interaction.response_message_id == message.id


def _mention(world: "World", channel: Channel, user_id: str, for_gateway: bool) -> Json:
    payload = user_payload(world.users[user_id])
    member = channel.guild.members.get(user_id) if channel.guild else None
    if for_gateway and member:
        payload["member"] = partial_member_payload(member)
    return payload


def _reference(world: "World", message: Message, *, with_reply: bool) -> Json:
    channel = message.channel
    reference: Json = {"type": 0, "message_id": message.reply_to, "channel_id": channel.id}
    if channel.guild is not None:
        reference["guild_id"] = channel.guild.id
    if not with_reply:
        return {"message_reference": reference}
    answered = world.message(channel.id, str(message.reply_to))
    return {
        "message_reference": reference,
        "referenced_message": None if answered is None else message_payload(world, answered, with_reply=False),
    }


def _forwarded(world: "World", original: Message) -> Json:
    """What a forward carries: the original as it was, without its author."""
    channel = original.channel
    reference: Json = {"type": 1, "message_id": original.id, "channel_id": channel.id}
    if channel.guild is not None:
        reference["guild_id"] = channel.guild.id
    payload = message_payload(world, original, with_reply=False)
    return {
        "message_reference": reference,
        "message_snapshots": [{"message": {key: payload[key] for key in _SNAPSHOT}}],
    }


def _interaction_metadata(interaction: Interaction, message: Message) -> Json:
    metadata: Json = {
        "id": interaction.id,
        "type": interaction.type,
        "user": user_payload(interaction.user),
        "authorizing_integration_owners": interaction.owners,
    }
    if interaction.response_message_id not in (None, message.id):
        metadata["original_response_message_id"] = interaction.response_message_id
    if interaction.type == COMPONENT and interaction.message:
        metadata["interacted_message_id"] = interaction.message.id
    if interaction.type == MODAL_SUBMIT:
        metadata["triggering_interaction_metadata"] = _triggering(interaction)
    if (
        interaction.type == COMMAND
        and "target_id" in interaction.data
        and interaction.data.get("type") == MESSAGE_COMMAND
    ):
        metadata["target_message_id"] = interaction.data["target_id"]
    return metadata


def _triggering(interaction: Interaction) -> Json:
    return {
        "id": interaction.id,
        "type": COMPONENT if interaction.message else COMMAND,
        "user": user_payload(interaction.user),
        "authorizing_integration_owners": interaction.owners,
        **({"interacted_message_id": interaction.message.id} if interaction.message else {}),
    }


def deletion_payload(message: Message) -> Json:
    """MESSAGE_DELETE."""
    payload: Json = {"id": message.id, "channel_id": message.channel.id}
    if message.channel.guild is not None and not message.ephemeral:
        payload["guild_id"] = message.channel.guild.id
    return payload
