"""`attachment://name` in components and embeds: resolved to addresses, and what they use listed nowhere else.

Source: Discord's API documentation, "Uploading Files" and "Unfurled Media Item".
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.sandbox.discord.cdn import attachment_at, signed_url
from bot.sandbox.discord.components import FILE, replace_children, replace_media
from bot.sandbox.discord.conversation import Attachment
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.files import stored_name

if TYPE_CHECKING:
    from bot.sandbox.discord.world import World

SCHEME = "attachment://"
EMBED_PICTURES = ("image", "thumbnail")


class Shown:
    """The files of one message, while its payload is made."""

    def __init__(self, world: "World", attachments: Sequence[Attachment]) -> None:
        self._world = world
        self._by_name = {attachment.filename: attachment for attachment in attachments}
        self._used: set[str] = set()

    def used(self, attachment: Attachment) -> bool:
        """Whether a component or an embed shows the file."""
        return attachment.id in self._used

    def components(self, components: Sequence[Json]) -> list[Json]:
        """The components with addresses for references."""
        return [self._component(component) for component in components]

    def embeds(self, embeds: Sequence[Json]) -> list[Json]:
        """The embeds with addresses for references."""
        return [
            {**embed, **{key: self._picture(embed[key]) for key in EMBED_PICTURES if embed.get(key)}}
            for embed in embeds
        ]

    def _component(self, component: Json) -> Json:
        shown = replace_media(replace_children(component, self._component), self._media)
        if component["type"] == FILE:
            attachment = self._find(component["file"]["url"])
            shown["name"] = attachment.filename if attachment else None
            shown["size"] = len(attachment.content) if attachment else None
        return shown

    def _media(self, reference: Json) -> Json:
        attachment = self._find(reference["url"])
        if attachment is None:
            url = reference["url"]
            # Discord looks at what is elsewhere, too, and once; here, at its own files.
            if url not in self._world.looks and (known := attachment_at(self._world, url)):
                self._world.looks[url] = _look(known)
            look = self._world.looks.get(url, {})
            return {"id": self._world.application.id, "url": url, "proxy_url": url, **look}
        self._used.add(attachment.id)
        url = signed_url(self._world, attachment)
        shown: Json = {"id": attachment.id, "attachment_id": attachment.id, "url": url, "proxy_url": url}
        return {**shown, **_look(attachment)}

    def _picture(self, picture: Json) -> dict[str, Any]:
        attachment = self._find(picture["url"])
        if attachment is None:
            return dict(picture)
        self._used.add(attachment.id)
        url = signed_url(self._world, attachment)
        size = {} if attachment.width is None else {"width": attachment.width, "height": attachment.height}
        return {"url": url, "proxy_url": url, "content_type": attachment.content_type, **size}

    def _find(self, url: str) -> Attachment | None:
        return self._by_name.get(stored_name(url.removeprefix(SCHEME))) if url.startswith(SCHEME) else None


def _look(attachment: Attachment) -> Json:
    """What Discord says of a picture that it has looked at."""
    return {"width": attachment.width, "height": attachment.height, "content_type": attachment.content_type}
