"""A modal that the bot opened, as a person fills it in.

Source: Discord's API documentation, "Component Reference" (labels and what they hold, interaction responses of modal
components).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bot.sandbox.discord.components import (
    ACTION_ROW,
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    USER_SELECT,
)
from bot.sandbox.discord.entities import Channel, Json, Role, User
from bot.sandbox.discord.people.resolved import Resolved
from bot.sandbox.discord.people.values import NotPossible, Upload, Value

LONGEST_INPUT = 4000

Answer: TypeAlias = Value | Sequence[Value]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to fill in: its label, what is said below it, and the component that takes the answer."""

    label: str
    component: Json
    description: str | None = None

    @property
    def custom_id(self) -> str:
        """The id the bot knows it by."""
        return str(self.component["custom_id"])

    @property
    def required(self) -> bool:
        """Whether it must be answered; Discord's default is yes."""
        return bool(self.component.get("required", True))

    @property
    def choices(self) -> tuple[str, ...]:
        """The labels of what can be chosen."""
        return tuple(option["label"] for option in self.component.get("options") or ())

    @property
    def prefilled(self) -> tuple[str, ...]:
        """What the bot filled in: words, or the labels of what it chose."""
        chosen = tuple(option["label"] for option in self.component.get("options") or () if option.get("default"))
        words: str = self.component.get("value") or ""
        return chosen or ((words,) if words else ())

    def __str__(self) -> str:
        return f"{self.label}: {', '.join(self.prefilled) or '…'}"


@dataclass(frozen=True, kw_only=True)
class Modal:
    """The form on the person's screen."""

    custom_id: str
    title: str
    fields: tuple[Field, ...]
    components: tuple[Json, ...]

    @classmethod
    def opened(cls, data: Json) -> "Modal":
        """The modal that a callback of type 9 carried."""
        components: list[Json] = data["components"]
        fields: list[Field] = []
        for outer in components:
            if outer["type"] == LABEL:
                fields.append(
                    Field(label=outer["label"], component=outer["component"], description=outer.get("description"))
                )
            elif outer["type"] == ACTION_ROW:
                fields += [Field(label=inner["label"], component=inner) for inner in outer["components"]]
        return cls(custom_id=data["custom_id"], title=data["title"], fields=tuple(fields), components=tuple(components))

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands between the fields."""
        return tuple(outer["content"] for outer in self.components if outer["type"] == TEXT_DISPLAY)

    def __str__(self) -> str:
        return " | ".join((f"“{self.title}”", *self.texts, *map(str, self.fields)))

    async def submission(self, answers: Mapping[str, Answer], resolved: Resolved) -> Json:
        """The interaction data of the filled-in form.

        Args:
            answers: by label or custom_id; what is not named keeps what the bot filled in.
            resolved: takes what the answers refer to.

        Raises:
            NotPossible: an answer is missing, unknown, or not what the client accepts.
        """
        by_id = self._by_custom_id(answers)
        filled = {field.custom_id: await _filled(field, by_id.get(field.custom_id), resolved) for field in self.fields}
        data: Json = {
            "custom_id": self.custom_id,
            "components": [_submitted(outer, filled) for outer in self.components],
        }
        return resolved.into(data)

    def _by_custom_id(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for name, answer in answers.items():
            field = next((each for each in self.fields if name in (each.label, each.custom_id)), None)
            if field is None:
                known = ", ".join(each.label for each in self.fields)
                raise NotPossible(f"“{self.title}” has no field {name}; it has: {known}.")
            found[field.custom_id] = answer
        return found


def _submitted(outer: Json, filled: Mapping[str, Json]) -> Json:
    frame = {"type": outer["type"], "id": outer.get("id", 0)}
    if outer["type"] == TEXT_DISPLAY:
        return frame
    if outer["type"] == LABEL:
        return {**frame, "component": filled[outer["component"]["custom_id"]]}
    return {**frame, "components": [filled[inner["custom_id"]] for inner in outer["components"]]}


async def _filled(field: Field, answer: Answer | None, resolved: Resolved) -> Json:
    component = field.component
    key, value = await _ANSWERS[component["type"]](field, answer, resolved)
    return {"type": component["type"], "id": component.get("id", 0), "custom_id": field.custom_id, key: value}


async def _text(field: Field, answer: Answer | None, _resolved: Resolved) -> tuple[str, Any]:
    text = field.component.get("value") or "" if answer is None else answer
    if not isinstance(text, str):
        raise NotPossible(f"{field.label} takes text.")
    if not text and not field.required:
        return "value", ""
    least = field.component.get("min_length") or (1 if field.required else 0)
    most = field.component.get("max_length") or LONGEST_INPUT
    if not least <= len(text) <= most:
        raise NotPossible(f"{field.label} takes {least} to {most} characters, not {len(text)}.")
    return "value", text


async def _selected(field: Field, answer: Answer | None, resolved: Resolved) -> tuple[str, Any]:
    return "values", picked(field.component, as_list(answer), resolved, what=field.label, required=field.required)


async def _uploaded(field: Field, answer: Answer | None, resolved: Resolved) -> tuple[str, Any]:
    given = as_list(answer) or []
    files = [each for each in given if isinstance(each, Upload | Path | bytes)]
    if len(files) < len(given):
        raise NotPossible(f"{field.label} takes files.")
    _check_count(field.component, len(files), field.label, required=field.required)
    return "values", [await resolved.file(file) for file in files]


async def _radio(field: Field, answer: Answer | None, _resolved: Resolved) -> tuple[str, Any]:
    chosen = _options(field.component, as_list(answer), field.label)
    if len(chosen) > 1 or (field.required and not chosen):
        raise NotPossible(f"{field.label} takes one choice.")
    return "value", chosen[0] if chosen else None


async def _checkboxes(field: Field, answer: Answer | None, _resolved: Resolved) -> tuple[str, Any]:
    chosen = _options(field.component, as_list(answer), field.label)
    component = {"max_values": len(field.component["options"]), **field.component}
    _check_count(component, len(chosen), field.label, required=field.required)
    return "values", chosen


async def _checkbox(field: Field, answer: Answer | None, _resolved: Resolved) -> tuple[str, Any]:
    ticked = bool(field.component.get("default")) if answer is None else answer
    if not isinstance(ticked, bool):
        raise NotPossible(f"{field.label} takes True or False.")
    return "value", ticked


def as_list(answer: Answer | None) -> list[Value] | None:
    """One answer or several as a list; None if there is none."""
    if answer is None:
        return None
    if isinstance(answer, Sequence) and not isinstance(answer, str | bytes):
        return list(answer)
    return [answer]


def picked(component: Json, answers: list[Value] | None, resolved: Resolved, *, what: str, required: bool) -> list[str]:
    """The `values` of a select menu: options by label or value, or ids of what was picked.

    Raises:
        NotPossible: too few, too many, or not to be picked here.
    """
    kind = component["type"]
    if kind == STRING_SELECT:
        values = _options(component, answers, what)
    else:
        values = [_picked_entity(kind, each, resolved, what) for each in answers or ()]
    _check_count(component, len(values), what, required=required)
    return values


def _picked_entity(kind: int, value: Value, resolved: Resolved, what: str) -> str:
    if isinstance(value, User) and kind in (USER_SELECT, MENTIONABLE_SELECT):
        return resolved.user(value)
    if isinstance(value, Role) and kind in (ROLE_SELECT, MENTIONABLE_SELECT):
        return resolved.role(value)
    if isinstance(value, Channel) and kind == CHANNEL_SELECT:
        return resolved.place(value)
    raise NotPossible(f"{what} does not take {value!r}.")


def _options(component: Json, answers: list[Value] | None, what: str) -> list[str]:
    """Values of options named by label or value; what the bot preselected if nothing is named."""
    options: list[Json] = component["options"]
    if answers is None:
        return [option["value"] for option in options if option.get("default")]
    found: list[str] = []
    for answer in answers:
        option = next((each for each in options if answer in (each["label"], each["value"])), None)
        if option is None:
            shown = ", ".join(each["label"] for each in options)
            raise NotPossible(f"{what}: choose out of: {shown}.")
        found.append(option["value"])
    return found


def _check_count(component: Json, count: int, what: str, *, required: bool) -> None:
    least = component["min_values"] if component.get("min_values") is not None else 1
    most = component.get("max_values") or 1
    if count == 0 and not required:
        return
    if not max(least, 1) <= count <= most:
        raise NotPossible(f"{what} takes {least} to {most} choices, not {count}.")


_ANSWERS: dict[int, Callable[[Field, Answer | None, Resolved], Awaitable[tuple[str, Any]]]] = {
    TEXT_INPUT: _text,
    **dict.fromkeys((STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT), _selected),
    FILE_UPLOAD: _uploaded,
    RADIO_GROUP: _radio,
    CHECKBOX_GROUP: _checkboxes,
    CHECKBOX: _checkbox,
}
