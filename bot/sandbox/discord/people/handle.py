"""One use of the bot, followed by the person who made it: what came back, and when."""

from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.discord.conversation import Interaction
from bot.sandbox.discord.people.modals import Modal
from bot.sandbox.discord.people.sight import SeenMessage, look_at
from bot.sandbox.discord.people.waiting import ANSWER_WITHIN, Watch
from bot.sandbox.discord.world import World

PATIENCE = 30.0  # seconds of real time, for a machine that is busy
DEFERRED_UPDATE = 6  # the callback type that leaves the component's message as it is, for now

Found = TypeVar("Found")


class InteractionFailed(AssertionError):
    """Discord's "This interaction failed": the bot did not acknowledge it within three seconds."""


class InteractionHandle:
    """What the person sees of their own interaction."""

    def __init__(self, world: World, interaction: Interaction, watch: Watch) -> None:
        self._world = world
        self._interaction = interaction
        self._watch = watch
        self._edited_before = interaction.message.edited_at if interaction.message else None

    @property
    def id(self) -> str:
        """The interaction's id."""
        return self._interaction.id

    @property
    def acknowledged(self) -> bool:
        """Whether the bot answered in time."""
        return self._interaction.acknowledged is not None

    @property
    def failed(self) -> bool:
        """Whether the client shows "This interaction failed" (or "The application did not respond")."""
        return not self.acknowledged and self._world.now() >= self._interaction.created_at + ANSWER_WITHIN

    @property
    def response(self) -> SeenMessage | None:
        """The response as it stands now; None before there is one and after it is deleted.

        Where the bot updates the message whose component was used, that message is the response.
        """
        return self._look(self._interaction.response_message_id)

    @property
    def followups(self) -> tuple[SeenMessage, ...]:
        """The follow-ups that stand, in order."""
        return tuple(seen for each in self._interaction.followup_ids if (seen := self._look(each)))

    @property
    def ephemeral(self) -> bool:
        """Whether the response, or its "… is thinking", is for this person alone."""
        response = self.response
        return response is not None and response.ephemeral

    @property
    def private_text(self) -> str | None:
        """What the bot told this person alone, such as why it refuses; the latest of response and follow-ups."""
        told = [seen for seen in (self.response, *self.followups) if seen and seen.ephemeral and not seen.loading]
        return told[-1].text if told else None

    @property
    def modal(self) -> Modal | None:
        """The modal the bot opened."""
        return Modal.opened(self._interaction.modal) if self._interaction.modal else None

    async def acknowledgement(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - as all waits here
        """Wait until the bot has answered at all.

        Raises:
            InteractionFailed: it did not within three seconds.
        """
        await self._until(lambda: self.acknowledged or None, "an acknowledgement", timeout)

    async def answer(self, timeout: float = PATIENCE) -> SeenMessage:  # noqa: ASYNC109 - as all waits here
        """Wait for something to read: a response that is no longer "… is thinking", or else a follow-up.

        Raises:
            InteractionFailed: the bot did not acknowledge in time.
        """
        return await self._until(self._answer, "an answer", timeout)

    async def opened_modal(self, timeout: float = PATIENCE) -> Modal:  # noqa: ASYNC109 - as all waits here
        """Wait for a modal.

        Raises:
            InteractionFailed: the bot did not acknowledge in time.
        """
        return await self._until(lambda: self.modal, "a modal", timeout)

    def _answer(self) -> SeenMessage | None:
        if self._interaction.acknowledged == DEFERRED_UPDATE and not self._was_updated():
            return next(iter(self.followups), None)
        candidates = (self.response, *self.followups)
        return next((seen for seen in candidates if seen is not None and not seen.loading), None)

    def _was_updated(self) -> bool:
        message = self._interaction.message
        return message is not None and message.edited_at != self._edited_before

    def _look(self, message_id: str | None) -> SeenMessage | None:
        message = self._world.message(self._interaction.channel.id, message_id) if message_id else None
        return look_at(self._world, message) if message else None

    async def _until(self, look: Callable[[], Found | None], what: str, timeout: float) -> Found:  # noqa: ASYNC109 - as all waits here
        def look_or_fail() -> Found | None:
            found = look()
            if found is None and self.failed:
                raise InteractionFailed(self._watch.report("This interaction failed: it was not acknowledged in 3 s."))
            return found

        return await self._watch.until(look_or_fail, what, timeout)
