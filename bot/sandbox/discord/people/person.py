"""A scripted person at a Discord client."""

from collections.abc import Callable, Iterable, Mapping

import aiohttp

from bot.sandbox.discord.conversation import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    DEFAULT,
    MESSAGE_COMMAND,
    MODAL_SUBMIT,
    REPLY,
    SLASH_COMMAND,
    USER_COMMAND,
    Command,
    Interaction,
    Message,
)
from bot.sandbox.discord.entities import Channel, Json, User
from bot.sandbox.discord.interactions import owners, send_interaction
from bot.sandbox.discord.mentions import find_mentions
from bot.sandbox.discord.people.handle import PATIENCE, InteractionHandle
from bot.sandbox.discord.people.modals import Answer, as_list, picked
from bot.sandbox.discord.people.options import fill_in, fill_in_partly, find_subcommand, nest
from bot.sandbox.discord.people.permits import available_command, check_may_write
from bot.sandbox.discord.people.resolved import Resolved
from bot.sandbox.discord.people.sight import SeenFile, SeenMessage, look_at
from bot.sandbox.discord.people.values import File, NotPossible, Value, upload
from bot.sandbox.discord.people.waiting import Watch
from bot.sandbox.discord.rules import MOST_FILES
from bot.sandbox.discord.world import Change, World
from bot.sandbox.record import Record


class Person:
    """Somebody in a channel.

    Args:
        world: where they are.
        user: their account.
        channel: the channel they have open; `at` gives the same person elsewhere.
        record: the exchanges to show when a wait was in vain.
        installed: whether they have added the app to their own account, to use it anywhere.
    """

    def __init__(
        self, world: World, user: User, channel: Channel, *, record: Record | None = None, installed: bool = False
    ) -> None:
        self.user = user
        self.channel = channel
        self._world = world
        self._record = record
        self._installed = installed
        self._watch = Watch(world, record, lambda: [str(seen) for seen in self.sees()])

    def at(self, channel: Channel) -> "Person":
        """The same person with another channel open."""
        return Person(self._world, self.user, channel, record=self._record, installed=self._installed)

    # Seeing

    def sees(self, channel: Channel | None = None) -> tuple[SeenMessage, ...]:
        """The messages that this person sees in the channel, oldest first, their own ephemeral ones included."""
        messages = self._world.messages((channel or self.channel).id, seen_by=self.user)
        return tuple(look_at(self._world, message) for message in messages)

    def watch(self, callback: Callable[[str, SeenMessage], None]) -> Callable[[], None]:
        """Have every change of the open channel reported: "message_created", "message_updated" or "message_deleted".

        Returns:
            A function that ends it.
        """

        def report(change: Change) -> None:
            message = change.message if change.kind.startswith("message_") else None
            if message and change.channel is self.channel and change.is_visible_to(self.user):
                callback(change.kind, look_at(self._world, message))

        return self._world.subscribe(report)

    async def waits_for(
        self,
        what: Callable[[SeenMessage], object],
        timeout: float = PATIENCE,  # noqa: ASYNC109 - the shape all waits of the sandbox share
        *,
        after: SeenMessage | None = None,
    ) -> SeenMessage:
        """Wait for a message in the open channel, one that is there already included.

        Args:
            what: says of a message whether it is the one.
            timeout: seconds of real time.
            after: only messages that came after this one count.

        Raises:
            WaitedInVain: it did not show up.
        """

        def look() -> SeenMessage | None:
            newer = (seen for seen in self.sees() if after is None or int(seen.id) > int(after.id))
            return next((seen for seen in newer if what(seen)), None)

        return await self._watch.until(look, "a message", timeout)

    async def waits_until(self, condition: Callable[[], object], what: str, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - as above
        """Wait until something else holds, such as that a message is gone.

        Raises:
            WaitedInVain: it did not come to hold.
        """
        await self._watch.until(lambda: True if condition() else None, what, timeout)

    async def download(self, file: SeenFile) -> bytes:
        """The bytes of a file, fetched from the CDN as a client does.

        Raises:
            aiohttp.ClientResponseError: the CDN refuses.
        """
        async with aiohttp.ClientSession() as http, http.get(file.url, raise_for_status=True) as answer:
            return await answer.read()

    # Talking

    async def says(
        self, content: str = "", *, files: Iterable[File] = (), reply_to: SeenMessage | None = None, ping: bool = True
    ) -> SeenMessage:
        """Send a message, or a reply that notifies its author unless `ping` is off.

        Raises:
            NotPossible: not allowed here, too long, empty, or with too many files.
        """
        files = list(files)
        check_may_write(self.channel, self.user, with_files=bool(files))
        if len(content) > self.user.longest_message or not (content or files) or len(files) > MOST_FILES:
            most = f"{self.user.longest_message} characters or {MOST_FILES} files"
            raise NotPossible(f"A message has 1 to {most}.")
        answered = self._message(reply_to) if reply_to else None
        message = Message(
            id=self._world.snowflake(),
            channel=self.channel,
            author=self.user,
            created_at=self._world.now(),
            content=content,
            type=REPLY if answered else DEFAULT,
            attachments=[await upload(self._world, self.channel, self.user, each, ephemeral=False) for each in files],
            mentions=find_mentions(self.channel, self.user, content, answered=answered if ping else None),
            reply_to=answered.id if answered else None,
        )
        return look_at(self._world, self._world.post(message))

    async def deletes(self, message: SeenMessage) -> None:
        """Delete an own message.

        Raises:
            NotPossible: it is someone else's.
        """
        self._world.delete(self._own(message))

    async def edits(self, message: SeenMessage, content: str) -> None:
        """Change the text of an own message; an edit notifies nobody anew.

        Raises:
            NotPossible: it is someone else's.
        """
        own = self._own(message)
        own.content = content
        self._world.edited(own)

    # Using the bot

    async def command(self, name: str, **options: Value) -> InteractionHandle:
        """Run a slash command, "name" or "name subcommand"; files are given as path, bytes or `Upload`.

        Raises:
            NotPossible: there is no such command here, or an option is not what the client accepts.
        """
        command, path = self._slash_command(name)
        resolved = Resolved(self._world, self.channel, self.user)
        filled = await fill_in(find_subcommand(command.definition, path), options, resolved)
        data = _command_data(command, options=nest(command.definition, path, filled))
        return self._send(COMMAND, resolved.into(data))

    async def suggestions(
        self, name: str, *, focused: str, typed: str = "", **options: Value
    ) -> dict[str, str | float]:
        """What is suggested while typing into an option: names as shown, with their values.

        Raises:
            NotPossible: the option suggests nothing.
            InteractionFailed: the bot did not answer in time.
        """
        command, path = self._slash_command(name)
        definition = find_subcommand(command.definition, path)
        resolved = Resolved(self._world, self.channel, self.user)  # autocomplete interactions do not carry it
        filled = await fill_in_partly(definition, options, focused, typed, resolved)
        interaction = self._mint(AUTOCOMPLETE, _command_data(command, options=nest(command.definition, path, filled)))
        handle = InteractionHandle(self._world, interaction, self._watch)
        await handle.acknowledgement()
        return {choice["name"]: choice["value"] for choice in interaction.choices or ()}

    async def uses(self, name: str, target: SeenMessage | User) -> InteractionHandle:
        """Run a context-menu command on a message or an account.

        Raises:
            NotPossible: there is no such command here.
        """
        resolved = Resolved(self._world, self.channel, self.user)
        if isinstance(target, User):
            kind, target_id = USER_COMMAND, resolved.user(target)
        else:
            kind, target_id = MESSAGE_COMMAND, resolved.message(self._message(target))
        command = available_command(self.channel, self.user, name, kind, installed=self._installed)
        return self._send(COMMAND, resolved.into(_command_data(command, target_id=target_id)))

    async def press(self, message: SeenMessage, button: str) -> InteractionHandle:
        """Press a button by its label or custom_id, on the message as it is now.

        Raises:
            NotPossible: message or button are gone, or it is disabled or a link.
        """
        current = self._message(message)
        found = look_at(self._world, current).button(button)
        if found is None:
            raise NotPossible(f"There is no button {button} on: {look_at(self._world, current)}")
        if found.disabled or found.custom_id is None:
            raise NotPossible(f"The button {found} is {'disabled' if found.disabled else 'a link'}.")
        return self._send(COMPONENT, _component_data(found.component), current)

    async def select(self, message: SeenMessage, menu: str, *choices: Value) -> InteractionHandle:
        """Choose in a select menu, found by its placeholder or custom_id; options by label or value.

        Raises:
            NotPossible: message or menu are gone, it is disabled, or it does not take the choices.
        """
        current = self._message(message)
        menus = look_at(self._world, current).selects
        found = next((each for each in menus if menu in (each.placeholder, each.custom_id)), None)
        if found is None or found.disabled:
            raise NotPossible(f"There is no menu {menu} to choose in.")
        resolved = Resolved(self._world, self.channel, self.user)
        needed = found.component.get("min_values") != 0
        values = picked(found.component, as_list(choices), resolved, what=menu, required=needed)
        return self._send(COMPONENT, resolved.into({**_component_data(found.component), "values": values}), current)

    async def submits(self, opened_by: InteractionHandle, answers: Mapping[str, Answer]) -> InteractionHandle:
        """Fill in the modal that an interaction opened, by labels or custom_ids, and send it.

        Raises:
            NotPossible: there is no modal, or an answer is not what the client accepts.
        """
        modal, origin = opened_by.modal, self._world.interactions[opened_by.id]
        if modal is None:
            raise NotPossible("No modal is open.")
        resolved = Resolved(self._world, self.channel, self.user)
        data = await modal.submission(answers, resolved)
        return self._send(MODAL_SUBMIT, data, origin.message)

    def _slash_command(self, name: str) -> tuple[Command, list[str]]:
        word, *path = name.removeprefix("/").split()
        return available_command(self.channel, self.user, word, SLASH_COMMAND, installed=self._installed), path

    def _send(self, kind: int, data: Json, message: Message | None = None) -> InteractionHandle:
        return InteractionHandle(self._world, self._mint(kind, data, message), self._watch)

    def _mint(self, kind: int, data: Json, message: Message | None = None) -> Interaction:
        # A component works for everyone who sees it, through whatever installation its message came about.
        came_from = message.interaction if message else None
        here = owners(self.channel, self.user, installed_by_user=self._installed)
        return send_interaction(
            self._world,
            kind=kind,
            user=self.user,
            channel=self.channel,
            data=data,
            authorized_by=came_from.owners if came_from else here,
            message=message,
        )

    def _message(self, seen: SeenMessage) -> Message:
        message = self._world.message(seen.channel_id, seen.id)
        if message is None or message.visible_to not in (None, self.user):
            raise NotPossible(f"This message is not there: {seen}")
        return message

    def _own(self, seen: SeenMessage) -> Message:
        message = self._message(seen)
        if message.author is not self.user:
            raise NotPossible(f"This message is someone else's: {seen}")
        return message


def _command_data(command: Command, **more: object) -> Json:
    data: Json = {"id": command.id, "name": command.name, "type": command.type, **more}
    return {**data, "guild_id": command.guild_id} if command.guild_id else data


def _component_data(component: Json) -> Json:
    return {"custom_id": component["custom_id"], "component_type": component["type"], "id": component.get("id", 0)}
