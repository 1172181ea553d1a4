"""The kinds of pictures that Easel reads, and how their files begin."""

import enum
import re

from typing_extensions import override


class ImageFormat(enum.Enum):
    """A kind of picture, as its first bytes say; the value is its name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    GIF = "GIF"
    HEIC = "HEIC"
    AVIF = "AVIF"
    BMP = "BMP"
    TIFF = "TIFF"

    @override
    def __reduce_ex__(self, proto: object) -> tuple[type["ImageFormat"], tuple[str]]:
        """By its value; Python 3.11 itself does so from 3.11.4 on, and before asks for `getattr`."""
        return ImageFormat, (self.value,)

    def __setstate__(self, state: object) -> None:
        """Refuse it: a pickle names a kind, and must not change it for the whole program."""
        raise TypeError("a kind of picture has no state")

    @property
    def content_type(self) -> str:
        """Such as "image/png"."""
        return f"image/{self.name.lower()}"

    @property
    def extension(self) -> str:
        """Of a file name, without the dot."""
        return "jpg" if self is ImageFormat.JPEG else self.name.lower()

    @property
    def codec(self) -> str:
        """What Pillow calls it."""
        return "HEIF" if self is ImageFormat.HEIC else self.name


_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), ImageFormat.JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ImageFormat.PNG),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), ImageFormat.WEBP),
    (re.compile(rb"GIF8[79]a"), ImageFormat.GIF),
    # ISO base media: the major brand tells, or for a generic one ("mif1") the compatible brands behind it.
    (re.compile(rb".{4}ftyp(avi[fs]|mi[fa]1.{4,40}avi[fs])", re.DOTALL), ImageFormat.AVIF),
    (re.compile(rb".{4}ftyp(hei[cxms]|hev[cxms]|m[is]f1)", re.DOTALL), ImageFormat.HEIC),
    # "BM" begins words too; four reserved bytes are zero.
    (re.compile(rb"BM.{4}\0{4}", re.DOTALL), ImageFormat.BMP),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), ImageFormat.TIFF),
)


def sniff(data: bytes) -> ImageFormat | None:
    """What the first bytes say; None if they begin no picture that we know by name."""
    return next((kind for magic, kind in _MAGIC if magic.match(data)), None)
