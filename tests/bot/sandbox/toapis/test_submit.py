"""What the gateway stand-in refuses, and what it accepts."""

from typing import Any

import pytest

from bot.sandbox.toapis import MODELS, Envelope, Refusal
from tests.bot.sandbox.toapis.caller import FLASH, OLD, PRO, VERTEX, Caller, picture

INVALID = (400, "invalid_request")
ENDLESS_BASE64 = "iVBORw0KGgo" + "A" * 80


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sk-wrong", "sk-sandbox", "Basic sk-sandbox"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/uploads/images"),
        ("POST", "/images/generations"),
        ("GET", "/images/generations/x"),
        ("GET", "/balance"),
        ("GET", "/models"),
    ],
)
async def test_every_call_without_the_right_key_is_refused(
    caller: Caller, method: str, path: str, header: str | None
) -> None:
    caller.gateway.envelope = Envelope.NESTED  # so that uploads word it like the others
    headers = {} if header is None else {"Authorization": header}
    answer = await caller.ask(method, path, headers=headers, json={})
    assert answer.status == 401
    assert "unauthorized" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b'{"prompt": "x"}', b'{"model": 1, "prompt": "x"}', b'{"model": null}']
)
async def test_a_body_that_is_no_request_is_refused(caller: Caller, body: bytes) -> None:
    headers = caller.headers | {"Content-Type": "application/json"}
    assert (await caller.ask("POST", "/images/generations", data=body, headers=headers)).error == INVALID


async def test_an_unknown_model_has_no_channel(caller: Caller) -> None:
    assert (await caller.submit("dall-e-2")).error == (503, "model_not_found")


async def test_a_model_that_is_out_of_order_has_no_channel(caller: Caller) -> None:
    caller.gateway.unavailable.add(PRO)
    assert (await caller.submit("nano-banana-pro")).error == (503, "model_not_found")


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        # ratios
        (FLASH, {"size": "7:5"}),
        (PRO, {"size": "8:1"}),
        (OLD, {"size": "21:9"}),
        (VERTEX, {"size": "1:8"}),
        (FLASH, {"size": "1024x1024"}),
        (FLASH, {"size": 1}),
        # numbers of pictures
        (FLASH, {"n": "1"}),
        (FLASH, {"n": 0}),
        (FLASH, {"n": -1}),
        (FLASH, {"n": 1.0}),
        (FLASH, {"n": True}),
        (FLASH, {"n": None}),
        (PRO, {"n": 2}),
        (OLD, {"n": 2}),
        (VERTEX, {"n": 4}),
        # resolutions
        (FLASH, {"resolution": "2K"}),
        (FLASH, {"metadata": {"resolution": "2k"}}),
        (FLASH, {"metadata": {"resolution": "8K"}}),
        (FLASH, {"metadata": {"resolution": 2}}),
        (PRO, {"metadata": {"resolution": "0.5K"}}),
        (OLD, {"metadata": {"resolution": "2K"}}),
        (VERTEX, {"metadata": {"resolution": "1K"}}),
        # prompts
        (FLASH, {"prompt": ""}),
        (FLASH, {"prompt": " \n"}),
        (FLASH, {"prompt": None}),
        (FLASH, {"prompt": ["a fox"]}),
        (PRO, {"prompt": "🦊" * 1001}),
        (OLD, {"prompt": "x" * 1001}),
        # references
        (FLASH, {"image_urls": "https://example.com/a.png"}),
        (FLASH, {"image_urls": [{"url": "https://example.com/a.png"}]}),
        (FLASH, {"image_urls": ["data:image/png;base64,iVBORw0KGgo="]}),
        (FLASH, {"image_urls": [ENDLESS_BASE64]}),
        (FLASH, {"image_urls": ["ftp://example.com/a.png"]}),
        (FLASH, {"image_urls": [""]}),
        # other parameters
        (FLASH, {"quality": "hd"}),
        (FLASH, {"metadata": "2K"}),
        (FLASH, {"metadata": {"seed": 1}}),
        (FLASH, {"metadata": {"orientation": "portrait"}}),
        (FLASH, {"metadata": {"google_search": "yes"}}),
        (FLASH, {"metadata": {"google_image_search": True}}),
        (FLASH, {"metadata": {"google_image_search": True, "google_search": False}}),
        (PRO, {"metadata": {"orientation": "square"}}),
        (PRO, {"metadata": {"google_search": True}}),
        (OLD, {"metadata": {"temperature": 1}}),
        (VERTEX, {"metadata": {"temperature": 2.1}}),
        (VERTEX, {"metadata": {"temperature": True}}),
        (VERTEX, {"metadata": {"topP": -0.1}}),
        (VERTEX, {"metadata": {"maxOutputTokens": 0}}),
        (VERTEX, {"metadata": {"maxOutputTokens": 1.5}}),
        (VERTEX, {"metadata": {"personGeneration": "ALLOW_SOME"}}),
        (VERTEX, {"metadata": {"imageOutputOptions": {"mimeType": "image/gif"}}}),
        (VERTEX, {"metadata": {"imageOutputOptions": {"compressionQuality": 101}}}),
        (VERTEX, {"metadata": {"imageOutputOptions": {"colour": "red"}}}),
        (VERTEX, {"metadata": {"imageOutputOptions": "image/png"}}),
        (VERTEX, {"metadata": {"safetySettings": {}}}),
        (VERTEX, {"metadata": {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT"}]}}),
        (VERTEX, {"metadata": {"safetySettings": [{"category": "HARM_CATEGORY_RUDE", "threshold": "OFF"}]}}),
        (FLASH, {"client_business_id": 7}),
        (FLASH, {"client_business_id": ""}),
        (FLASH, {"callback_url": 7}),
        (FLASH, {"mask_url": "https://example.com/mask.png"}),
    ],
)
async def test_a_request_that_breaks_a_rule_is_refused_and_costs_nothing(
    caller: Caller, model: str, fields: dict[str, Any]
) -> None:
    assert (await caller.submit(model, **fields)).error == INVALID
    assert caller.gateway.tasks == ()
    assert caller.gateway.balance.used(caller.clock.now()) == 0


@pytest.mark.parametrize(("model", "limit"), [(FLASH, 14), (PRO, 14), (OLD, 14), (VERTEX, 3)])
async def test_one_reference_more_than_the_model_takes_is_refused(caller: Caller, model: str, limit: int) -> None:
    url = await caller.uploaded()
    assert (await caller.submit(model, image_urls=[url] * (limit + 1))).error == INVALID
    assert (await caller.submit(model, image_urls=[url] * limit)).status == 200


@pytest.mark.parametrize("model", [PRO, OLD])
async def test_a_prompt_is_measured_in_characters_and_not_in_bytes(caller: Caller, model: str) -> None:
    assert (await caller.submit(model, prompt="🦊" * 1000)).status == 200


@pytest.mark.parametrize("model", [FLASH, VERTEX])
async def test_models_without_a_prompt_limit_read_a_long_prompt(caller: Caller, model: str) -> None:
    assert (await caller.submit(model, prompt="fox " * 5000)).status == 200


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
async def test_every_ratio_and_resolution_in_a_models_table_is_accepted(caller: Caller, model: Any) -> None:
    caller.gateway.limiter.set({})
    for ratio in model.ratios:
        assert (await caller.submit(model.id, size=ratio)).status == 200
    for resolution in model.resolutions:
        assert (await caller.submit(model.id, metadata={"resolution": resolution})).status == 200


@pytest.mark.parametrize(
    ("model", "metadata"),
    [
        (FLASH, {"google_search": True, "google_image_search": True}),
        (FLASH, {"google_search": False}),
        (PRO, {"orientation": "portrait"}),
        (OLD, {"orientation": "landscape", "resolution": "1K"}),
        (
            VERTEX,
            {
                "temperature": 0.5,
                "topP": 1,
                "maxOutputTokens": 32768,
                "personGeneration": "ALLOW_NONE",
                "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
                "safetySettings": [{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_ONLY_HIGH"}],
            },
        ),
    ],
)
async def test_the_parameters_of_a_model_are_accepted_and_echoed(
    caller: Caller, model: str, metadata: dict[str, Any]
) -> None:
    answer = await caller.submit(model, metadata=metadata)
    assert (answer.status, answer.json["metadata"]) == (200, metadata)


@pytest.mark.parametrize(("alias", "model"), [("nano-banana-pro", PRO), ("nano-banana", OLD)])
async def test_an_alias_stands_for_its_model(caller: Caller, alias: str, model: str) -> None:
    answer = await caller.submit(alias)
    assert answer.json["model"] == alias
    assert caller.gateway.tasks[0].request.model.id == model


async def test_an_accepted_request_is_answered_with_a_queued_task(caller: Caller) -> None:
    answer = await caller.submit(PRO, client_business_id="job-1")
    assert answer.json == {
        "id": caller.gateway.tasks[0].id,
        "object": "generation.task",
        "model": PRO,
        "status": "queued",
        "progress": 0,
        "created_at": int(caller.clock.now()),
        "client_business_id": "job-1",
        "metadata": {},
    }


async def test_omitted_fields_get_the_gateways_defaults(caller: Caller) -> None:
    await caller.submit()
    request = caller.gateway.tasks[0].request
    assert (request.ratio, request.resolution, request.count, request.image_urls) == ("1:1", "1K", 1, ())


async def test_a_second_submit_under_the_same_business_id_is_billed_again(caller: Caller) -> None:
    first, second = [(await caller.submit(client_business_id="job-1")).json["id"] for _ in range(2)]
    await caller.submit(client_business_id="job-2")
    assert first != second
    assert caller.gateway.paid_twice == ("job-1",)
    assert caller.gateway.balance.used(caller.clock.now()) == pytest.approx(0.12)


async def test_a_planned_refusal_is_answered_and_used_up(caller: Caller) -> None:
    caller.gateway.next_task(refusal=Refusal(422, "content_policy_violation", "The prompt was refused"))
    assert (await caller.submit()).error == (422, "content_policy_violation")
    assert caller.gateway.tasks == ()
    assert (await caller.submit()).status == 200


async def test_a_mask_of_the_references_size_is_accepted(caller: Caller) -> None:
    reference, mask = await caller.uploaded(picture("JPEG")), await caller.uploaded(picture("PNG"))
    assert (await caller.submit(PRO, image_urls=[reference], mask_url=mask)).status == 200


@pytest.mark.parametrize(
    ("mask", "references"),
    [(picture("PNG", (31, 20)), 1), (picture("JPEG"), 1), (picture("PNG"), 0)],
    ids=["size", "type", "no reference"],
)
async def test_a_mask_that_does_not_fit_is_refused(caller: Caller, mask: bytes, references: int) -> None:
    urls = [await caller.uploaded()] * references
    answer = await caller.submit(PRO, image_urls=urls, mask_url=await caller.uploaded(mask))
    assert answer.error == INVALID
