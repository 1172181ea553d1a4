"""What somebody typed, made a request: in the gateway's words where it is understood, else as it was typed.

What was not typed comes from what is usual for the person, or from the picture that is gone on from, as far as the
model can do it: nobody is refused for something they did not ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.toapis.catalog import BY_ID, NANO_BANANA_2, Model
from bot.toapis.schema import JSON, ImageRequest
from bot.toapis.words import find_model, find_ratio, find_resolution

DEFAULT_MODEL = NANO_BANANA_2
AUTO = "auto"
"""Typed or chosen as a ratio: that of the first reference, or the model's own where there is none."""


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What holds where nothing was typed; None: nothing in particular."""

    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A request in somebody's own words.

    Attributes:
        model, ratio, resolution: as typed or chosen; None: not said.
        options: the model's other parameters by their wire names.
    """

    prompt: str
    model: str | None = None
    ratio: str | None = None
    resolution: str | None = None
    count: int = 1
    options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])

    def request(self, usual: Usual) -> ImageRequest:
        """The request; what is not understood stays as it is, for `bot.toapis.check` to name."""
        model = self._model(usual)
        known = BY_ID.get(model)
        return ImageRequest(
            model=model,
            prompt=_sound(self.prompt).strip(),
            size=self._ratio(known or DEFAULT_MODEL, usual),
            resolution=self._resolution(known or DEFAULT_MODEL, usual),
            count=self.count,
            options=self.options,
        )

    def _model(self, usual: Usual) -> str:
        if self.model is None:
            return usual.model if usual.model and usual.model in BY_ID else DEFAULT_MODEL.id
        found = find_model(self.model)
        return found.id if found else self.model

    def _ratio(self, model: Model, usual: Usual) -> str | None:
        if self.ratio is None:
            return usual.ratio if usual.ratio in model.ratios else None
        if self.ratio.strip().casefold() == AUTO:
            return None
        return find_ratio(model, self.ratio) or self.ratio

    def _resolution(self, model: Model, usual: Usual) -> str | None:
        if self.resolution is None:
            return usual.resolution if usual.resolution in model.resolutions else None
        return find_resolution(model, self.resolution) or self.resolution


def _sound(words: str) -> str:
    """As they can be sent: half a character, which JSON may carry, becomes the mark of one that is lost."""
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
