"""The operator's policy: parameters that nobody's request decides."""

from collections.abc import Mapping
from dataclasses import replace

from bot.toapis.catalog import BY_ID, RESERVED
from bot.toapis.schema import JSON, ImageRequest


def reserved_parameters(person_generation: str | None, safety: Mapping[str, str]) -> dict[str, JSON]:
    """The operator's settings as the gateway wants them; what is not set is left out.

    Args:
        person_generation: such as "ALLOW_ADULT".
        safety: thresholds by category, such as "HATE_SPEECH": "BLOCK_ONLY_HIGH".
    """
    parameters: dict[str, JSON] = {}
    if person_generation is not None:
        parameters["personGeneration"] = person_generation
    if safety:
        parameters["safetySettings"] = [
            {"category": f"HARM_CATEGORY_{harm}", "threshold": threshold} for harm, threshold in safety.items()
        ]
    return parameters


def under_policy(request: ImageRequest, reserved: Mapping[str, JSON]) -> ImageRequest:
    """The request with the operator's parameters, as far as its model takes them, in place of any it brought itself."""
    model = BY_ID.get(request.model)
    taken = {name: value for name, value in reserved.items() if model is not None and name in model.reserved}
    own = {name: value for name, value in request.options.items() if name not in RESERVED}
    return replace(request, options={**own, **taken})
