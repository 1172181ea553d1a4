"""Flags of other image generators, which people bring along: named, answered with what to do, and never painted.

Source: Midjourney's documentation, "Parameter List", of its present and former versions; the usual ones of Stable
Diffusion's front ends. Names that mean something here, such as --ar and --quality, are in `bot.toapis.flag_names`.
"""

import re

_WITH_VALUE = (
    *("c", "chaos", "cref", "cw", "exp", "iw", "motion", "niji", "oref", "ow", "p", "profile", "q", "r", "repeat"),
    *("s", "sameseed", "seed", "sref", "stop", "style", "stylize", "sv", "sw", "v", "version", "w", "weird"),
    *("cfg", "h", "height", "sampler", "steps", "strength", "width"),
)
_ALONE = ("beta", "creative", "fast", "hq", "raw", "relax", "stealth", "test", "testp", "tile", "turbo", "uplight")
_NEGATIVE = ("no", "neg", "negative")

_VALUE = r"(?:\s*[=:]\s*[^\s,]+|\s+(?:\d*\.?\d[\w.]*|raw|random)|(?:\s+https?://\S+)+)"
_FOREIGN = re.compile(
    rf"(?:(?P<negative>{'|'.join(_NEGATIVE)})|(?:{'|'.join(_WITH_VALUE)})(?P<value>{_VALUE})?|(?:{'|'.join(_ALONE)}))"
    r"(?=[\s=:,;.!?]|$)",
    re.IGNORECASE,
)


def foreign_at_start(text: str, *, may_be_prose: bool) -> re.Match[str] | None:
    """The flag that the text begins with: with `value`, or `negative` before words of what should not be there.

    Args:
        text: what stands after the dashes.
        may_be_prose: the dash may be a dash; then nothing but a value proves a flag.
    """
    found = _FOREIGN.match(text)
    return found if found and (found["value"] or not may_be_prose) else None
