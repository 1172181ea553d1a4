"""Values that are almost what was expected."""

import copy
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

Path: TypeAlias = tuple[str | int, ...]
Recipe: TypeAlias = list[tuple[int, int, Any]]

LONG = "long"
"""The name of the profile with many examples."""
_MANY = 100  # times as many as in the ordinary run

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 1, 2**31, 2**53, 2**63, 2**64, 10**30, 0.5, -0.0, 1e300)),
    st.sampled_from(("", "0", "-1", "null", "a:b:c", "\x00", "💥", "x" * 300, "9" * 30, "1e9")),
    st.text(max_size=8),
    st.sampled_from(([], {}, [None], [[]], [{}], {"id": None}, {"": ""}, ["x"] * 30)),
)
"""What nobody expects anywhere."""


def fuzzed(examples: int) -> settings:
    """So many examples, always the same; many more, and others each time, under the profile `LONG`."""
    long = settings.get_current_profile_name() == LONG
    return settings(
        max_examples=examples * (_MANY if long else 1),
        derandomize=not long,
        database=None,
        deadline=None,
        # One bot for all examples: none may break it for the next.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


RECIPES: st.SearchStrategy[Recipe] = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 6), ODD), min_size=1, max_size=3
)
"""What is to be done to a value that is not known yet: where, what, and with which odd value."""


def mutated(value: Any) -> st.SearchStrategy[Any]:
    """The JSON value with one to three of its parts odd, left out, doubled, or of another type."""
    return RECIPES.map(lambda recipe: mutate(recipe, value))


def mutate(recipe: Recipe, value: Any) -> Any:
    """The JSON value as the recipe makes it; it is not changed itself."""
    mutant = {"": copy.deepcopy(value)}
    for place, how, odd in recipe:
        if paths := list(_paths(mutant)):
            path = paths[place % len(paths)]
            _change(_at(mutant, path[:-1]), path[-1], how, copy.deepcopy(odd))
    return mutant.get("")


def _change(holder: Any, key: Any, how: int, odd: Any) -> None:
    part = holder[key]
    match how:
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            cast("list[Any]", holder).append(copy.deepcopy(part))
        case 2 if isinstance(part, dict):
            cast("dict[str, Any]", part)["odd"] = odd
        case 3 if isinstance(part, str | int | float):
            holder[key] = len(part) if isinstance(part, str) else str(part)
        case 4:
            holder[key] = [part]
        case _:
            holder[key] = odd


def _paths(value: Any, begin: Path = ()) -> Iterator[Path]:
    """The places of all parts of a value, its own not among them."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        parts = enumerate(cast("list[Any]", value))
    for key, part in parts:
        yield (*begin, key)
        yield from _paths(part, (*begin, key))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
