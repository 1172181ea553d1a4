"""What the CDN says about a file: its name, its content type, and a picture's size in pixels."""

import io
import mimetypes
import re

from PIL import Image, UnidentifiedImageError

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def stored_name(filename: str) -> str:
    """The name Discord keeps: blanks become underscores, anything but ASCII letters, digits, `_`, `-`, `.` goes."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "", re.sub(r"\s", "_", filename)) or "unknown"


def content_type_of(filename: str, content: bytes) -> str:
    """The MIME type: of a picture by its first bytes, of anything else by its name."""
    for magic, content_type in _MAGIC:
        if content.startswith(magic):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed


def picture_size(content: bytes) -> tuple[int, int] | tuple[None, None]:
    """Width and height in pixels, read from the header; nothing if it cannot be read."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None, None
