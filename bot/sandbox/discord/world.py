"""The state of the stand-in's Discord: who is where, what was said, what is going on. No HTTP.

Whatever becomes visible is told twice: to the bot as a gateway event through `outbox`, and to whoever subscribed as a
`Change`, on which a scripted person waits.
"""

import base64
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.sandbox.discord.conversation import Attachment, Command, Interaction, Message
from bot.sandbox.discord.entities import (
    DIRECT_CHANNEL,
    Application,
    Channel,
    Guild,
    Json,
    Member,
    Role,
    User,
    everyone_role,
)
from bot.sandbox.discord.files import content_type_of, picture_size, stored_name
from bot.sandbox.discord.message_payloads import deletion_payload, is_loading, message_payload
from bot.sandbox.discord.payloads import channel_payload, guild_payload, member_payload, role_payload
from bot.sandbox.discord.permissions import Permission, channel_permissions

DISCORD_EPOCH = 1_420_070_400_000  # milliseconds: the first moment of 2015

ChangeKind: TypeAlias = Literal[
    "message_created",
    "message_updated",
    "message_deleted",
    "acknowledged",
    "modal_opened",
    "choices_given",
    "typing",
]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something became visible. `visible_to` is None if everyone in the channel sees it."""

    kind: ChangeKind
    channel: Channel
    visible_to: User | None = None
    message: Message | None = None
    interaction: Interaction | None = None

    def is_visible_to(self, user: User) -> bool:
        """Whether this account can see the change."""
        if self.visible_to is not None:
            return self.visible_to is user
        return bool(channel_permissions(self.channel, user) & Permission.VIEW_CHANNEL)


def _nobody_listens(event: str, data: Json) -> None:
    """Stand where the gateway will."""


class World:
    """Everything the stand-in knows.

    Attributes:
        now: the time in unix seconds; every rule about time asks it.
        outbox: takes every event that the bot must see, as (name, data).
        cdn_url: where files are served; the server sets it.
        commands: registered commands by id, under the server's id or None for global ones.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.outbox: Callable[[str, Json], None] = _nobody_listens
        self.cdn_url = "http://127.0.0.1/cdn"
        self.cdn_key = secrets.token_bytes(32)
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.direct_channels: dict[str, Channel] = {}  # by the other account's id
        self.commands: dict[str | None, dict[str, Command]] = {}
        self.interactions: dict[str, Interaction] = {}
        self._interactions_by_token: dict[str, Interaction] = {}
        self.attachments: dict[str, Attachment] = {}
        self.looks: dict[str, Json] = {}  # what is known of pictures that components show by address
        self._messages: dict[str, dict[str, Message]] = {}
        self._subscribers: list[Callable[[Change], None]] = []
        self._last_snowflake = 0
        bot = self.add_user("easel", bot=True)
        # An application's bot has the application's id.
        self.application = Application(
            id=bot.id,
            name="Easel",
            owner=self.add_user("operator"),
            bot=bot,
            # Discord's own begin with the id, too, and libraries read it from there.
            token=f"{base64.urlsafe_b64encode(bot.id.encode()).decode().rstrip('=')}.sandbox.{secrets.token_urlsafe(20)}",
        )

    def snowflake(self) -> str:
        """A new id: the current time since Discord's epoch, unique and increasing."""
        milliseconds = int(self.now() * 1000) - DISCORD_EPOCH
        self._last_snowflake = max(milliseconds << 22, self._last_snowflake + 1)
        return str(self._last_snowflake)

    # Builders

    def add_user(self, name: str, *, bot: bool = False) -> User:
        """A new account."""
        user = User(id=self.snowflake(), name=name, bot=bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, tier: int = 0, owner: User | None = None, with_bot: bool = True) -> Guild:
        """A new server with boost tier 0–3, the bot in it unless told otherwise."""
        guild_id = self.snowflake()
        owner = owner or self.add_user(f"{name}-owner".lower().replace(" ", "-"))
        guild = Guild(id=guild_id, name=name, owner=owner, world=self, tier=tier, created_at=self.now())
        guild.roles[guild_id] = everyone_role(guild_id)
        guild.members[owner.id] = Member(user=owner, guild=guild, joined_at=self.now())
        if with_bot:
            bot = self.application.bot
            guild.members[bot.id] = Member(user=bot, guild=guild, joined_at=self.now())
        self.guilds[guild_id] = guild
        if with_bot:
            self.outbox("GUILD_CREATE", guild_payload(guild))
        return guild

    def direct_channel(self, user: User) -> Channel:
        """The conversation of this account with the bot, opened if there is none."""
        if channel := self.direct_channels.get(user.id):
            return channel
        channel = Channel(
            id=self.snowflake(),
            type=DIRECT_CHANNEL,
            world=self,
            recipients=[user, self.application.bot],
            created_at=self.now(),
        )
        self.direct_channels[user.id] = channel
        self.announce_channel("CHANNEL_CREATE", channel)
        return channel

    def upload(
        self,
        channel: Channel,
        filename: str,
        content: bytes,
        *,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Put a file on the CDN. Its type is read from its bytes, else guessed from its name."""
        content_type = content_type_of(filename, content)
        width, height = picture_size(content) if content_type.startswith("image/") else (None, None)
        attachment = Attachment(
            id=self.snowflake(),
            channel_id=channel.id,
            filename=stored_name(filename),
            content=content,
            content_type=content_type,
            description=description,
            ephemeral=ephemeral,
            width=width,
            height=height,
        )
        self.attachments[attachment.id] = attachment
        return attachment

    # Looking

    def channels(self) -> Iterator[Channel]:
        """Every channel and thread of every server, then the direct ones."""
        for guild in self.guilds.values():
            yield from guild.channels.values()
        yield from self.direct_channels.values()

    def channel(self, channel_id: str) -> Channel | None:
        """The channel with this id."""
        return next((channel for channel in self.channels() if channel.id == channel_id), None)

    def messages(self, channel_id: str, *, seen_by: User | None = None) -> tuple[Message, ...]:
        """The messages of a channel, oldest first: its history, or with `seen_by` also what that account alone sees."""
        return tuple(
            message
            for message in self._messages.get(channel_id, {}).values()
            if message.visible_to is None or message.visible_to is seen_by
        )

    def message(self, channel_id: str, message_id: str) -> Message | None:
        """One message, ephemeral ones included."""
        return self._messages.get(channel_id, {}).get(message_id)

    def interaction_by_token(self, token: str) -> Interaction | None:
        """The interaction that this token belongs to."""
        return self._interactions_by_token.get(token)

    def command(self, guild: Guild | None, name: str, kind: int = 1) -> Command | None:
        """The command a person in this server would run under that name: the server's own, else the global one."""
        scopes = [guild.id, None] if guild else [None]
        for scope in scopes:
            for command in self.commands.get(scope, {}).values():
                if (command.name, command.type) == (name, kind):
                    return command
        return None

    def bot_sees(self, channel: Channel) -> bool:
        """Whether the bot receives events of this channel."""
        return bool(channel_permissions(channel, self.application.bot) & Permission.VIEW_CHANNEL)

    # Changing, and telling of it

    def post(self, message: Message) -> Message:
        """Put a message into its channel."""
        self._messages.setdefault(message.channel.id, {})[message.id] = message
        if self.bot_sees(message.channel):
            self.outbox("MESSAGE_CREATE", message_payload(self, message, for_gateway=True, with_nonce=True))
        self._report_message("message_created", message)
        return message

    def edited(self, message: Message, *, silently: bool = False) -> None:
        """Tell that a message was changed in place; `silently` leaves its "edited" mark alone."""
        if not silently:
            message.edited_at = self.now()
        if self.bot_sees(message.channel):
            self.outbox("MESSAGE_UPDATE", message_payload(self, message, for_gateway=True))
        self._report_message("message_updated", message)

    def delete(self, message: Message) -> None:
        """Take a message and its files away."""
        del self._messages[message.channel.id][message.id]
        for attachment in message.attachments:
            self.attachments.pop(attachment.id, None)
        if message.interaction and is_loading(message.interaction, message):
            message.interaction.loading = False
        if self.bot_sees(message.channel):
            self.outbox("MESSAGE_DELETE", deletion_payload(message))
        self._report_message("message_deleted", message)

    def begin(self, interaction: Interaction) -> None:
        """Make a minted interaction known to the REST side."""
        self.interactions[interaction.id] = interaction
        self._interactions_by_token[interaction.token] = interaction

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Have every visible change reported, at once and in order.

        Returns:
            A function that ends it.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def report(self, change: Change) -> None:
        """Tell the subscribers of a change."""
        for subscriber in tuple(self._subscribers):
            subscriber(change)

    def announce_channel(self, event: str, channel: Channel) -> None:
        """Tell the bot of a channel, if it can see it."""
        if self.bot_sees(channel) or event == "CHANNEL_UPDATE":
            self.outbox(event, channel_payload(channel))

    def announce_role(self, guild: Guild, role: Role) -> None:
        """Tell the bot of a new role, if it is in the server."""
        if self.application.bot.id in guild.members:
            self.outbox("GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role_payload(role)})

    def announce_member(self, member: Member) -> None:
        """Tell the bot of a new member; if that is the bot itself, of the whole server."""
        guild = member.guild
        if member.user is self.application.bot:
            self.outbox("GUILD_CREATE", guild_payload(guild))
        elif self.application.bot.id in guild.members:
            self.outbox("GUILD_MEMBER_ADD", {"guild_id": guild.id, **member_payload(member)})

    def _report_message(self, kind: ChangeKind, message: Message) -> None:
        self.report(
            Change(
                kind=kind,
                channel=message.channel,
                visible_to=message.visible_to,
                message=message,
                interaction=message.interaction,
            )
        )
