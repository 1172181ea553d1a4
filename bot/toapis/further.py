"""A model's further parameters in words: "search, temperature 0.4, png", to be read back, and to be suggested.

These are words to type, like the flags, and the same in every language; so they are no texts (`bot/texts/`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.toapis.schema import JSON

_OUTPUT = "imageOutputOptions"
_OUTPUT_MEMBERS = ("mimeType", "compressionQuality")
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "google_search": "search",
        "google_image_search": "image search",
        "orientation": "orientation",
        "temperature": "temperature",
        "topP": "top p",
        "mimeType": "format",
        "compressionQuality": "quality",
    }
)


def grouped(said: Mapping[str, JSON]) -> dict[str, JSON]:
    """Parameters in the gateway's form, of what was said one by one; searching for pictures implies searching."""
    flat = {name: said[name] for name in _NAMES if name in said}
    if flat.get("google_image_search") is True:
        flat = {"google_search": True, **flat}
    output: dict[str, JSON] = {name: flat.pop(name) for name in _OUTPUT_MEMBERS if name in flat}
    return {**flat, _OUTPUT: output} if output else flat


def merged(options: Mapping[str, JSON], stronger: Mapping[str, JSON]) -> dict[str, JSON]:
    """Parameters of two places; where they differ, the stronger ones hold."""
    return grouped({**apart(options), **apart(stronger)})


def in_words(options: Mapping[str, JSON]) -> str:
    """Parameters as a person would write them; `bot.toapis.flags.read_list` reads them back."""
    return ", ".join(_in_words(name, value) for name, value in apart(options).items())


def apart(options: Mapping[str, JSON]) -> dict[str, JSON]:
    """The reverse of `grouped`: parameters one by one, in the order in which they are told."""
    output = options.get(_OUTPUT)
    flat = {**options, **(output if isinstance(output, Mapping) else {})}
    return {name: flat[name] for name in _NAMES if name in flat}


def _in_words(name: str, value: JSON) -> str:
    if isinstance(value, bool):
        return _NAMES[name] if value else f"{_NAMES[name]}=no"
    if name == "mimeType" and isinstance(value, str):
        return value.removeprefix("image/")
    return f"{_NAMES[name]} {value}"
