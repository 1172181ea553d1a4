"""What the gateway says went wrong, found in whatever shape it comes.

Its shapes: `{"error": {"code": …, "message": …, "type": …}}`, `{"success": false, "message": …}`, `{"message": …}`; the
message may hold another of these as text. A proxy before it answers with plain text or HTML.

Source: ToAPIs' documentation, "Errors", and public client code.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

REASON_LENGTH = 300  # characters of a reason that are passed on
_READ = 4096  # characters of a message that are looked at
_DEPTH = 10  # messages within messages that are opened
_MARKUP = re.compile(r"<\s*[!/?a-z]", re.IGNORECASE)
_SECRET = re.compile(r"\b(?:sk-|Bearer\s+)[\w.*-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """An error answer, taken apart.

    Attributes:
        words: every code, type and message in it, outermost first, as they came.
        code: the first code that is a word, or else the first that is a number.
        reason: the innermost message that a person can read, shortened; None if there is none.
        genuine: whether it came in one of the gateway's own shapes, and so is the gateway's word and not a proxy's.
        refusal: whether it says so itself, by `success` or `error`, whatever the HTTP status.
    """

    words: tuple[str, ...] = ()
    code: str | None = None
    reason: str | None = None
    genuine: bool = False
    refusal: bool = False

    def names(self, *codes: str) -> bool:
        """Whether it is the gateway's word, and one of these codes is its code, its type or a message or its title.

        A code somewhere within a message does not count: messages quote prompts.
        """
        return self.genuine and any(
            _code(word) in codes or _code(word.partition(":")[0]) in codes for word in self.words
        )


def parse_json(body: bytes) -> object:
    """The decoded JSON of an answer, or None where it is none."""
    try:
        return cast("object", json.loads(body))
    except (ValueError, RecursionError):  # a decoding error is a ValueError
        return None


def as_mapping(data: object) -> Mapping[str, object]:
    """A JSON object's members; none where the value is something else."""
    return cast("Mapping[str, object]", data) if isinstance(data, dict) else {}


def read_complaint(data: object, body: bytes) -> Complaint:
    """Take an error answer apart.

    Args:
        data: its decoded JSON; None if it is none.
        body: its bytes, of which plain text is read.
    """
    fields = as_mapping(data)
    parts = list(_parts(data, _DEPTH))
    refusal = fields.get("success") is False or bool(fields.get("error"))
    if not parts and not isinstance(data, dict | list):
        return Complaint(reason=readable(body[:_READ].decode(errors="replace")))
    codes = [code for kind, value in parts if kind in {"code", "type"} and (code := readable(value))]
    messages = [message for kind, value in parts if kind == "message" and (message := readable(value))]
    return Complaint(
        words=tuple(value for _, value in parts),
        code=next((code for code in codes if not code.isdigit()), codes[0] if codes else None),
        reason=messages[-1] if messages else None,
        genuine=bool(fields) and (bool(parts) or refusal),
        refusal=refusal,
    )


def readable(text: str) -> str | None:
    """What a person may read of a message: one short line without markup, secrets or nested JSON; None if nothing."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text[:_READ]).split())
    if not text or _MARKUP.search(text) or text[0] in "{[":
        return None
    text = _SECRET.sub("…", text)
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 1]}…"


def _code(word: str) -> str:
    """A word or a sentence such as "Task not found." as the code that it spells out."""
    return re.sub(r"[\W_]+", "_", word).strip("_").casefold()


def _parts(data: object, depth: int) -> Iterator[tuple[str, str]]:
    """Every ("code" | "type" | "message", text) of an envelope, outermost first."""
    if isinstance(data, str):
        yield from _message(data, depth)
    elif (fields := as_mapping(data)) and depth:
        for kind in ("code", "type"):
            value = fields.get(kind)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                yield kind, str(value).strip()[:REASON_LENGTH]
        for name in ("message", "error"):
            yield from _parts(fields.get(name), depth - 1)


def _message(text: str, depth: int) -> Iterator[tuple[str, str]]:
    """A message, and what is in the JSON that stands in it, perhaps after some words."""
    start = text.find("{")
    if start >= 0 and depth:
        try:
            inner: object = json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            inner = None
        if inner_parts := list(_parts(inner, depth - 1)):
            if text[:start].strip(" :"):
                yield "message", text[:start].strip(" :")
            yield from inner_parts
            return
    yield "message", text
