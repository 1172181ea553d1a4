"""People and places of the stand-in's Discord: plain data, with the few builders that a story needs. No HTTP.

Entities are compared by identity and changed in place; `World` holds them and reports what becomes visible.
What people and the bot do there is in `conversation.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.sandbox.discord.permissions import EVERYONE, NOTHING, Permission

if TYPE_CHECKING:
    from bot.sandbox.discord.world import World

Json: TypeAlias = dict[str, Any]

MEBIBYTE = 1024 * 1024
USER_UPLOAD_LIMIT = 10 * MEBIBYTE  # bytes per file of an account without Nitro, and in direct messages
GUILD_UPLOAD_LIMITS = (10 * MEBIBYTE, 10 * MEBIBYTE, 50 * MEBIBYTE, 100 * MEBIBYTE)  # bytes per file, by boost tier

TEXT_CHANNEL, DIRECT_CHANNEL, VOICE_CHANNEL, PUBLIC_THREAD, FORUM = 0, 1, 2, 11, 15  # channel types

MEMBERS_INTENT, PRESENCES_INTENT, MESSAGE_CONTENT_INTENT = 1 << 1, 1 << 8, 1 << 15  # the privileged ones


@dataclass(kw_only=True, eq=False)
class User:
    """An account. `upload_limit` is in bytes per file; `longest_message` in characters, 4000 with Nitro."""

    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"
    upload_limit: int = USER_UPLOAD_LIMIT
    longest_message: int = 2000
    accepts_direct_messages: bool = True

    @property
    def mention(self) -> str:
        """How a message addresses the account."""
        return f"<@{self.id}>"


@dataclass(kw_only=True, eq=False)
class Application:
    """The application under test.

    Attributes:
        privileged_intents: those switched on in the developer portal.
        for_accounts: whether people may add it to their own account, as the portal's Installation page says.
    """

    id: str
    name: str
    owner: User
    bot: User
    token: str
    description: str = ""
    verify_key: str = "0" * 64
    privileged_intents: int = 0
    for_accounts: bool = True

    @property
    def flags(self) -> int:
        """The public flags: one per privileged intent of an app in fewer than 100 servers, and the commands badge."""
        flags = 1 << 23
        for intent, limited in ((PRESENCES_INTENT, 13), (MEMBERS_INTENT, 15), (MESSAGE_CONTENT_INTENT, 19)):
            if self.privileged_intents & intent:
                flags |= 1 << limited
        return flags


@dataclass(kw_only=True, eq=False)
class Role:
    """A role of a server."""

    id: str
    name: str
    permissions: Permission
    position: int = 0
    managed: bool = False
    mentionable: bool = False


@dataclass(kw_only=True, eq=False)
class Member:
    """An account in a server. `joined_at` is in unix seconds, as is `timed_out_until`, until which it may only read."""

    user: User
    guild: "Guild" = field(repr=False)
    joined_at: float
    timed_out_until: float | None = None
    roles: list[Role] = field(default_factory=list[Role])
    nick: str | None = None


@dataclass(kw_only=True)
class Overwrite:
    """What a channel allows and denies one role or one member."""

    allow: Permission = NOTHING
    deny: Permission = NOTHING
    for_member: bool


@dataclass(kw_only=True, eq=False)
class Channel:
    """A place for messages: a text or voice channel, a thread, or a direct conversation (`guild` is None).

    A forum is none itself: its posts are threads.
    """

    id: str
    type: int
    world: "World" = field(repr=False)
    name: str = ""
    guild: "Guild | None" = field(default=None, repr=False)
    parent: "Channel | None" = field(default=None, repr=False)
    recipients: list[User] = field(default_factory=list[User])
    overwrites: dict[str, Overwrite] = field(default_factory=dict[str, Overwrite])
    position: int = 0
    created_at: float

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread, which has its parent's permissions."""
        return self.type == PUBLIC_THREAD

    @property
    def upload_limit(self) -> int:
        """Bytes per file that a bot may post here."""
        return self.guild.upload_limit if self.guild else USER_UPLOAD_LIMIT

    def allow(self, whom: User | Role, permissions: Permission) -> None:
        """Allow an account or a role more than the server does."""
        overwrite = self._overwrite(whom)
        overwrite.allow |= permissions
        overwrite.deny &= ~permissions
        self.world.announce_channel("CHANNEL_UPDATE", self)

    def deny(self, whom: User | Role, permissions: Permission) -> None:
        """Forbid an account or a role what the server allows."""
        overwrite = self._overwrite(whom)
        overwrite.deny |= permissions
        overwrite.allow &= ~permissions
        self.world.announce_channel("CHANNEL_UPDATE", self)

    def _overwrite(self, whom: User | Role) -> Overwrite:
        return self.overwrites.setdefault(whom.id, Overwrite(for_member=isinstance(whom, User)))


@dataclass(kw_only=True, eq=False)
class Guild:
    """A server. The bot is in it if `members` has its account; `tier` is the boost tier 0–3."""

    id: str
    name: str
    owner: User
    world: "World" = field(repr=False)
    tier: int = 0
    locale: str = "en-US"
    created_at: float
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])

    @property
    def everyone(self) -> Role:
        """The role that every member has."""
        return self.roles[self.id]

    @property
    def upload_limit(self) -> int:
        """Bytes per file, by boost tier."""
        return GUILD_UPLOAD_LIMITS[self.tier]

    def add_channel(self, name: str, kind: int = TEXT_CHANNEL) -> Channel:
        """A new channel, open to everyone."""
        return self._added(
            Channel(
                id=self.world.snowflake(),
                type=kind,
                world=self.world,
                name=name,
                guild=self,
                position=len(self.channels),
                created_at=self.world.now(),
            ),
            "CHANNEL_CREATE",
        )

    def add_thread(self, parent: Channel, name: str) -> Channel:
        """A new public thread in a text channel, or a post in a forum."""
        return self._added(
            Channel(
                id=self.world.snowflake(),
                type=PUBLIC_THREAD,
                world=self.world,
                name=name,
                guild=self,
                parent=parent,
                created_at=self.world.now(),
            ),
            "THREAD_CREATE",
        )

    def add_role(self, name: str, permissions: Permission = NOTHING, *, mentionable: bool = False) -> Role:
        """A new role."""
        role = Role(
            id=self.world.snowflake(),
            name=name,
            permissions=permissions,
            position=len(self.roles),
            mentionable=mentionable,
        )
        self.roles[role.id] = role
        self.world.announce_role(self, role)
        return role

    def join(self, user: User, roles: Sequence[Role] = ()) -> Member:
        """Make the account a member."""
        member = Member(user=user, guild=self, joined_at=self.world.now(), roles=list(roles))
        self.members[user.id] = member
        self.world.announce_member(member)
        return member

    def _added(self, channel: Channel, event: str) -> Channel:
        self.channels[channel.id] = channel
        self.world.announce_channel(event, channel)
        return channel


def everyone_role(guild_id: str) -> Role:
    """The role that a server is born with; it has the server's id."""
    return Role(id=guild_id, name="@everyone", permissions=EVERYONE)
