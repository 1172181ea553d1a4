"""Make of a mask what the gateway takes: a PNG of exactly the size that the first reference has there."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from bot.errors import ImageError
from bot.media.formats import ImageFormat, sniff
from bot.media.opening import opened, require_whole
from bot.media.orientation import is_turned, size_as_seen
from bot.media.references import PreparedReference, prepared
from bot.media.stripping import without_metadata
from bot.texts import Text


@dataclass(frozen=True, kw_only=True)
class Marked:
    """The picture that a mask belongs to.

    Attributes:
        name: what the person calls it.
        size: its pixels as the person sees it; the mask must have the same.
        prepared_size: its pixels at the gateway; the mask is brought to them.
    """

    name: str
    size: tuple[int, int]
    prepared_size: tuple[int, int]


def prepare_mask(data: bytes, *, name: str, marked: Marked, limit: int) -> PreparedReference:
    """A mask for the gateway: without metadata, its transparency and greys as they are.

    Args:
        data: the file.
        name: what the person calls it.
        marked: the picture that it belongs to.
        limit: bytes.

    Raises:
        ImageError: no PNG, too large, damaged, or of another size than the picture.
    """
    try:
        return _prepared(data, name, marked, limit)
    except ImageError as error:
        if error.text.key != "image.too_many_pixels":
            raise
        # A smaller copy of the mask alone would not fit its picture, which may have more pixels.
        text = Text("mask.too_many_pixels", {**error.text.values, "first": marked.name})
        raise ImageError(str(error), text=text) from error


def _prepared(data: bytes, name: str, marked: Marked, limit: int) -> PreparedReference:
    if len(data) > limit:
        text = Text("download.too_large", {"name": name, "limit": f"{limit / 2**20:.4g} MiB"})
        raise ImageError(f"{name}: {len(data)} bytes, {limit} allowed", text=text)
    if sniff(data) is not ImageFormat.PNG:
        raise ImageError(f"{name}: no PNG", text=Text("mask.not_png", {"name": name, "first": marked.name}))
    with opened(data, name) as source:
        size = size_as_seen(source, data)
        must_be_decoded = marked.prepared_size != marked.size or is_turned(source, data)
        if size != marked.size:
            raise _other_size(name, size, marked)
        require_whole(source, data, name)
    if must_be_decoded:
        with opened(data, name) as source:
            data = _scaled(source.image, marked.prepared_size)
    clean = without_metadata(data, ImageFormat.PNG)
    return prepared(clean, ImageFormat.PNG, marked.prepared_size, name, reduced=False)


def _scaled(mask: Image.Image, size: tuple[int, int]) -> bytes:
    ImageOps.exif_transpose(mask, in_place=True)
    buffer = BytesIO()
    # Nearest, because the shades between two marks mean something else than either.
    scaled = mask.transform(size, Image.Transform.EXTENT, (0, 0, *mask.size), Image.Resampling.NEAREST)
    scaled.save(buffer, "PNG")
    return buffer.getvalue()


def _other_size(name: str, size: tuple[int, int], marked: Marked) -> ImageError:
    values: dict[str, str | int | float] = {"name": name, "width": size[0], "height": size[1]}
    values |= {"first": marked.name, "first_width": marked.size[0], "first_height": marked.size[1]}
    return ImageError(f"{name}: {size}, not {marked.size}", text=Text("mask.other_size", values))
