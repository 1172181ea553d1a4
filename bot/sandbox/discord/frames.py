"""Reading what a gateway client sent; whatever cannot be read ends the connection with the code for it.

Source: Discord's API documentation, "Gateway" (a client's frame has at most 4096 bytes) and "Opcodes and Status Codes".
"""

import json
from typing import Any, cast

from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.protocol import CloseCode, ConnectionRefused, Opcode

MAX_FRAME_BYTES = 4096

_FROM_CLIENTS = {
    Opcode.HEARTBEAT,
    Opcode.IDENTIFY,
    Opcode.PRESENCE_UPDATE,
    Opcode.VOICE_STATE_UPDATE,
    Opcode.RESUME,
    Opcode.REQUEST_GUILD_MEMBERS,
    Opcode.REQUEST_SOUNDBOARD_SOUNDS,
}


def parse(raw: str | bytes) -> tuple[Opcode, Any]:
    """The opcode and the data of a client's frame.

    Raises:
        ConnectionRefused: it is too large, no JSON object, or has an opcode that no client sends.
    """
    encoded = raw.encode() if isinstance(raw, str) else raw
    if len(encoded) > MAX_FRAME_BYTES:
        raise ConnectionRefused(CloseCode.DECODE_ERROR, "The payload is too large.")
    try:
        frame = as_object(json.loads(encoded))
    except ValueError:
        raise ConnectionRefused(CloseCode.DECODE_ERROR, "Error while decoding payload.") from None
    op = frame.get("op")
    if not isinstance(op, int) or op not in _FROM_CLIENTS:
        raise ConnectionRefused(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")
    return Opcode(op), frame.get("d")


def as_object(value: object) -> Json:
    """The value, which must be a JSON object.

    Raises:
        ConnectionRefused: it is something else.
    """
    if not isinstance(value, dict):
        raise ConnectionRefused(CloseCode.DECODE_ERROR, "Error while decoding payload.")
    return cast("Json", value)


def parse_shard(value: object) -> tuple[int, int]:
    """A shard's index and the number of shards, as IDENTIFY carries them.

    Raises:
        ConnectionRefused: they make no sense.
    """
    match value:
        case [int(index), int(count)] if 0 <= index < count:
            return index, count
        case _:
            raise ConnectionRefused(CloseCode.INVALID_SHARD, "Invalid shard.")
