"""What is said and done in the stand-in's Discord: files, messages, commands and their uses. Plain data."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.discord.entities import USER_UPLOAD_LIMIT, Channel, Guild, Json, User
from bot.sandbox.discord.permissions import EVERYONE, Permission

SLASH_COMMAND, USER_COMMAND, MESSAGE_COMMAND = 1, 2, 3  # command types
PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 1, 2, 3, 4, 5  # interaction types
DEFAULT, REPLY, SLASH_RESPONSE, CONTEXT_MENU_RESPONSE = 0, 19, 20, 23  # message types
SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12  # message flags
EPHEMERAL, LOADING, HAS_SNAPSHOT, IS_COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 14, 1 << 15


@dataclass(kw_only=True, eq=False)
class Attachment:
    """A file on the CDN. `ephemeral` files belong to an interaction; `width` and `height` are those of a picture."""

    id: str
    channel_id: str
    filename: str
    content: bytes = field(repr=False)
    content_type: str
    description: str | None = None
    ephemeral: bool = False
    width: int | None = None
    height: int | None = None

    @property
    def spoiler(self) -> bool:
        """Whether clients hide it until it is clicked."""
        return self.filename.startswith("SPOILER_")


@dataclass(kw_only=True)
class Mentions:
    """Whom a message notifies: ids of accounts and roles, and everyone."""

    users: list[str] = field(default_factory=list[str])
    roles: list[str] = field(default_factory=list[str])
    everyone: bool = False


@dataclass(kw_only=True, eq=False)
class Message:
    """A message. Times are unix seconds; `visible_to` is set on an ephemeral one.

    `attachments` are all its files; those that a V2 component uses are shown in the component only. `components` keep
    their `attachment://` references: addresses are made when a payload is.
    """

    id: str
    channel: Channel = field(repr=False)
    author: User
    created_at: float
    content: str = ""
    type: int = 0
    flags: int = 0
    embeds: list[Json] = field(default_factory=list[Json], repr=False)
    components: list[Json] = field(default_factory=list[Json], repr=False)
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    mentions: Mentions = field(default_factory=Mentions)
    edited_at: float | None = None
    nonce: str | int | None = None
    reply_to: str | None = None  # the id of the message it answers
    forwards: "Message | None" = field(default=None, repr=False)
    interaction: "Interaction | None" = field(default=None, repr=False)
    visible_to: User | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether one account alone sees it."""
        return self.visible_to is not None


@dataclass(kw_only=True, eq=False)
class Command:
    """A registered command: `definition` is what the bot sent, with Discord's defaults filled in."""

    id: str
    version: str
    guild_id: str | None
    definition: Json

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.definition["name"])

    @property
    def type(self) -> int:
        """1 slash, 2 on a user, 3 on a message."""
        return int(self.definition["type"])


@dataclass(kw_only=True, eq=False)
class Interaction:
    """One use of the bot by a person, and what the bot made of it.

    Attributes:
        type: 2 command, 3 component, 4 autocomplete, 5 modal submit.
        data: the `data` of INTERACTION_CREATE.
        message: the message whose component was used.
        owners: `authorizing_integration_owners`: "0" the server's id, "1" the account's id.
        context: 0 in a server, 1 in the bot's direct channel, 2 in another private channel.
        acknowledged: the callback type that acknowledged it.
        loading: whether "… is thinking" still stands; deferred with 5 and not filled yet.
        modal: the modal that was opened (callback type 9).
        choices: the suggestions that were given (callback type 8).
    """

    id: str
    token: str
    type: int
    user: User
    channel: Channel = field(repr=False)
    guild: Guild | None = field(default=None, repr=False)
    created_at: float
    data: Json = field(default_factory=dict[str, Any], repr=False)
    message: Message | None = field(default=None, repr=False)
    owners: dict[str, str] = field(default_factory=dict[str, str])
    context: int = 0
    app_permissions: Permission = EVERYONE
    attachment_size_limit: int = USER_UPLOAD_LIMIT
    acknowledged: int | None = None
    loading: bool = False
    response_message_id: str | None = None
    followup_ids: list[str] = field(default_factory=list[str])
    followups_sent: int = 0
    modal: Json | None = field(default=None, repr=False)
    choices: list[Json] | None = field(default=None, repr=False)
