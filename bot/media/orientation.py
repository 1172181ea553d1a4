"""How a picture is to be turned before it is shown, as its EXIF data say."""

from bot.media.formats import ImageFormat
from bot.media.opening import Opened

_ORIENTATION = 0x0112  # the EXIF tag
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})  # its values that exchange width and height
_PNG_ORIENTATION = (b"eXIf", b"XML:com.adobe.xmp", b"Raw profile type ")  # where a PNG may say how to turn it


def is_turned(source: Opened, data: bytes) -> bool:
    """Whether it is to be shown otherwise than it is stored."""
    return _orientation(source, data) != 1


def size_as_seen(source: Opened, data: bytes) -> tuple[int, int]:
    """Width and height in pixels with the orientation applied."""
    width, height = source.size
    # Pillow tells a TIFF's size as it is seen.
    lies_on_its_side = source.format is not ImageFormat.TIFF and _orientation(source, data) in _ON_ITS_SIDE
    return (height, width) if lies_on_its_side else (width, height)


def _orientation(source: Opened, data: bytes) -> object:
    if source.format is ImageFormat.PNG and not any(place in data for place in _PNG_ORIENTATION):
        return 1  # Pillow would decode the picture, to look behind it
    return source.image.getexif().get(_ORIENTATION, 1)
