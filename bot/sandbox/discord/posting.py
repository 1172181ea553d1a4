"""From a form to a message: composing and revising, with files, references and mentions.

Neither tells anyone: the caller sets what surrounds the message and then lets the world post it or report the edit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.discord.components import complete, media_of, walk
from bot.sandbox.discord.conversation import (
    DEFAULT,
    EPHEMERAL,
    IS_COMPONENTS_V2,
    REPLY,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Attachment,
    Interaction,
    Mentions,
    Message,
)
from bot.sandbox.discord.entities import MEBIBYTE, Channel, Json, User
from bot.sandbox.discord.files import stored_name
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.media import SCHEME
from bot.sandbox.discord.mentions import displayed_text, find_mentions
from bot.sandbox.discord.refusals import FormErrors, Path, too_large, too_many_files
from bot.sandbox.discord.rules import MOST_FILES, check_message, check_not_empty, checked_embeds
from bot.sandbox.discord.world import World
from bot.sandbox.record import UploadedFile

SETTABLE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2
REQUEST_LIMIT = 25 * MEBIBYTE  # bytes of all files of one request, unless one file alone may have more

_FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A message form as it arrived: the JSON object, its place in the request, its files, and their limit in bytes."""

    fields: Any
    files: Sequence[UploadedFile] = ()
    limit: int
    path: Path = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What surrounds a new message: where it goes, who alone sees it, what it belongs to or answers."""

    channel: Channel
    interaction: Interaction | None = None
    visible_to: User | None = None
    type: int = DEFAULT
    answered: Message | None = None
    keeps_embeds: bool = True


@dataclass(frozen=True, kw_only=True)
class _PlannedFile:
    """A file of the message to be: one that it keeps, or one that was uploaded."""

    filename: str
    description: str | None
    kept: Attachment | None = None
    content: bytes = b""


def compose(world: World, upload: Upload, setting: Setting) -> Message:
    """The message that a form describes, by the bot; not posted yet.

    Raises:
        Refused: it is no message that Discord would take.
    """
    fields = _checked(upload)
    message = Message(
        id=world.snowflake(),
        channel=setting.channel,
        author=world.application.bot,
        created_at=world.now(),
        content=(fields.get("content") or "").strip(),
        type=REPLY if setting.answered else setting.type,
        flags=int(fields.get("flags") or 0) & SETTABLE_FLAGS | (EPHEMERAL if setting.visible_to else 0),
        embeds=checked_embeds(fields.get("embeds") or []) if setting.keeps_embeds else [],
        components=complete(fields.get("components") or []),
        nonce=fields.get("nonce"),
        reply_to=setting.answered.id if setting.answered else None,
        interaction=setting.interaction,
        visible_to=setting.visible_to,
    )
    planned = _plan_files(message, fields, upload)
    _check_references(message, planned, upload.path)
    check_not_empty(message, files=len(planned))
    message.attachments = [_stored(world, message, file) for file in planned]
    message.mentions = _mentions(message, fields, setting.answered)
    return message


def revise(world: World, message: Message, upload: Upload) -> None:
    """Change a message as a form says; what the form leaves out stays. Nobody is told yet.

    Raises:
        Refused: it would be no message that Discord would take; then nothing has changed.
    """
    fields = _checked(upload, existing=message)
    changed = replace(message, flags=message.flags | int(fields.get("flags") or 0) & SETTABLE_FLAGS)
    if "content" in fields:
        changed.content = (fields["content"] or "").strip()
    if "embeds" in fields:
        changed.embeds = checked_embeds(fields["embeds"] or [])
    if "components" in fields:
        changed.components = complete(fields["components"] or [])
    planned = _plan_files(message, fields, upload)
    _check_references(changed, planned, upload.path)
    check_not_empty(changed, files=len(planned))
    changed.attachments = [_stored(world, message, file) for file in planned]
    for attachment in message.attachments:
        if attachment not in changed.attachments:
            del world.attachments[attachment.id]
    if fields.keys() & {"content", "components", "allowed_mentions"}:
        answered = world.message(message.channel.id, message.reply_to) if message.reply_to else None
        changed.mentions = _mentions(changed, fields, answered)
    vars(message).update(vars(changed))


def _checked(upload: Upload, existing: Message | None = None) -> Json:
    form = Form(upload.fields, FormErrors(), upload.path)
    check_message(form, existing)
    if len(upload.files) > MOST_FILES:
        raise too_many_files()
    sizes = [len(file.data) for file in upload.files]
    if any(size > upload.limit for size in sizes) or sum(sizes) > max(REQUEST_LIMIT, upload.limit):
        raise too_large()
    return form.fields


def _mentions(message: Message, fields: Json, answered: Message | None) -> Mentions:
    text = displayed_text(message.content, message.components)
    allowed = fields.get("allowed_mentions")
    return find_mentions(message.channel, message.author, text, allowed=allowed, answered=answered)


def _plan_files(message: Message, fields: Json, upload: Upload) -> list[_PlannedFile]:
    """The files the message shall have: those `attachments` names, by its own ids or by n of `files[n]`.

    Without `attachments`, uploaded files take the place of all others (so it is since v10 of the API).
    """
    uploaded = {_number(file, position): file for position, file in enumerate(upload.files)}
    listed: list[Json] | None = fields.get("attachments")
    if listed is None and not uploaded:
        return [_kept(attachment, {}) for attachment in message.attachments]
    if listed is None:
        listed = [{"id": number} for number in uploaded]
    kept = {attachment.id: attachment for attachment in message.attachments}
    planned: list[_PlannedFile] = []
    errors = FormErrors()
    for index, entry in enumerate(listed):
        given_id = str(entry["id"])
        if given_id in kept:
            planned.append(_kept(kept[given_id], entry))
        elif given_id in uploaded:
            planned.append(_new(uploaded[given_id], entry))
        else:
            errors.add((*upload.path, "attachments", index), "ATTACHMENT_NOT_FOUND", "Attachment data not found")
    errors.raise_if_any()
    return planned


def _number(file: UploadedFile, position: int) -> str:
    named = _FILE_FIELD.fullmatch(file.field)
    return str(int(named[1])) if named else str(position)


def _kept(attachment: Attachment, entry: Json) -> _PlannedFile:
    description = entry.get("description", attachment.description)
    return _PlannedFile(filename=attachment.filename, description=description, kept=attachment)


def _new(file: UploadedFile, entry: Json) -> _PlannedFile:
    return _PlannedFile(
        filename=stored_name(entry.get("filename") or file.filename),
        description=entry.get("description"),
        content=file.data,
    )


def _stored(world: World, message: Message, file: _PlannedFile) -> Attachment:
    if file.kept is not None:
        file.kept.description = file.description
        return file.kept
    return world.upload(
        message.channel, file.filename, file.content, description=file.description, ephemeral=message.ephemeral
    )


def _check_references(message: Message, planned: Sequence[_PlannedFile], path: Path) -> None:
    """Check that every `attachment://` of a component names a file of the message."""
    names = {file.filename for file in planned}
    errors = FormErrors()
    for component in walk(message.components):
        for media in media_of(component):
            url = str(media["url"])
            if url.startswith(SCHEME) and stored_name(url.removeprefix(SCHEME)) not in names:
                errors.add(
                    (*path, "components"),
                    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                    f"The referenced attachment {url} was not found",
                )
    errors.raise_if_any()
