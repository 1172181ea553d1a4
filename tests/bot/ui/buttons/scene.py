"""Outcomes to press buttons on, and forged buttons."""

from bot.sandbox.discord.people import Person, SeenMessage, Upload
from tests.stage import Stage


async def painted(
    stage: Stage, person: Person, after: SeenMessage | None = None, **options: str | int | bool | Upload
) -> SeenMessage:
    """An outcome with everything tidied."""
    await person.command("imagine", **{"prompt": "a lighthouse", **options})
    result = await stage.result(person, after=after)
    await stage.tidied(await stage.job_of(result))
    return result


async def failed(stage: Stage, person: Person) -> SeenMessage:
    """Word of a failure, with everything tidied."""
    stage.gateway.next_task(ending="failed")
    await person.command("imagine", prompt="a lighthouse")
    told = await person.waits_for(lambda message: "did not work" in message.content)
    await stage.tidied(await stage.job_of(told))
    return told


async def asked_which(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    """The private question for one of the pictures."""
    return await (await person.press(message, button)).answer()


def forge(stage: Stage, message: SeenMessage, label: str, custom_id: str) -> None:
    """Give a button another custom_id, as nothing but a message of the bot's own could carry it."""
    kept = stage.world.message(message.channel_id, message.id)
    assert kept is not None
    buttons = [button for row in kept.components for button in row.get("components", ())]
    next(button for button in buttons if button["label"] == label)["custom_id"] = custom_id
