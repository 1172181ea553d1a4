"""How gateway frames are packed: as text, or as one compressed stream per connection.

Source: Discord's API documentation, "Gateway", section "Compression" (zlib-stream ends every message with a sync flush,
zstd-stream flushes a block per message).
"""

import json
import sys
import zlib
from typing import Any, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd


class Encoder(Protocol):
    """Packs one connection's frames, in their order."""

    def encode(self, frame: dict[str, Any]) -> str | bytes:
        """The frame as it is sent: a str as a TEXT message, bytes as a BINARY one."""
        ...


class PlainEncoder:
    """JSON text."""

    def encode(self, frame: dict[str, Any]) -> str:
        """The frame as JSON."""
        return json.dumps(frame, separators=(",", ":"))


class ZlibEncoder:
    """One zlib stream for the whole connection; every message ends with the bytes 00 00 ff ff."""

    def __init__(self) -> None:
        self._plain = PlainEncoder()
        self._stream = zlib.compressobj()

    def encode(self, frame: dict[str, Any]) -> bytes:
        """The next piece of the stream; it decompresses to the frame's JSON."""
        return self._stream.compress(self._plain.encode(frame).encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


if sys.version_info >= (3, 14):

    class ZstdEncoder:
        """One zstd stream for the whole connection; every message ends a block."""

        def __init__(self) -> None:
            self._plain = PlainEncoder()
            self._stream = zstd.ZstdCompressor()

        def encode(self, frame: dict[str, Any]) -> bytes:
            """The next piece of the stream; it decompresses to the frame's JSON."""
            return self._stream.compress(self._plain.encode(frame).encode(), mode=zstd.ZstdCompressor.FLUSH_BLOCK)


def encoder(compress: str | None) -> Encoder | None:
    """A new encoder for the `compress` parameter of a connection; None if it cannot be served.

    zstd-stream needs Python 3.14, whose standard library has it: that is also when discord.py asks for it by itself.
    """
    if compress is None:
        return PlainEncoder()
    if compress == "zlib-stream":
        return ZlibEncoder()
    if sys.version_info >= (3, 14) and compress == "zstd-stream":
        return ZstdEncoder()
    return None
