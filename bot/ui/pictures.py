"""The pictures of Discord's messages and commands, as references to work from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import discord

from bot.jobs.filenames import OwnFile
from bot.jobs.job import Job
from bot.jobs.order import Reference, Role
from bot.media import REFERENCE_BYTES, SOURCE_BYTES
from bot.texts import Text
from bot.toapis.catalog import MASK

_UNKNOWN_TYPE = "application/octet-stream"  # of a file whose name says nothing; its bytes may
_UNTOLD_SIZE = 10 * 1024 * 1024  # bytes, where Discord does not say
_HEX = re.compile(r"[0-9a-f]{1,16}")
_MOST_SIDE = 2**31  # pixels; more cannot be kept, either
_STILL_ALIVE = 1800.0  # seconds that an original must live on, since a request may wait before it is submitted


class _Attached(Protocol):
    """What Discord says of a file that somebody attached."""

    @property
    def url(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def content_type(self) -> str | None: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


class _Media(Protocol):
    """A picture that a component or an embed shows."""

    @property
    def url(self) -> str | None: ...
    @property
    def proxy_url(self) -> str | None: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


def as_reference(attachment: _Attached, position: int, name: str, role: Role = Role.PICTURE) -> Reference:
    """A file that somebody attached, as a reference of this name."""
    return Reference(
        position=position,
        name=name,
        source_url=attachment.url,
        filename=attachment.filename.encode("utf-8", "replace").decode(),  # JSON may carry half a character
        size=attachment.size,
        role=role,
        width=_side(attachment.width),
        height=_side(attachment.height),
    )


def _side(pixels: int | None) -> int | None:
    """Pixels that a picture may have."""
    return pixels if pixels is not None and 0 < pixels <= _MOST_SIDE else None


def attachment_problems(attachments: Mapping[str, _Attached]) -> Sequence[Text]:
    """What can be told from what Discord says of the files, before any is fetched; keys are what people call them."""
    problems: list[Text] = []
    for name, attachment in attachments.items():
        if attachment.size > SOURCE_BYTES:
            limit = f"{SOURCE_BYTES // 1024 // 1024} MiB"
            problems.append(Text("download.too_large", {"name": name, "limit": limit}))
        if not _may_be_a_picture(attachment):
            problems.append(Text("image.not_an_image", {"name": name}))
    return problems


def mask_problems(mask: discord.Attachment, pictures: Mapping[str, discord.Attachment]) -> Sequence[Text]:
    """What can be told of a mask from what Discord says, before it is fetched; its bytes are looked at later.

    Args:
        mask: the file.
        pictures: the other references in order, by what people call them; the mask belongs to the first.
    """
    if not pictures:
        return []  # `check` says so
    (first_name, first), *_ = pictures.items()
    problems: list[Text] = []
    if mask.size > MASK.max_bytes:
        problems.append(Text("download.too_large", {"name": "mask", "limit": f"{MASK.max_bytes // 1024 // 1024} MiB"}))
    if mask.content_type not in {None, _UNKNOWN_TYPE, MASK.content_type}:
        problems.append(Text("mask.not_png", {"name": "mask", "first": first_name}))
    elif mask.width and mask.height and first.width and first.height and not _match(mask, first):
        values = {"width": mask.width, "height": mask.height, "first_width": first.width, "first_height": first.height}
        problems.append(Text("mask.other_size", {"name": "mask", "first": first_name, **values}))
    return problems


def pictures_of(message: discord.Message, job: Job | None, now: float) -> tuple[Reference, ...]:
    """The pictures in a message, in order, named image1, image2 …; files that are no pictures are left out.

    Args:
        message: anybody's; what its components and embeds show counts, too, and what is forwarded with it.
        job: the job whose outcome it is, if it is one: its pictures are referenced by their originals at the gateway
            for as long as those live.
        now: Unix seconds.
    """
    found = [reference for part in _parts(message) for reference in _pictures_in(part)]
    return tuple(
        _by_original(replace(reference, position=position, name=f"image{position + 1}"), job, now)
        for position, reference in enumerate(found)
    )


def has_expired(reference: Reference, now: float) -> bool:
    """Whether the picture can surely not be fetched any more, and the gateway's copy of it is at its end, too.

    Discord's addresses tell when they end, which is about a day after they were given. Source: its API documentation,
    "Signed Attachment CDN URLs".
    """
    if has_copy(reference, now):
        return False
    (ends, *_) = parse_qs(urlsplit(reference.source_url).query).get("ex", [""])
    return _HEX.fullmatch(ends) is not None and int(ends, 16) <= now


def has_copy(reference: Reference, now: float) -> bool:
    """Whether the gateway has a copy that lives on long enough, whatever becomes of the picture at Discord."""
    return reference.uploaded_until is not None and reference.uploaded_until > now + _STILL_ALIVE


def is_spoiler(message: discord.Message) -> bool:
    """Whether any picture of the message is hidden until someone wants to see it."""
    return any(
        any(attachment.is_spoiler() for attachment in part.attachments) or any(map(_hides, part.components))
        for part in _parts(message)
    )


def job_named_in(message: discord.Message) -> str | None:
    """The job that the files of one of the bot's own messages are named after."""
    named = (job_of_file(attachment.filename) for attachment in message.attachments)
    return next(filter(None, named), None)


def job_of_file(filename: str) -> str | None:
    """The job that one of the bot's own files is named after; anybody may name a file so."""
    own = OwnFile.named(filename)
    return own.job_id if own is not None else None


def _match(mask: discord.Attachment, first: discord.Attachment) -> bool:
    # A photograph may be stored lying on its side, so either way round will do until it can be looked at.
    return {mask.width, mask.height} == {first.width, first.height}


def _may_be_a_picture(attachment: _Attached) -> bool:
    kind = attachment.content_type or _UNKNOWN_TYPE
    return kind.startswith("image/") or kind == _UNKNOWN_TYPE


def _parts(message: discord.Message) -> Iterator[discord.Message | discord.MessageSnapshot]:
    """The message, and the copy of another one that a forwarded message carries in place of anything of its own."""
    yield message
    yield from message.message_snapshots


def _pictures_in(part: discord.Message | discord.MessageSnapshot) -> Iterator[Reference]:
    yield from (as_reference(file, 0, "") for file in part.attachments if _may_be_a_picture(file))
    yield from (_shown(media) for component in part.components for media in _media_in(component))
    yield from (_shown(media) for embed in part.embeds for media in (embed.image, embed.thumbnail) if media.url)


def _media_in(component: object) -> Iterator[discord.UnfurledMediaItem]:
    """What a component shows, and what is in it."""
    if isinstance(component, discord.MediaGalleryComponent):
        yield from (item.media for item in component.items)
    elif isinstance(component, discord.ThumbnailComponent):
        yield component.media
    elif isinstance(component, discord.Container):
        for child in component.children:
            yield from _media_in(child)
    elif isinstance(component, discord.SectionComponent):
        yield from _media_in(component.accessory)


def _hides(component: object) -> bool:
    if isinstance(component, discord.MediaGalleryComponent):
        return any(item.spoiler for item in component.items)
    if isinstance(component, discord.Container):
        return component.spoiler or any(_hides(child) for child in component.children)
    if isinstance(component, discord.SectionComponent):
        return _hides(component.accessory)
    return isinstance(component, discord.ThumbnailComponent) and component.spoiler


def _shown(media: _Media) -> Reference:
    # Discord's own copy: the address in a message may be anybody's, and would learn of us.
    url = media.proxy_url or media.url or ""
    return Reference(
        position=0,
        name="",
        source_url=url,
        filename=PurePosixPath(urlsplit(url).path).name,
        size=_UNTOLD_SIZE,
        width=media.width or None,
        height=media.height or None,
    )


def _by_original(reference: Reference, job: Job | None, now: float) -> Reference:
    """The same picture, with the gateway's original as the copy that is there already.

    Only where the file is the original itself: what had to be made to fit Discord's limit may be too large to be one.
    """
    own = OwnFile.named(reference.filename)
    if job is None or own is None or own.job_id != job.id or own.fitted or reference.size > REFERENCE_BYTES:
        return reference
    if not 1 <= own.number <= len(job.originals) or job.originals[own.number - 1].until < now + _STILL_ALIVE:
        return reference
    original = job.originals[own.number - 1]
    return replace(reference, uploaded_url=original.url, uploaded_until=original.until)
