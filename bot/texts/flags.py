"""Flags among words, and the list of further parameters (`bot/toapis/flags.py`)."""

from collections.abc import Mapping

FLAGS: Mapping[str, str] = {
    "flags.unknown": "“{flag}” is not something Easel knows. It knows --model, --ratio, --resolution, --count, --search, --image-search, --orientation, --temperature, --top-p, --format, --quality, --spoiler and --private, and short ones such as --pro, --16:9 and --4k.",
    "flags.unknown_close": "“{flag}” is not something Easel knows. Did you mean “{close}”?",
    "flags.unknown_item": "“{flag}” is not something Easel knows. There is search, image search, orientation, temperature, top p, format (png, jpeg or webp) and quality.",
    "flags.foreign": "“{flag}” belongs to another image generator; Easel has no such setting. Leave it out.",
    "flags.negative": "Easel does not know “{flag}”. Say it in words instead, such as “without {unwanted}”.",
    "flags.negative_alone": "Easel does not know “{flag}”. Say it in words instead, such as “without text”.",
    "flags.value_missing": "“{flag}” needs a value after it, such as “{example}”.",
    "flags.count": "“{flag}” needs a whole number after it, such as 2; “{value}” is not one.",
}
