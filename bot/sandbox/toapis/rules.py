"""What the gateway accepts: its image models, and the reading of a submitted request.

Source: ToAPIs' model pages and API documentation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

from bot.sandbox.toapis.envelopes import Refusal, invalid

Check: TypeAlias = Callable[[Any], bool]


def _ratios(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _within(low: float, high: float) -> Check:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _whole_within(low: int, high: int) -> Check:
    return lambda value: _is_whole(value) and low <= value <= high


_OUTPUT: Mapping[str, Check] = {
    "mimeType": _one_of("image/png", "image/jpeg", "image/webp"),
    "compressionQuality": _whole_within(0, 100),
}


def _is_output(value: Any) -> bool:
    return _is_object(value) and all(key in _OUTPUT and _OUTPUT[key](entry) for key, entry in value.items())


_HARM = _one_of(
    *(f"HARM_CATEGORY_{kind}" for kind in ("HATE_SPEECH", "DANGEROUS_CONTENT", "SEXUALLY_EXPLICIT", "HARASSMENT"))
)
_THRESHOLD = _one_of("OFF", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH")


def _is_safety(value: Any) -> bool:
    return _is_array(value) and all(
        _is_object(item)
        and item.keys() == {"category", "threshold"}
        and _HARM(item["category"])
        and _THRESHOLD(item["threshold"])
        for item in value
    )


@dataclass(frozen=True, kw_only=True)
class Model:
    """An image model, as far as the gateway checks a request for it.

    Attributes:
        id: the name in the API.
        title: the name people know.
        ratios: the values of `size`.
        resolutions: the values of `metadata.resolution`; empty if it is not offered.
        prompt_limit: in Unicode characters; None is no limit.
        count_limit: of `n`; None is no limit.
        reference_limit: of `image_urls`.
        metadata: a check for each key of `metadata` besides `resolution`.
        mask: whether `mask_url` is taken.
        sizes: the pixels of a ratio where they are documented.
    """

    id: str
    title: str
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    prompt_limit: int | None
    count_limit: int | None
    reference_limit: int
    metadata: Mapping[str, Check]
    mask: bool = False
    sizes: Mapping[str, tuple[int, int]]


_WIDE_TO_TALL = _ratios("1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9")
_ORIENTATION = {"orientation": _one_of("landscape", "portrait")}

MODELS: Mapping[str, Model] = {
    model.id: model
    for model in (
        Model(
            id="gemini-3.1-flash-image-preview",
            title="Nano Banana 2",
            ratios=_ratios("1:1 3:2 2:3 4:3 3:4 16:9 9:16 5:4 4:5 21:9 1:4 4:1 1:8 8:1"),
            resolutions=("0.5K", "1K", "2K", "4K"),
            prompt_limit=None,
            count_limit=None,
            reference_limit=14,
            metadata={"google_search": _is_bool, "google_image_search": _is_bool},
            sizes={},
        ),
        Model(
            id="gemini-3-pro-image-preview",
            title="Nano Banana Pro",
            ratios=_WIDE_TO_TALL,
            resolutions=("1K", "2K", "4K"),
            prompt_limit=1000,
            count_limit=1,
            reference_limit=14,
            metadata=_ORIENTATION,
            mask=True,
            sizes={},
        ),
        Model(
            id="gemini-2.5-flash-image-preview",
            title="Nano Banana",
            ratios=_ratios("1:1 16:9 9:16 4:3 3:4 3:2 2:3"),
            resolutions=("1K",),
            prompt_limit=1000,
            count_limit=1,
            reference_limit=14,
            metadata=_ORIENTATION,
            sizes={
                "1:1": (1024, 1024),
                "16:9": (1792, 1024),
                "9:16": (1024, 1792),
                "4:3": (1365, 1024),
                "3:4": (1024, 1365),
                "3:2": (1536, 1024),
                "2:3": (1024, 1536),
            },
        ),
        Model(
            id="gemini-2.5-flash-image-official",
            title="Nano Banana (Vertex)",
            ratios=_WIDE_TO_TALL,
            resolutions=(),
            prompt_limit=None,
            count_limit=1,
            reference_limit=3,
            metadata={
                "temperature": _within(0, 2),
                "topP": _within(0, 1),
                "maxOutputTokens": _whole_within(1, 32768),
                "personGeneration": _one_of("ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"),
                "imageOutputOptions": _is_output,
                "safetySettings": _is_safety,
            },
            sizes={},
        ),
    )
}
ALIASES = {"nano-banana-pro": "gemini-3-pro-image-preview", "nano-banana": "gemini-2.5-flash-image-preview"}

_FIELDS = {
    *("model", "prompt", "size", "n", "image_urls", "metadata"),
    *("client_business_id", "callback_url", "mask_url"),
}
_BASE64 = re.compile(r"data:|[A-Za-z0-9+/\s]{64,}={0,2}\s*\Z")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A submitted request that keeps the rules.

    Attributes:
        model: the model asked for.
        prompt: as sent.
        ratio: `size`, or the default "1:1".
        resolution: `metadata.resolution`, or the default "1K".
        count: `n`, or the default 1.
        image_urls: the references' addresses.
        mask_url: the mask's address, if sent.
        metadata: as sent.
        business_id: `client_business_id`, if sent.
        body: all of it, as sent.
    """

    model: Model
    prompt: str
    ratio: str
    resolution: str
    count: int
    image_urls: tuple[str, ...]
    mask_url: str | None
    metadata: Mapping[str, Any]
    business_id: str | None
    body: Mapping[str, Any]


def read_request(body: Any) -> Request:
    """The request in the decoded body of a submit.

    Raises:
        Refusal: it breaks a rule; the first one found is named.
    """
    if not _is_object(body):
        raise invalid("The request body must be a JSON object")
    model = _model(body.get("model"))
    if unknown := sorted(body.keys() - _FIELDS):
        raise invalid(f"Unknown parameter: {', '.join(unknown)}")
    metadata = _metadata(model, body.get("metadata", {}))
    if "mask_url" in body and not model.mask:
        raise invalid(f"{model.id} does not take mask_url")
    for name in ("client_business_id", "callback_url", "mask_url"):
        if name in body and not (isinstance(body[name], str) and body[name]):
            raise invalid(f"{name} must be a non-empty string")
    return Request(
        model=model,
        prompt=_prompt(model, body.get("prompt")),
        ratio=_ratio(model, body.get("size", "1:1")),
        resolution=metadata.get("resolution", "1K"),
        count=_count(model, body.get("n", 1)),
        image_urls=_image_urls(model, body.get("image_urls", [])),
        mask_url=body.get("mask_url"),
        metadata=metadata,
        business_id=body.get("client_business_id"),
        body=body,
    )


def _model(value: Any) -> Model:
    if not isinstance(value, str):
        raise invalid("model is required and must be a string")
    model = MODELS.get(ALIASES.get(value, value))
    if model is None:
        raise no_channel(value)
    return model


def no_channel(model: str) -> Refusal:
    """503: no channel serves the model, or there is no such model."""
    return Refusal(503, "model_not_found", f"No available channel for model {model}")


def _prompt(model: Model, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("prompt is required and must be a non-empty string")
    if model.prompt_limit is not None and len(value) > model.prompt_limit:
        raise invalid(f"prompt is too long: {len(value)} characters, at most {model.prompt_limit}")
    return value


def _ratio(model: Model, value: Any) -> str:
    if not isinstance(value, str) or value not in model.ratios:
        raise invalid(f"size {value!r} is not supported by {model.id}; use one of {', '.join(model.ratios)}")
    return value


def _count(model: Model, value: Any) -> int:
    if not _is_whole(value):
        raise invalid("n must be an integer")
    if value < 1 or (model.count_limit is not None and value > model.count_limit):
        raise invalid(f"n is out of range for {model.id}: {value}")
    return int(value)


def _image_urls(model: Model, value: Any) -> tuple[str, ...]:
    if not _is_array(value):
        raise invalid("image_urls must be an array of strings")
    if len(value) > model.reference_limit:
        raise invalid(f"Too many reference images: {len(value)}, at most {model.reference_limit}")
    for url in value:
        if not isinstance(url, str):
            raise invalid("image_urls must be an array of strings")
        if _BASE64.match(url):
            raise invalid("Base64 images are not supported; upload the image and pass its URL")
        if not url.startswith(("https://", "http://")):
            raise invalid(f"Not a valid image URL: {url}")
    return tuple(value)


def _metadata(model: Model, value: Any) -> dict[str, Any]:
    if not _is_object(value):
        raise invalid("metadata must be an object")
    for key, entry in value.items():
        if key == "resolution":
            if entry not in model.resolutions:
                raise invalid(f"metadata.resolution {entry!r} is not supported by {model.id}")
        elif key not in model.metadata:
            raise invalid(f"Unknown parameter metadata.{key} for {model.id}")
        elif not model.metadata[key](entry):
            raise invalid(f"metadata.{key} has an invalid value: {entry!r}")
    if value.get("google_image_search") and not value.get("google_search"):
        raise invalid("metadata.google_image_search requires metadata.google_search")
    return value
