"""What someone usually wants, told to them."""

from collections.abc import Iterator

from bot.jobs.preferences import Preferences
from bot.texts import Text
from bot.toapis.catalog import BY_ID, Model
from bot.toapis.typed import DEFAULT_MODEL
from bot.toapis.words import ratio_label


def defaults(preferences: Preferences) -> str:
    """A person's usual choices, with what holds where they made none."""
    return "\n".join(str(text) for text in _lines(preferences))


def _lines(preferences: Preferences) -> Iterator[Text]:
    own = BY_ID.get(preferences.model or "")
    model = own or DEFAULT_MODEL
    yield Text("defaults.title")
    yield Text("defaults.model" if own else "defaults.model_of_easel", {"model": model.name})
    if preferences.ratio is None:
        yield Text("defaults.ratio_auto")
    else:
        yield Text("defaults.ratio", {"ratio": ratio_label(preferences.ratio)})
    if preferences.resolution is None:
        yield Text("defaults.resolution_of_model")
    else:
        yield Text("defaults.resolution", {"resolution": preferences.resolution})
    yield Text("defaults.private" if preferences.private else "defaults.public")
    if preferences.private:
        yield Text("defaults.private_words")
    yield from _unused(model, preferences)
    yield Text("defaults.how")


def _unused(model: Model, preferences: Preferences) -> Iterator[Text]:
    """What this model cannot do; others may."""
    if preferences.ratio is not None and preferences.ratio not in model.ratios:
        yield Text("defaults.unused", {"model": model.name, "value": preferences.ratio})
    if preferences.resolution is not None and preferences.resolution not in model.resolutions:
        yield Text("defaults.unused", {"model": model.name, "value": preferences.resolution})
