"""Scenes of going on from a picture: answering it, varying it, and looking at it in full."""

import io
import re
from pathlib import Path

from PIL import Image

from bot.sandbox.demo.scenery import PromiseBroken, Scenery, promised
from bot.sandbox.discord.people import Person, SeenFile, SeenMessage
from bot.sandbox.toapis.tasks import Task

_MIB = 1024 * 1024
_LINK = re.compile(r"https?://[^\s)>]+")


async def answers(scenery: Scenery, lighthouse: SeenMessage, ada: Person, cleo: Person) -> SeenMessage:
    """Two people edit a picture in turn by answering it; the last one is returned."""
    uploads = len(scenery.offline.gateway.uploads)
    night = await scenery.spectator.replies(cleo, lighthouse, "make it night, with a full moon")
    await scenery.keep(cleo, night, "3-night", 16 / 9)
    ship = await scenery.spectator.replies(ada, night, "add a sailing ship --ratio 1:1")
    await scenery.keep(ada, ship, "3-ship", 1)
    for task in scenery.offline.gateway.tasks[-2:]:
        promised(len(task.references) == 1, "the picture that was answered was not the reference")
    promised(len(scenery.offline.gateway.uploads) == uploads, "a picture was uploaded that the gateway has already")
    scenery.screen.note("Each began from the gateway's own original of the picture before, so nothing was uploaded.")
    return ship


async def variations(scenery: Scenery, ben: Person, picture: SeenMessage) -> None:
    """A button paints a picture four times anew."""
    posted = await scenery.spectator.press(ben, picture, "Variations")
    paths = await scenery.keep(ben, posted, "4-variation", 1, count=4)
    promised(len({path.read_bytes() for path in paths}) == len(paths), "two variations are the same picture")


async def too_large(scenery: Scenery, cleo: Person) -> None:
    """A picture of 4K is larger than Discord takes: a copy is posted that fits, and the original can be had."""
    # The stand-in's drawings compress well; photographs, and what real models paint, do not.
    scenery.offline.gateway.next_task(picture="grainy")
    posted = await scenery.spectator.imagine(
        cleo, prompt="a storm at sea, seen from the lighthouse", ratio="16:9", resolution="4K"
    )
    await scenery.keep(cleo, posted, "5-storm", 16 / 9)
    (file,) = posted.files
    promised((file.size or 0) <= 10 * _MIB, f"the posted copy has {file.size} bytes")
    promised("“Full size”" in posted.content, "it does not say where the original is")
    told = await scenery.spectator.press(cleo, posted, "Full size")
    promised(told.ephemeral, "the link is not private")
    path = await _original(scenery, cleo, told, scenery.offline.gateway.tasks[-1])
    scenery.screen.note(f"saved as {path}, {path.stat().st_size / 1e6:.1f} MB, as the gateway made it", "good")


async def _original(scenery: Scenery, cleo: Person, told: SeenMessage, task: Task) -> Path:
    """Follow the link in a message, and save what is there."""
    link = _LINK.search(told.content)
    if link is None:
        raise PromiseBroken("there is no link to the original")
    data = await cleo.download(SeenFile(filename=task.picture_names[0], url=link[0], content_type=None))
    promised(len(data) > 10 * _MIB, f"the original has only {len(data)} bytes")
    with Image.open(io.BytesIO(data)) as image:
        path = scenery.folder / f"5-storm-full-size.{(image.format or 'bin').lower()}"
    path.write_bytes(data)
    return path
