"""Parameters that nobody's request decides."""

import pytest

from bot.toapis.catalog import MODELS, NANO_BANANA_2, NANO_BANANA_VERTEX, RESERVED
from bot.toapis.policy import reserved_parameters, under_policy
from bot.toapis.schema import JSON, ImageRequest

STRICT = reserved_parameters("ALLOW_NONE", {"HATE_SPEECH": "BLOCK_ONLY_HIGH", "HARASSMENT": "OFF"})


def test_the_operators_settings_are_told_as_the_gateway_wants_them() -> None:
    assert STRICT == {
        "personGeneration": "ALLOW_NONE",
        "safetySettings": [
            {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_ONLY_HIGH"},
            {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"},
        ],
    }


def test_what_the_operator_leaves_open_is_left_out() -> None:
    assert reserved_parameters(None, {}) == {}


def test_a_model_that_takes_them_is_told_beside_the_persons_own() -> None:
    request = ImageRequest(model=NANO_BANANA_VERTEX.id, prompt="x", options={"temperature": 1})
    assert under_policy(request, STRICT).options == {"temperature": 1, **STRICT}


def test_a_model_that_does_not_take_them_is_not_told() -> None:
    request = ImageRequest(model=NANO_BANANA_2.id, prompt="x", options={"google_search": True})
    assert under_policy(request, STRICT) == request
    assert under_policy(ImageRequest(model="gemini-9", prompt="x"), STRICT).options == {}


@pytest.mark.parametrize("reserved", [STRICT, {}])
def test_what_a_request_brings_of_them_never_wins(reserved: dict[str, JSON]) -> None:
    smuggled: dict[str, JSON] = {"personGeneration": "ALLOW_ALL", "safetySettings": [], "maxOutputTokens": 1}
    request = ImageRequest(model=NANO_BANANA_VERTEX.id, prompt="x", options={**smuggled, "topP": 1})
    assert under_policy(request, reserved).options == {"topP": 1, **reserved}


def test_every_reserved_parameter_is_known_by_a_name_and_to_no_person() -> None:
    for model in MODELS:
        assert set(model.reserved) <= RESERVED.keys()
        assert not {option.name for option in model.options} & RESERVED.keys()
