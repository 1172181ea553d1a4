"""Forms as tests fill them in, and as a client might that keeps to no rule."""

from typing import Any

from bot.sandbox.discord.conversation import Message
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.interactions import interaction_payload, owners, send_interaction
from bot.sandbox.discord.people import InteractionHandle, Person, SeenMessage, Upload
from bot.sandbox.discord.people.modals import Field, Modal
from bot.sandbox.discord.people.values import Value
from tests.stage import Stage
from tests.workshop import picture

PROMPT, MODEL, RATIO, PICTURES, OTHER_PICTURES = "prompt", "model", "ratio", "pictures", "more"
REOPEN = "Open the form again"
COLORS = (
    *("red", "green", "blue", "teal", "navy", "gold", "pink"),
    *("gray", "olive", "brown", "purple", "orange", "maroon", "silver"),
)
PRO = "Nano Banana Pro · 2K"
TOO_LONG = "a word " * 200  # for a model that reads 1000 characters


def painted(*colors: str) -> list[Value]:
    """Pictures to put into a form, named by their colours."""
    return [Upload(f"{color}.png", picture(color)) for color in colors]


def field(modal: Modal, custom_id: str) -> Field:
    """A field of the form."""
    (found,) = [each for each in modal.fields if each.custom_id == custom_id]
    return found


def hint(modal: Modal, custom_id: str) -> str:
    """What is said below a field's label."""
    return field(modal, custom_id).description or ""


def filled_in(modal: Modal) -> dict[str, str]:
    """What is filled in or chosen already, by custom_id; fields with nothing in them are left out."""
    return {each.custom_id: ", ".join(each.prefilled) for each in modal.fields if each.prefilled}


async def opened(person: Person, **options: Value) -> InteractionHandle:
    """Use `/compose`, up to the form."""
    handle = await person.command("compose", **options)
    await handle.opened_modal()
    return handle


async def reopened(person: Person, answer: SeenMessage) -> InteractionHandle:
    """Press the button below a refusal, up to the form."""
    handle = await person.press(answer, REOPEN)
    await handle.opened_modal()
    return handle


def modal_of(handle: InteractionHandle) -> Modal:
    """The form that is open."""
    assert handle.modal is not None
    return handle.modal


def forged(stage: Stage, person: Person, kind: int, data: Json, message: Message | None = None) -> InteractionHandle:
    """Send an interaction (3 a component, 5 a form) with whatever data, on whatever message."""
    interaction = send_interaction(
        stage.world,
        kind=kind,
        user=person.user,
        channel=person.channel,
        data=data,
        authorized_by=owners(person.channel, person.user, installed_by_user=False),
        message=message,
    )
    return InteractionHandle(stage.world, interaction, person._watch)


def replay(stage: Stage, handle: InteractionHandle) -> None:
    """Have Discord send the same interaction once more."""
    payload = interaction_payload(stage.world, stage.world.interactions[handle.id])
    stage.world.outbox("INTERACTION_CREATE", payload)


async def refused(person: Person, pictures: int = 5, **options: Any) -> SeenMessage:
    """A form that was refused for its long prompt."""
    form = await opened(person, **options)
    answers = {PROMPT: TOO_LONG, MODEL: PRO, RATIO: "21:9", PICTURES: painted(*COLORS[:pictures])}
    return await (await person.submits(form, answers)).answer()


async def filenames(stage: Stage, result: SeenMessage) -> list[str]:
    """The references of the job, by their files' names."""
    return [reference.filename for reference in (await stage.job_of(result)).references]
