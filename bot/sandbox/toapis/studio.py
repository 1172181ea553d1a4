"""Makes the bytes of a task's pictures: off the event loop, when they are first asked for."""

import asyncio
from collections import OrderedDict

from bot.sandbox.toapis.grain import with_grain
from bot.sandbox.toapis.painting import Commission, Format, encode, paint, pixel_size, shrink
from bot.sandbox.toapis.pixels import Size
from bot.sandbox.toapis.tasks import Task

_KEPT_PICTURES = 24
_PAINTERS = 2  # pictures painted at the same time
_HUGE = 8_900_000  # pixels; three bytes each make 26.7 MB
_FORMATS: dict[str, Format] = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


class Studio:
    """Paints, and keeps the latest pictures; a picture painted again is the same.

    Args:
        long_side: limits the pixels of the pictures; None paints the size the request stands for.
        format: of the pictures; None is PNG up to 1K and JPEG above, or what a request asks for.
    """

    def __init__(self, *, long_side: int | None, format: Format | None) -> None:  # noqa: A002 - Pillow's own name for it
        self._long_side = long_side
        self._format: Format | None = format
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._painters = asyncio.Semaphore(_PAINTERS)

    async def picture(self, task: Task, number: int) -> bytes:
        """The bytes of a task's picture; `number` counts from 1."""
        key = (task.id, number)
        data = self._kept.get(key)
        if data is None:
            async with self._painters:
                data = await asyncio.to_thread(self._paint, task, number)
            self._kept[key] = data
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT_PICTURES:
            self._kept.popitem(last=False)
        return data

    def _paint(self, task: Task, number: int) -> bytes:
        request = task.request
        huge, grainy = task.script.picture == "huge", task.script.picture == "grainy"
        size = _real_size(task) if grainy else shrink(_real_size(task), self._long_side)
        if huge:
            size = _enlarged(size)
        image = paint(
            Commission(
                size=size,
                prompt=request.prompt,
                model=request.model.title,
                facts=_facts(task, size, number),
                number=number,
                variation=task.id,
                references=[reference.thumbnail for reference in task.references],
            )
        )
        if huge:
            return encode(image, "PNG", compress=False)
        if grainy:
            return encode(with_grain(image, f"{task.id}/{number}"), "PNG")
        usual: Format = "PNG" if request.resolution in ("0.5K", "1K") else "JPEG"
        output = request.metadata.get("imageOutputOptions", {})
        wanted = _FORMATS.get(output.get("mimeType", ""), self._format or usual)
        return encode(image, wanted, quality=output.get("compressionQuality", 92))


def _real_size(task: Task) -> Size:
    request = task.request
    return request.model.sizes.get(request.ratio) or pixel_size(request.ratio, request.resolution)


def _enlarged(size: Size) -> Size:
    share = (_HUGE / (size[0] * size[1])) ** 0.5
    return round(size[0] * share), round(size[1] * share)


def _facts(task: Task, size: Size, number: int) -> list[str]:
    request = task.request
    resolution = [request.resolution] if request.model.resolutions else []
    facts = [request.ratio, *resolution, f"{size[0]}x{size[1]}"]
    plain = {key: value for key, value in request.metadata.items() if isinstance(value, str | int | float)}
    facts += [f"{key} {value}" for key, value in plain.items() if key != "resolution"]
    if task.pictures > 1:
        facts.append(f"picture {number} of {task.pictures}")
    return facts
