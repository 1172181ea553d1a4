"""Other people's words, made harmless: they are shown as they were typed, and neither format nor ping nor link.

Source of the lengths: Discord's API documentation. It does not say how it counts; UTF-16 code units, the largest count,
are always within the limit.
"""

import re
import unicodedata

# The slash, because a client makes an invitation of "discord.gg/abc", without any "https:".
_MARKDOWN = re.compile(r"[\\/*_~`|<>@#\[\]():+=^-]")
_LIST_NUMBER = re.compile(r"^(\d+)([.)])")
_INVISIBLE = {"Cc", "Cf", "Cs"}  # controls, format characters (bidi, zero width), surrogates
_KEPT_FORMAT = "\u200c\u200d"  # joiners: Persian spelling and compound emoji need them
_MARKS_IN_A_ROW = 4  # more accents on one letter spill over the lines around it


def length(text: str) -> int:
    """The length that counts against Discord's limits."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str, limit: int) -> str:
    """`text` on one line, without invisible or direction-changing characters, cut to a length of `limit`."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in {"Zs", "Zl", "Zp"} or letter in "\t\n\v\f\r":
            kept.append(" ")
        elif letter in _KEPT_FORMAT or not (category in _INVISIBLE or marks > _MARKS_IN_A_ROW):
            kept.append(letter)
    return shortened(" ".join("".join(kept).split()), limit)


def inert(text: str, limit: int) -> str:
    """`text` like `plain`, and with every character escaped that Discord would read as markup.

    The result may be up to twice `limit` long.
    """
    escaped = _MARKDOWN.sub(r"\\\g<0>", plain(text, limit))
    return _LIST_NUMBER.sub(r"\1\\\2", escaped)


def shortened(text: str, limit: int) -> str:
    """`text`, cut to a length of `limit`; an ellipsis says so."""
    if length(text) <= limit:
        return text
    cut = text[:limit]
    while length(cut) > limit - 1:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"
