"""The keys that the code names, and the sentences that there are, are the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.texts import _AREAS, ENGLISH

ROOT = Path(__file__).parents[3]
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")
PART = re.compile(r"[a-z0-9_.]{5,}")


def sources() -> Iterator[Path]:
    """Every file that may name a sentence."""
    texts = ROOT / "bot" / "texts"
    for folder in ("bot", "cogs"):
        yield from (path for path in (ROOT / folder).rglob("*.py") if texts not in path.parents)


def named_in(path: Path) -> Iterator[str]:
    """The keys in a file, as patterns: where one is put together, any part may be there."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.JoinedStr(values=parts):
                written = [str(part.value) if isinstance(part, ast.Constant) else "" for part in parts]
                if PART.fullmatch("".join(written)):
                    yield "".join(re.escape(part) or "[a-z0-9_.]+" for part in written)
            case ast.Constant(value=str(key)) if KEY.fullmatch(key):
                yield re.escape(key)
            case _:
                pass


def spoken(node: ast.AST) -> Iterator[str]:
    """The keys that are made a `Text` of and written out."""
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Name(id="Text"), args=[key, *_]):
                yield from _written_out(key)
            case _:
                pass


def _written_out(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp(body=body, orelse=otherwise):
            yield from (*_written_out(body), *_written_out(otherwise))
        case _:
            pass


def test_every_sentence_that_the_code_names_is_there() -> None:
    named = [(path, key) for path in sources() for key in spoken(ast.parse(path.read_text("utf-8")))]
    assert len(named) > 50
    assert [f"{path.relative_to(ROOT)}: {key}" for path, key in named if key not in ENGLISH] == []


def test_every_sentence_is_named_somewhere_in_the_code() -> None:
    named = [re.compile(pattern) for pattern in {pattern for path in sources() for pattern in named_in(path)}]
    assert [key for key in ENGLISH if not any(pattern.fullmatch(key) for pattern in named)] == []


def test_no_two_areas_have_a_sentence_of_the_same_name() -> None:
    assert len(ENGLISH) == sum(len(area) for area in _AREAS)


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_sentence_is_tidy(key: str) -> None:
    sentence = ENGLISH[key]
    assert sentence == sentence.strip(" ")
    assert "  " not in sentence
    assert " ," not in sentence
    assert "..." not in sentence, "an ellipsis is one character"
    assert "’" not in sentence, "an apostrophe is the plain one"
