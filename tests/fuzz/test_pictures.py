"""Pictures with other bytes in their headers: looked at, made references of and fitted, or refused in our own words."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ImageError
from bot.media.fitting import fit
from bot.media.opening import inspect
from bot.media.references import prepare_reference, upright_size
from tests.fuzz.mutations import fuzzed
from tests.pictures import animated, picture, with_exif

pytestmark = [pytest.mark.fuzz, pytest.mark.exhaustive]

KINDS = ("PNG", "JPEG", "WEBP", "GIF")
SOUND = [
    *map(picture, KINDS),
    *(picture(kind, exif=with_exif(orientation=6)) for kind in ("PNG", "JPEG", "WEBP")),
    *map(animated, ("GIF", "WEBP", "PNG")),
    picture("PNG", mode="P"),
    picture("PNG", mode="RGBA"),
    picture("JPEG", mode="CMYK"),
    picture("JPEG", progressive=True),
]
_HEADER = 96  # bytes
CHANGES = st.lists(
    st.tuples(st.integers(0, _HEADER - 1), st.sampled_from((0, 1, 127, 128, 255)) | st.integers(0, 255)),
    min_size=1,
    max_size=4,
)
LOOKS: tuple[Callable[[bytes], object], ...] = (
    partial(inspect, name="image1"),
    partial(prepare_reference, name="image1"),
    partial(upright_size, name="image1"),
    partial(fit, limit=600, name="image1"),
)


@fuzzed(60)
@given(st.sampled_from(SOUND), CHANGES, st.none() | st.integers(0, 2000))
def test_a_changed_header_is_read_or_refused(sound: bytes, changes: list[tuple[int, int]], cut: int | None) -> None:
    data = bytearray(sound)
    for place, byte in changes:
        data[place % len(data)] = byte
    for look in LOOKS:
        with suppress(ImageError):
            look(bytes(data[:cut]))
