"""The gateway's image models as data: what each can do, how much it takes, and what people call it.

Source: ToAPIs' documentation, the pages of the four models. Where its pages disagree, the more permissive figure stands
here, and a refusal by the gateway is shown to the user as such.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.texts import Text
from bot.toapis.options import Choice, Flag, Group, Number, Option

MAX_COUNT = 4  # pictures in one request; a model that makes one per task paints them in several tasks

RESERVED: Mapping[str, Text] = {
    "personGeneration": Text("option.people"),
    "safetySettings": Text("option.safety_settings"),
    "maxOutputTokens": Text("option.output_tokens"),
}
"""Parameters that are the operator's to decide, not the person's who asks, with what people call them."""

RESOLUTION_EDGES: Mapping[str, int] = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
"""The edge in pixels of a square picture."""


@dataclass(frozen=True, kw_only=True)
class Mask:
    """A mask goes with the first reference and has its pixel size; documented on one page of the gateway only."""

    content_type: str
    max_bytes: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """One image model.

    Attributes:
        id: what the gateway calls it.
        name: what people call it.
        aliases: other names that people type; compared without case, spaces and punctuation.
        ratios: values of `size`, in the order in which they are offered.
        resolutions: values of `metadata.resolution`; empty where the model does not know that parameter.
        prompt_limit: characters (Unicode code points), or None.
        max_n: pictures that one task may make.
        references: reference pictures at most.
        advice: recommended use of the references, as (objects, people), where the documentation gives one.
        options: other parameters, sent in `metadata`.
        reserved: those of them that are the operator's (`RESERVED`).
        usual_seconds: from submit to result at 1K, a seed until there is experience; 5-30 s are documented as typical.
        sizes: documented pixel sizes by ratio; other models follow `pixel_size`'s rule.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    default_resolution: str | None
    prompt_limit: int | None
    max_n: int
    references: int
    usual_seconds: float
    advice: tuple[int, int] | None = None
    options: tuple[Option, ...] = ()
    reserved: tuple[str, ...] = ()
    mask: Mask | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]], hash=False)


MASK = Mask(content_type="image/png", max_bytes=4 * 1024 * 1024)

_ORIENTATION = Choice("orientation", label=Text("option.orientation"), values=("landscape", "portrait"))

NANO_BANANA_2 = Model(
    id="gemini-3.1-flash-image-preview",
    name="Nano Banana 2",
    aliases=("nano-banana-2", "2", "nb2", "banana 2", "3.1", "3.1 flash", "flash 3.1", "gemini-3.1-flash-image"),
    ratios=("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "5:4", "4:5", "21:9", "1:4", "4:1", "1:8", "8:1"),
    resolutions=("0.5K", "1K", "2K", "4K"),
    default_resolution="1K",
    prompt_limit=None,
    max_n=MAX_COUNT,
    references=14,
    advice=(10, 4),
    options=(
        Flag("google_search", label=Text("option.google_search")),
        Flag("google_image_search", label=Text("option.google_image_search"), needs="google_search"),
    ),
    usual_seconds=12.0,
)

NANO_BANANA_PRO = Model(
    id="gemini-3-pro-image-preview",
    name="Nano Banana Pro",
    aliases=("nano-banana-pro", "pro", "nbp", "banana pro", "3 pro", "gemini-3-pro", "gemini-3-pro-image"),
    ratios=("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    resolutions=("1K", "2K", "4K"),
    default_resolution="1K",
    prompt_limit=1000,
    max_n=1,
    references=14,
    options=(_ORIENTATION,),
    mask=MASK,
    usual_seconds=20.0,
)

NANO_BANANA = Model(
    id="gemini-2.5-flash-image-preview",
    name="Nano Banana",
    aliases=("nano-banana", "nb", "banana", "1", "nano-banana-1", "2.5", "2.5 flash", "gemini-2.5-flash-image"),
    ratios=("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"),
    resolutions=("1K",),
    default_resolution="1K",
    prompt_limit=1000,
    max_n=1,
    references=14,
    options=(_ORIENTATION,),
    usual_seconds=8.0,
    sizes={
        "1:1": (1024, 1024),
        "16:9": (1792, 1024),
        "9:16": (1024, 1792),
        "4:3": (1365, 1024),
        "3:4": (1024, 1365),
        "3:2": (1536, 1024),
        "2:3": (1024, 1536),
    },
)

NANO_BANANA_VERTEX = Model(
    id="gemini-2.5-flash-image-official",
    name="Nano Banana (Vertex direct)",
    aliases=("nano-banana-vertex", "nano-banana-official", "vertex", "vertex direct", "direct", "official"),
    ratios=("1:1", "3:2", "2:3", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    resolutions=(),
    default_resolution=None,
    prompt_limit=None,
    max_n=1,
    references=3,
    options=(
        Number("temperature", label=Text("option.temperature"), low=0, high=2, default=1.0),
        Number("topP", label=Text("option.top_p"), low=0, high=1, default=0.95),
        Group(
            "imageOutputOptions",
            label=Text("option.output"),
            members=(
                Choice(
                    "mimeType",
                    label=Text("option.file_type"),
                    values=("image/png", "image/jpeg", "image/webp"),
                    prefix="image/",
                ),
                Number("compressionQuality", label=Text("option.quality"), low=0, high=100, default=None, whole=True),
            ),
        ),
    ),
    reserved=("maxOutputTokens", "personGeneration", "safetySettings"),
    usual_seconds=10.0,
)

MODELS = (NANO_BANANA_2, NANO_BANANA_PRO, NANO_BANANA, NANO_BANANA_VERTEX)
BY_ID: Mapping[str, Model] = {model.id: model for model in MODELS}

_SLOWER: Mapping[str, float] = {"0.5K": 0.8, "1K": 1.0, "2K": 1.4, "4K": 2.0}


def seed_seconds(model: Model, resolution: str | None, references: int) -> float:
    """A first guess of the seconds from submit to result; larger pictures and many references take longer."""
    factor = _SLOWER.get(resolution or "1K", 1.0)
    return model.usual_seconds * factor * stretch(references)


def stretch(references: int) -> float:
    """How much longer a picture takes that is made from so many others: a guess."""
    return 1 + references / 28


def nearest_ratio(model: Model, width: int, height: int) -> str:
    """The model's ratio that is most like a picture of this size: a fifth wider counts as much as a fifth higher."""
    wanted = math.log(width / height)
    return min(model.ratios, key=lambda ratio: abs(math.log(_proportion(ratio)) - wanted))


def next_resolution(model: Model, resolution: str | None) -> str | None:
    """The resolution that comes after this one (None: the model's default), if the model has one."""
    current = (resolution or model.default_resolution or "").upper()
    if current not in model.resolutions:
        return None
    larger = model.resolutions[model.resolutions.index(current) + 1 :]
    return larger[0] if larger else None


def pixel_size(model: Model, ratio: str, resolution: str | None) -> tuple[int, int]:
    """About how large a picture becomes, as (width, height) in pixels.

    Gemini keeps a square's area at every ratio and rounds up to whole tiles of 16 pixels (at 1K).
    """
    if documented := model.sizes.get(ratio):
        return documented
    edge = RESOLUTION_EDGES[resolution or model.default_resolution or "1K"]
    tile = edge // 64
    stretch = math.sqrt(_proportion(ratio))
    width, height = edge * stretch, edge / stretch
    return -int(-width // tile) * tile, -int(-height // tile) * tile


def _proportion(ratio: str) -> float:
    across, down = (int(part) for part in ratio.split(":"))
    return across / down
