"""Reading a JSON form the way Discord does: types, lengths and ranges, with every mistake noted where it is."""

from collections.abc import Iterable
from typing import Any, TypeGuard

from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.refusals import FormErrors, Path


def is_object(value: Any) -> TypeGuard[Json]:
    """Whether decoded JSON is an object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether decoded JSON is a list."""
    return isinstance(value, list)


class Form:
    """One JSON object of a request, at a path. Absent and null fields read as None."""

    def __init__(self, value: Any, errors: FormErrors, path: Path = ()) -> None:
        self.errors = errors
        self.path = path
        self.fields: Json = {}
        if is_object(value):
            self.fields = value
        else:
            errors.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(key) is not None

    def refuse(self, key: str | None, code: str, message: str) -> None:
        """Note a mistake at a field, or at the object itself."""
        self.errors.add(self.path if key is None else (*self.path, key), code, message)

    def text(self, key: str, *, longest: int | None = None, shortest: int = 0, required: bool = False) -> str | None:
        """A string and its length in characters."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
            return None
        self._check_length(key, len(value), shortest, longest)
        return value

    def whole(
        self, key: str, *, least: int | None = None, most: int | None = None, required: bool = False
    ) -> int | None:
        """An integer and its range; a string of digits passes for one."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, str) and value.isdigit())):
            self.refuse(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return None
        number = int(value)
        if least is not None and number < least:
            self.refuse(key, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        if most is not None and number > most:
            self.refuse(key, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
        return number

    def truth(self, key: str) -> bool:
        """A boolean; absent is false."""
        value = self.fields.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.refuse(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return False

    def snowflake(self, key: str, *, required: bool = False) -> str | None:
        """An id, as a string or an integer."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not str(value).isdigit():
            self.refuse(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
            return None
        return str(value)

    def one_of(self, key: str, choices: Iterable[int], *, required: bool = False) -> int | None:
        """An integer out of a few."""
        value = self.whole(key, required=required)
        allowed = sorted(choices)
        if value is not None and value not in allowed:
            self.refuse(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(str, allowed))}}}.")
            return None
        return value

    def list_of(self, key: str, *, longest: int | None = None, shortest: int = 0, required: bool = False) -> list[Any]:
        """A list and its length; absent is empty."""
        value = self._value(key, required=required)
        if value is None:
            return []
        if not is_list(value):
            self.refuse(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        self._check_length(key, len(value), shortest, longest)
        return value

    def forms(self, key: str, *, longest: int | None = None, shortest: int = 0, required: bool = False) -> "list[Form]":
        """A list of objects and its length; absent is empty."""
        items = self.list_of(key, longest=longest, shortest=shortest, required=required)
        return [Form(item, self.errors, (*self.path, key, index)) for index, item in enumerate(items)]

    def form(self, key: str, *, required: bool = False) -> "Form | None":
        """An object."""
        value = self._value(key, required=required)
        return None if value is None else Form(value, self.errors, (*self.path, key))

    def _value(self, key: str, *, required: bool) -> Any:
        value = self.fields.get(key)
        if value is None and required:
            self.refuse(key, "BASE_TYPE_REQUIRED", "This field is required")
        return value

    def _check_length(self, key: str, length: int, shortest: int, longest: int | None) -> None:
        if shortest <= length and (longest is None or length <= longest):
            return
        if longest is None:
            self.refuse(key, "BASE_TYPE_MIN_LENGTH", f"Must be {shortest} or more in length.")
        elif shortest == 0:
            self.refuse(key, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        else:
            self.refuse(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length.")
