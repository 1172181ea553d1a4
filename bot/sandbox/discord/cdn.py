"""The CDN: signed-looking addresses of files, and the handler that serves them.

An address ends in `?ex=<hex>&is=<hex>&hm=<hex>&`: expiry and issue time in unix seconds, and a MAC over path and times.
Source: Discord's API documentation, "Signed Attachment CDN URLs".
"""

import hashlib
import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bot.sandbox.discord.conversation import Attachment
    from bot.sandbox.discord.world import World

VALID_FOR = 24 * 60 * 60  # seconds
GONE = "This content is no longer available."  # the body Discord answers with


def signed_url(world: "World", attachment: "Attachment") -> str:
    """An address of the file that is valid for a day from now."""
    issued = int(world.now())
    path = _path(attachment)
    expires_hex, issued_hex = f"{issued + VALID_FOR:x}", f"{issued:x}"
    mac = _mac(world, path, expires_hex, issued_hex)
    return f"{world.cdn_url}{path}?ex={expires_hex}&is={issued_hex}&hm={mac}&"


def attachment_at(world: "World", url: str) -> "Attachment | None":
    """The file that an address of the CDN names, whether or not it is valid still."""
    prefix, _, rest = url.partition("attachments/")
    parts = rest.split("/")
    if not prefix.startswith(world.cdn_url) or len(parts) != 3:
        return None
    return world.attachments.get(parts[1])


def _path(attachment: "Attachment") -> str:
    folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
    return f"/{folder}/{attachment.channel_id}/{attachment.id}/{attachment.filename}"


def _mac(world: "World", path: str, expires: str, issued: str) -> str:
    return hmac.new(world.cdn_key, f"{path}|{expires}|{issued}".encode(), hashlib.sha256).hexdigest()


class Cdn:
    """Serves the world's files to whoever has a valid address."""

    def __init__(self, world: "World") -> None:
        self._world = world

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with the file; 404 if the address is forged, expired, or the file deleted."""
        attachment = self._world.attachments.get(request.match_info["attachment_id"])
        if attachment is None or not self._is_valid(request, attachment):
            return web.Response(status=HTTPStatus.NOT_FOUND, text=GONE)
        content_type, _, charset = attachment.content_type.partition("; charset=")
        return web.Response(body=attachment.content, content_type=content_type, charset=charset or None)

    def _is_valid(self, request: web.Request, attachment: "Attachment") -> bool:
        path = _path(attachment)
        if request.path.removeprefix("/cdn") != path:
            return False
        expires, issued = request.query.get("ex", ""), request.query.get("is", "")
        if not hmac.compare_digest(request.query.get("hm", ""), _mac(self._world, path, expires, issued)):
            return False
        return int(expires, 16) > self._world.now()
