"""Keeps the stand-ins from growing: what is settled and checked is forgotten, oldest first."""

from collections.abc import Callable, MutableMapping
from itertools import islice
from typing import TypeVar

from typing_extensions import override

from bot.sandbox.discord.ratelimits import Limit, RateLimits
from bot.sandbox.record import Exchange, Record
from tests.soak.book import Book
from tests.soak.messages import outcome_in
from tests.stage import Stage

T = TypeVar("T")

_EXCHANGES = 200  # the latest, for whoever looks why a wait was in vain
_KEPT = 60  # of everything else, and messages of each channel; a person goes on from what is newer


class ShortRecord(Record):
    """A record of the latest exchanges."""

    @override
    def append(self, make: Callable[[int], Exchange]) -> Exchange:
        exchange = super().append(make)
        if len(self._exchanges) > 2 * _EXCHANGES:
            del self._exchanges[:_EXCHANGES]
        return exchange


def unlimited() -> RateLimits:
    """Limits of Discord that nobody reaches: time stands still while the bot works, so it seems to ask in no time."""
    return RateLimits(otherwise=Limit(10**9, 1.0), everywhere=Limit(10**9, 1.0))


def forget(stage: Stage, book: Book) -> None:
    """Let go of all but the latest, and of what belongs to requests that are not settled."""
    world, gateway = stage.world, stage.gateway
    stage.discord.limiter.limits = unlimited()  # it keeps a window for each interaction
    for messages in world._messages.values():
        oldest = list(islice(messages.values(), max(0, len(messages) - _KEPT)))
        for message in oldest:
            job = outcome_in(message)
            asked = message.interaction.id if message.interaction else message.reply_to or message.id
            if not book.is_open(asked) and (job is None or job in book.settled):
                del messages[message.id]
    _drop(world.interactions, lambda interaction: not book.is_open(interaction.id))
    world._interactions_by_token = {each.token: each for each in world.interactions.values()}
    shown = {
        attachment.id
        for messages in world._messages.values()
        for message in messages.values()
        for attachment in message.attachments
    }
    _drop(world.attachments, lambda attachment: attachment.id not in shown)
    tasks = gateway._book.tasks
    # The bot asks about a task until it has told of its job's end, which may take Discord longer than settling it.
    finished = [task for task in tasks[:-_KEPT] if (task.business_id or "").rpartition("-")[0] in book.over]
    forgotten = {id(task) for task in finished}
    tasks[:] = [task for task in tasks if id(task) not in forgotten]
    files = gateway._files
    files._results = {name: each for name, each in files._results.items() if id(each[0]) not in forgotten}
    gateway.balance._failing_tasks = [each for each in gateway.balance._failing_tasks if id(each) not in forgotten]
    del gateway._book._scripts[:-_KEPT]


def _drop(things: MutableMapping[str, T], may_go: Callable[[T], bool]) -> None:
    """Forget the oldest that may go."""
    for key, thing in list(islice(things.items(), max(0, len(things) - _KEPT))):
        if may_go(thing):
            del things[key]
