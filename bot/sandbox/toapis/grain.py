"""The grain of a photograph: noise that no lossless compression takes out, as the pictures of real models have it."""

import random
from statistics import NormalDist

from PIL import Image, ImageChops

_DEVIATION = 0.8  # steps of 256; a PNG of 4K then has about 19 MB, like those of real models
_STRIP = 1 << 20  # pixels drawn in one go, for which Python's lock is held
_GREY = 128


def with_grain(image: Image.Image, seed: str) -> Image.Image:
    """A copy of an RGB picture with noise in each channel; the same for the same seed."""
    noise = _noise(image.size, seed)
    # Three noises that have nothing to do with each other: what is shared could be subtracted again.
    shifts = ((0, 0), (image.width // 3, image.height // 2), (image.width // 2, image.height // 3))
    channels = [ImageChops.offset(noise, *shift) for shift in shifts]
    return ImageChops.add(image, Image.merge("RGB", channels), 1, -_GREY)


def _noise(size: tuple[int, int], seed: str) -> Image.Image:
    """A grey of `_GREY`, but for a normal distribution."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret: the same seed must give the same picture
    normal = NormalDist(_GREY, _DEVIATION)
    table = bytes(round(normal.inv_cdf((value + 0.5) / 256)) for value in range(256))
    left, strips = size[0] * size[1], list[bytes]()
    while left > 0:
        strip = rng.randbytes(min(left, _STRIP))
        strips.append(strip.translate(table))
        left -= len(strip)
    return Image.frombytes("L", size, b"".join(strips))
