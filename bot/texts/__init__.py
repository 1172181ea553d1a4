"""Every sentence, label and description that a person reads, in one place: a key, and English with named values.

A `Text` is what travels through the program and into the database; it becomes words where it is shown. A translation is
another mapping with the same keys. No sentence is glued together from pieces, and none names an exception. The modules
of this package hold the words, area by area.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bot.texts.buttons import BUTTONS
from bot.texts.cancelling import CANCELLING
from bot.texts.choices import CHOICES
from bot.texts.commands import COMMANDS
from bot.texts.common import COMMON
from bot.texts.defaults import DEFAULTS
from bot.texts.details import DETAILS
from bot.texts.flags import FLAGS
from bot.texts.forms import FORMS
from bot.texts.gateway import GATEWAY
from bot.texts.jobs import JOBS
from bot.texts.operator import OPERATOR
from bot.texts.panels import PANELS
from bot.texts.pictures import PICTURES
from bot.texts.requests import REQUESTS
from bot.texts.results import RESULTS
from bot.texts.words import WORDS

_AREAS = (
    COMMON,
    COMMANDS,
    CHOICES,
    CANCELLING,
    REQUESTS,
    FLAGS,
    FORMS,
    GATEWAY,
    JOBS,
    RESULTS,
    BUTTONS,
    DETAILS,
    PANELS,
    DEFAULTS,
    OPERATOR,
    PICTURES,
    WORDS,
)

ENGLISH: Mapping[str, str] = {key: words for area in _AREAS for key, words in area.items()}


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for a person: `Text("download.gone", {"name": "image2"})`; `str()` makes it English."""

    key: str
    values: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float], hash=False)

    def __str__(self) -> str:
        """The sentence in English."""
        return ENGLISH[self.key].format_map(self.values)

    def to_json(self) -> dict[str, Any]:
        """For storage: `{"key": …, "values": {…}}`."""
        return {"key": self.key, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`; a key that a newer version dropped becomes "internal"."""
        key = str(stored["key"])
        return cls(key, stored["values"]) if key in ENGLISH else cls("internal")
