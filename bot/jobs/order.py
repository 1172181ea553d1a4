"""What a person asks for, before it is a job: the request, the pictures to work from, and where it came from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from bot.toapis.schema import ImageRequest

_NEEDED_FOR = 900.0  # seconds that a copy must live on, since a busy gateway may keep a request waiting


class Route(StrEnum):
    """How an outcome reaches the person, in the order in which the ways are tried."""

    CHANNEL = "channel"  # an ordinary message in the channel of the request
    RESPONSE = "response"  # an edit of the interaction's own response
    DIRECT = "direct"  # a direct message


class Origin(StrEnum):
    """What a request was made with."""

    INTERACTION = "interaction"  # a command, a button or a form
    MESSAGE = "message"  # words: an answer to a picture, a mention, a direct message


class Role(StrEnum):
    """What a reference is for."""

    PICTURE = "picture"
    MASK = "mask"  # marks what of the first picture may change


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What the gateway has of a reference.

    Attributes:
        until: Unix seconds until which it surely lives.
        width, height: pixels, upright.
        reduced: whether it has lost pixels or quality because the picture was too large.
    """

    url: str
    until: float
    width: int
    height: int
    reduced: bool

    def lives_at(self, now: float) -> bool:
        """Whether it may be used in a request that is made at `now` (Unix seconds)."""
        return now + _NEEDED_FOR < self.until


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A picture that someone attached or that was painted before, and its copy at the gateway.

    Attributes:
        name: what the person calls it, e.g. "image2".
        source_url: where Discord serves it.
        size: bytes, as Discord says.
        width, height: pixels, as Discord says, and as the gateway has it once it is there; None: not known.
        reduced: whether the gateway's copy has lost pixels or quality because the picture was too large.
        uploaded_url: the gateway's copy, if there is one.
        uploaded_until: Unix seconds until which that copy surely lives.
    """

    position: int
    name: str
    source_url: str
    filename: str
    size: int
    role: Role = Role.PICTURE
    width: int | None = None
    height: int | None = None
    reduced: bool = False
    uploaded_url: str | None = None
    uploaded_until: float | None = None

    def is_there(self, now: float) -> bool:
        """Whether the gateway has a copy that may be used in a request that is made at `now` (Unix seconds)."""
        return self.uploaded_url is not None and now + _NEEDED_FOR < (self.uploaded_until or 0.0)

    def to_json(self) -> dict[str, Any]:
        """For storage in a draft."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`; a key that another version wrote is left alone."""
        known = {each.name for each in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        values["role"] = Role(stored["role"])
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a request came from, and the ways back to it.

    Attributes:
        interaction_id: what the request was made with: the interaction, or the message that asked in words.
        origin: which of the two it is. A message has no token; what answers it is an ordinary message.
        token: the interaction's token; None once the job has ended.
        token_expires_at: Unix seconds; 15 minutes after the interaction.
        route: the first way to try.
        channel_limit: bytes per file in an ordinary message there.
        response_limit: bytes per file in an answer to the interaction.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    interaction_id: int
    application_id: int
    token: str | None = field(repr=False)
    token_expires_at: float
    private: bool
    route: Route
    channel_limit: int
    response_limit: int
    origin: Origin = Origin.INTERACTION


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a person asks for, checked but not yet accepted.

    Attributes:
        references: pictures in order, and perhaps a mask.
        parent: the job whose outcome it goes on from, if any.
        spoiler: whether the pictures are to be hidden until someone wants to see them.
    """

    place: Place
    request: ImageRequest
    references: tuple[Reference, ...] = ()
    parent: str | None = None
    spoiler: bool = False

    @property
    def pictures(self) -> tuple[Reference, ...]:
        """The references without the mask."""
        return pictures_among(self.references)

    @property
    def mask(self) -> Reference | None:
        """The mask, if there is one."""
        return mask_among(self.references)


def pictures_among(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """The references without a mask."""
    return tuple(reference for reference in references if reference.role is Role.PICTURE)


def mask_among(references: tuple[Reference, ...]) -> Reference | None:
    """The mask, if there is one."""
    return next((reference for reference in references if reference.role is Role.MASK), None)
