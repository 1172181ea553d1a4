"""The stories in which the bot dies: what people do, and how their requests may end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.discord.people import NotPossible, Person, SeenMessage, Upload
from bot.sandbox.toapis.tasks import Script
from bot.toapis.catalog import NANO_BANANA_PRO
from tests.crash.play import Play
from tests.workshop import picture

SECONDS = 4.0  # that the gateway takes for a picture: it is done at the third time it is asked


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens, told so that it goes on wherever the bot dies.

    Attributes:
        tell: has people do it; ends when they have seen what came of it.
        requests: of how many requests that are accepted it consists.
        endings: the states in which they may end.
        settings: that differ from the usual.
        private: whether all of it is for whoever asks alone.
        fresh: whether the bot finds no database, as at its very first start.
    """

    name: str
    tell: Callable[[Play, Person], Awaitable[None]]
    requests: int = 1
    endings: frozenset[str] = frozenset({"delivered"})
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    private: bool = False
    fresh: bool = False


def showing(play: Play, person: Person, prompt: str, *, files: int = 1) -> Callable[[], SeenMessage | None]:
    """Looks for the pictures of a request."""

    def look() -> SeenMessage | None:
        shown = (message for message in play.sees(person) if prompt in message.text and len(message.files) == files)
        return next(shown, None)

    return look


async def text_to_picture(play: Play, ada: Person) -> None:
    await play.until_shown(lambda: ada.command("imagine", prompt="a fox"), showing(play, ada, "a fox"))


async def four_references(play: Play, ada: Person) -> None:
    colors = ("red", "green", "blue", "white")
    images = {f"image{n}": Upload(f"{color}.png", picture(color)) for n, color in enumerate(colors, 1)}
    await play.until_shown(
        lambda: ada.command("imagine", prompt="all of them", **images), showing(play, ada, "all of them")
    )


async def four_pictures(play: Play, ada: Person) -> None:
    await play.until_shown(
        lambda: ada.command("imagine", prompt="four foxes", model=NANO_BANANA_PRO.id, count=4),
        showing(play, ada, "four foxes", files=4),
    )


async def partial_failure(play: Play, ada: Person) -> None:
    play.stage.gateway.next_task(seconds=SECONDS, ending="failed")
    await play.until_shown(
        lambda: ada.command("imagine", prompt="two of three", model=NANO_BANANA_PRO.id, count=3),
        showing(play, ada, "two of three", files=2),
    )


async def private(play: Play, ada: Person) -> None:
    await play.until_shown(
        lambda: ada.command("imagine", prompt="a secret", private=True), showing(play, ada, "a secret")
    )


async def chain_by_reply(play: Play, ada: Person) -> None:
    first = await play.until_shown(
        lambda: ada.command("imagine", prompt="a lighthouse"), showing(play, ada, "a lighthouse")
    )
    await play.until_shown(lambda: ada.says("with more waves", reply_to=first), showing(play, ada, "with more waves"))


async def cancel(play: Play, ada: Person) -> None:
    play.stage.gateway.every_task(Script(seconds=60.0))

    def look() -> SeenMessage | None:
        ended = (message for message in play.sees(ada) if "a fox" in message.text and not message.button("Cancel"))
        return next(ended, None)

    def progress() -> SeenMessage | None:
        return next((message for message in play.sees(ada) if message.button("Cancel")), look())

    async def press() -> None:
        shown = await play.until_shown(lambda: ada.command("imagine", prompt="a fox"), progress)
        if shown.button("Cancel"):
            try:
                await ada.press(shown, "Cancel")
            except NotPossible:  # it has just gone
                return

    await play.until_shown(press, look)


STORIES = (
    Story(name="text to picture", tell=text_to_picture, fresh=True),
    Story(name="private", tell=private, endings=frozenset({"delivered", "undeliverable"}), private=True),
    Story(name="cancel", tell=cancel, endings=frozenset({"delivered", "cancelled"})),
    Story(name="four references", tell=four_references),
    Story(name="chain by reply", tell=chain_by_reply, requests=2),
    Story(name="partial failure", tell=partial_failure),
    Story(name="four pictures over several tasks", tell=four_pictures),
)
