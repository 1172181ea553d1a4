"""The `resolved` part of interaction data: what the ids in it stand for.

Source: Discord's API documentation, "Receiving and Responding" (resolved data structure: partial members and channels).
"""

from dataclasses import dataclass, field

from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.entities import Channel, Json, Role, User
from bot.sandbox.discord.message_payloads import attachment_payload, message_payload
from bot.sandbox.discord.payloads import channel_payload, partial_member_payload, role_payload, user_payload
from bot.sandbox.discord.people.values import File, upload
from bot.sandbox.discord.permissions import channel_permissions
from bot.sandbox.discord.world import World

_CHANNEL_FIELDS = ("id", "name", "type", "parent_id", "thread_metadata", "flags", "position", "last_message_id")
_MEMBER_FIELDS_LEFT_OUT = ("deaf", "mute")


@dataclass
class Resolved:
    """Collects what an interaction refers to, as its user sees it from the channel they use it in."""

    world: World
    channel: Channel
    viewer: User
    data: dict[str, Json] = field(default_factory=dict[str, Json])

    async def file(self, file: File) -> str:
        """Upload a file and add it; returns its id, as the others do.

        Raises:
            NotPossible: it is too large.
        """
        attachment = await upload(self.world, self.channel, self.viewer, file, ephemeral=True)
        return self._add("attachments", attachment.id, attachment_payload(self.world, attachment))

    def message(self, message: Message) -> str:
        """Add a message, whole whatever the bot's intents are."""
        return self._add("messages", message.id, message_payload(self.world, message))

    def user(self, user: User) -> str:
        """Add an account, and its membership in a server."""
        guild = self.channel.guild
        if guild and (member := guild.members.get(user.id)):
            partial = partial_member_payload(member)
            shown = {key: value for key, value in partial.items() if key not in _MEMBER_FIELDS_LEFT_OUT}
            permissions = str(int(channel_permissions(self.channel, user)))
            self._add("members", user.id, {**shown, "permissions": permissions})
        return self._add("users", user.id, user_payload(user))

    def place(self, channel: Channel) -> str:
        """Add a channel, with what the viewer may do in it."""
        payload = channel_payload(channel)
        shown = {key: payload[key] for key in _CHANNEL_FIELDS if key in payload}
        permissions = str(int(channel_permissions(channel, self.viewer)))
        return self._add("channels", channel.id, {**shown, "permissions": permissions})

    def role(self, role: Role) -> str:
        """Add a role."""
        return self._add("roles", role.id, role_payload(role))

    def into(self, data: Json) -> Json:
        """The interaction data with `resolved`, if there is anything to resolve."""
        return {**data, "resolved": self.data} if self.data else data

    def _add(self, kind: str, identifier: str, payload: Json) -> str:
        self.data.setdefault(kind, {})[identifier] = payload
        return identifier
