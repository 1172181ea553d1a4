"""Two operations of Pillow under types of their own: Pillow's mention numpy, which is not installed."""

from collections.abc import Callable
from typing import TypeAlias

from PIL import Image

Size: TypeAlias = tuple[int, int]


def resized(image: Image.Image, size: Size) -> Image.Image:
    """A smooth copy of another size, in pixels."""
    return image.resize(size, Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType] - see the module


def curved(image: Image.Image, curve: Callable[[int], float]) -> Image.Image:
    """A copy of a one-channel image; `curve` gives the new value, 0 to 1, for each of the 256 old ones."""
    table = [round(255 * min(1.0, curve(value))) for value in range(256)]
    return image.point(table)  # pyright: ignore[reportUnknownMemberType] - see the module
