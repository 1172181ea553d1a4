"""Transfers and pictures (`bot/download.py`, `bot/media/`, `bot/jobs/references.py`, `bot/ui/refreshing.py`)."""

from collections.abc import Mapping

PICTURES: Mapping[str, str] = {
    "download.gone": "{name}: this picture can no longer be fetched. Go on from one that is still there, or attach the picture itself.",
    "download.too_large": "{name}: the file is larger than {limit}. Please attach a smaller one.",
    "download.interrupted": "{name}: the transfer broke off. Please try again.",
    "download.forbidden_address": "{name}: the link points to an address that Easel must not open. Please attach the picture itself.",
    "references.gone": "{name}: this picture can no longer be fetched. Please attach it again, with /imagine or in the form.",
    "references.later": "{name}: Discord does not say at the moment where this picture is. Please try again in a minute.",
    "image.not_an_image": "{name}: this is not a picture that Easel can read. Use JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF.",
    "image.damaged": "{name}: this picture is damaged. Please attach another copy.",
    "image.too_heavy": "{name}: reading this picture took too much time or memory. Please save it anew as a JPEG or PNG, smaller if you can, and attach that.",
    "image.too_many_pixels": "{name}: this picture has {pixels} million pixels; at most {limit} million are allowed. Please attach a smaller copy.",
    "mask.not_png": "{name}: this must be a PNG of exactly the same size as {first}.",
    "mask.too_many_pixels": "{name}: this has {pixels} million pixels; with a mask, at most {limit} million are allowed. Please attach smaller copies of it and of {first}.",
    "mask.other_size": "{name}: this has {width} × {height} pixels and {first} has {first_width} × {first_height}. Please attach a mask of the same size.",
}
