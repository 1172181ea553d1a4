"""The kinds of parameters that a model may take, and what is wrong with a value given for one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.texts import Text
from bot.toapis.schema import JSON

_SHOWN = 60  # characters of a person's own value that are shown back to them


def shown(value: object) -> str:
    """A value as it is shown back to whoever gave it: short, on one line."""
    try:
        text = " ".join(str(value).split())
    except ValueError:  # Python refuses to write out integers of more than 4300 digits
        text = "…"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


@dataclass(frozen=True)
class Flag:
    """Yes or no; `needs` names another flag without which it does nothing."""

    name: str
    label: Text
    needs: str | None = None

    def problems(self, value: JSON, model: str, called: str) -> Iterator[Text]:
        """What is wrong with `value`; `called` is the option's name in the sentence."""
        if not isinstance(value, bool):
            yield Text("check.option_flag", {"option": called, "value": shown(value), "model": model})


@dataclass(frozen=True)
class Number:
    """A number within a range, both ends included."""

    name: str
    label: Text
    low: int
    high: int
    default: float | None
    whole: bool = False

    def problems(self, value: JSON, model: str, called: str) -> Iterator[Text]:
        """What is wrong with `value`; `called` is the option's name in the sentence."""
        if not self._fits(value):
            key = "check.option_whole_number" if self.whole else "check.option_number"
            yield Text(
                key, {"option": called, "value": shown(value), "model": model, "low": self.low, "high": self.high}
            )

    def _fits(self, value: JSON) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Choice:
    """One of several words; `prefix` begins all of them and is not said to people."""

    name: str
    label: Text
    values: tuple[str, ...]
    prefix: str = ""

    def problems(self, value: JSON, model: str, called: str) -> Iterator[Text]:
        """What is wrong with `value`; `called` is the option's name in the sentence."""
        if value not in self.values:
            named = {"option": called, "value": shown(value), "model": model}
            choices = ", ".join(choice.removeprefix(self.prefix) for choice in self.values)
            yield Text("check.option_choice", {**named, "choices": choices})


@dataclass(frozen=True)
class Group:
    """Named members, each of which may be left out."""

    name: str
    label: Text
    members: tuple[Choice | Number, ...]

    def problems(self, value: JSON, model: str, called: str) -> Iterator[Text]:
        """What is wrong with `value`; `called` is the option's name in the sentence."""
        if not isinstance(value, Mapping):
            yield self._misshapen(value, model, called)
            return
        known = {member.name: member for member in self.members}
        for name, given in value.items():
            if (member := known.get(name)) is None:
                yield Text("check.option_unknown", {"option": f"{called}: {shown(name)}", "model": model})
            else:
                yield from member.problems(given, model, str(member.label))

    def _misshapen(self, value: JSON, model: str, called: str) -> Text:
        named = {"option": called, "value": shown(value), "model": model}
        return Text("check.option_members", {**named, "members": ", ".join(member.name for member in self.members)})


Option: TypeAlias = Flag | Number | Choice | Group
