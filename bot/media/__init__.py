"""Look at bytes that claim to be pictures: what they are, whether they are sound, and how they fit under a size limit.

A name and a content type prove nothing; the first bytes and the header decide. Pixels are decoded only where a picture
must be converted, turned or made smaller. All of it is synchronous and takes processor time, and hostile files make
decoders hang, eat memory or crash; so callers go through `Darkroom`, which does it in other processes.
"""

from bot.media.darkroom import Darkroom
from bot.media.fitting import Fitted, fit
from bot.media.formats import ImageFormat, sniff
from bot.media.masks import Marked, prepare_mask
from bot.media.opening import MAX_PIXELS, ImageInfo, inspect
from bot.media.references import REFERENCE_BYTES, SOURCE_BYTES, PreparedReference, prepare_reference, upright_size

__all__ = [
    "MAX_PIXELS",
    "REFERENCE_BYTES",
    "SOURCE_BYTES",
    "Darkroom",
    "Fitted",
    "ImageFormat",
    "ImageInfo",
    "Marked",
    "PreparedReference",
    "fit",
    "inspect",
    "prepare_mask",
    "prepare_reference",
    "sniff",
    "upright_size",
]
