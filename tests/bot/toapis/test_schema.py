"""What is stored and what goes over the wire."""

import json

from bot.toapis.catalog import NANO_BANANA_2
from bot.toapis.schema import ImageRequest, wire_body

FULL = ImageRequest(
    model=NANO_BANANA_2.id,
    prompt="a fox 🦊",
    size="16:9",
    resolution="2k",
    count=3,
    options={"google_search": True},
)


def test_what_was_not_chosen_is_left_out() -> None:
    wanted = ImageRequest(model=NANO_BANANA_2.id, prompt="a fox")

    assert wire_body(wanted, n=1, image_urls=(), business_id="b1") == {
        "model": "gemini-3.1-flash-image-preview",
        "prompt": "a fox",
        "n": 1,
        "client_business_id": "b1",
    }


def test_everything_chosen_stands_where_the_gateway_looks_for_it() -> None:
    body = wire_body(FULL, n=2, image_urls=("https://f/1", "https://f/2"), business_id="b1", mask_url="https://f/m")

    assert body == {
        "model": "gemini-3.1-flash-image-preview",
        "prompt": "a fox 🦊",
        "size": "16:9",
        "n": 2,
        "image_urls": ["https://f/1", "https://f/2"],
        "mask_url": "https://f/m",
        "metadata": {"google_search": True, "resolution": "2K"},
        "client_business_id": "b1",
    }


def test_a_request_survives_its_storage() -> None:
    assert ImageRequest.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_a_request_stored_by_another_version_can_be_read() -> None:
    stored = {"model": "m", "prompt": "p", "seed": 7, "options": None}

    assert ImageRequest.from_json(stored) == ImageRequest(model="m", prompt="p")
