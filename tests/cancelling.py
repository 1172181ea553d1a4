"""What tests of cancelling share: a job under way, and its progress message as it reads at a time."""

from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage
from bot.texts import Text
from tests.messages import submits
from tests.stage import Stage
from tests.workshop import until

NOTHING = "-# Cancelled. Nothing was used of your allowance.\n> a lighthouse"
COUNTS = str(Text("cancelled.all_one", {"prompt": "a lighthouse"}))


async def under_way(stage: Stage, person: Person, **options: str | bool | int) -> tuple[InteractionHandle, SeenMessage]:
    """A job at the gateway, which takes its time, and its progress message."""
    stage.gateway.next_task(seconds=600.0)
    before = len(submits(stage))
    handle = await person.command("imagine", **{"prompt": "a lighthouse", **options})
    shown = await handle.answer()
    await until(lambda: len(submits(stage)) > before)
    return handle, shown


async def reads(person: Person, message: SeenMessage, content: str) -> SeenMessage:
    """The message once it reads so."""
    await person.waits_until(lambda: current(person, message).content == content, "it to say that it is cancelled")
    return current(person, message)


def current(person: Person, message: SeenMessage) -> SeenMessage:
    """The message as it is now."""
    (found,) = [each for each in person.sees() if each.id == message.id]
    return found
