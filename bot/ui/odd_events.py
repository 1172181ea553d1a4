"""Events of Discord's that its library cannot read: logged and left alone.

discord.py reads an event where it receives it, and what is raised there ends its connection for good, and the program
with it. One event of a new shape would stop the bot for everybody, and again after each start that it is replayed to.
"""

import logging
from collections.abc import Callable, MutableMapping
from functools import wraps
from typing import Any, TypeAlias

_log = logging.getLogger(__name__)

Parser: TypeAlias = Callable[[Any], Any]

_NEEDED = frozenset({"READY", "RESUMED"})  # without them there is no connection that could go on


def survive_odd_events(parsers: MutableMapping[str, Parser]) -> None:
    """Have each of the library's parsers, by the event's name, log what it cannot read instead of raising it."""
    for event, parser in parsers.items():
        if event not in _NEEDED:
            parsers[event] = _surviving(event, parser)


def _surviving(event: str, parser: Parser) -> Parser:
    @wraps(parser)
    def parse(data: Any) -> Any:
        try:
            return parser(data)
        except Exception:  # noqa: BLE001 - whatever it was, the next event may be understood
            _log.exception("an event %s of Discord's cannot be read and is left alone", event)

    return parse
